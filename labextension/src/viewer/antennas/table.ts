/** All antennas in a table that can be sorted: for the keyboard, for screen readers, and for finding one by its name. */

import { h, listen, setAttributes, setText } from '../core/dom';
import { formatNumber, formatPercent } from '../core/format';
import { classOf, colourOf } from './colours';
import { isDrawn, shareOf } from './geometry';
import type { Antenna, AntennaState, Layout, StateKey } from './protocol';

export interface TableHost {
  pick(id: number, add: boolean): void;
  /** A row is under the pointer or in focus. */
  hover(id: number | null): void;
}

interface Column {
  key: string;
  label: string;
  title: string;
  numeric: boolean;
  value: (antenna: Antenna, state: AntennaState) => string | number | null;
  text: (antenna: Antenna, state: AntennaState) => string;
}

/** From this extent on, positions are in km. */
const KILOMETRES = 2e4;

const COLUMNS: readonly Column[] = [
  { key: 'name', label: 'Name', title: 'Name', numeric: false, value: a => a.name, text: a => a.name },
  { key: 'station', label: 'Station', title: 'Station', numeric: false, value: a => a.station, text: a => a.station },
  {
    key: 'flagged',
    label: 'Flagged',
    title: 'Flagged share',
    numeric: true,
    value: (a, state) => (a.has_data ? shareOf(a, state.flags_of) : null),
    text: (a, state) => {
      const share = shareOf(a, state.flags_of);
      return !a.has_data ? 'no data' : share === null ? '…' : formatPercent(100 * share);
    }
  },
  { key: 'baselines', label: 'Bl.', title: 'Baselines with data', numeric: true, value: a => a.n_baselines, text: a => String(a.n_baselines) },
  { key: 'e', label: 'E', title: 'Distance east of the centre', numeric: true, value: position(a => a.e), text: () => '' },
  { key: 'n', label: 'N', title: 'Distance north of the centre', numeric: true, value: position(a => a.n), text: () => '' }
];

function position(of: (antenna: Antenna) => number | null): Column['value'] {
  return antenna => (antenna.zero_position ? null : of(antenna));
}

/** The controls that the rows depend on, but for the selection. */
const LOOKS: readonly StateKey[] = ['exclude', 'only_with_data', 'flags_of', 'thresholds', 'color_by', 'colormap'];

/** Names as people count: 2 before 10. */
const collator = new Intl.Collator('en', { numeric: true });

/** The antennas in the order of a column; what has no value comes last, either way. */
export function sorted(antennas: readonly Antenna[], key: string, descending: boolean, state: AntennaState): Antenna[] {
  const column = COLUMNS.find(c => c.key === key) ?? COLUMNS[0]!;
  return [...antennas].sort((p, q) => {
    const [a, b] = [column.value(p, state), column.value(q, state)];
    if (a === null || b === null) {
      return a === b ? p.id - q.id : a === null ? 1 : -1;
    }
    const order = typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
    return (descending ? -order : order) || p.id - q.id;
  });
}

export class AntennaTable {
  readonly element: HTMLElement;
  private readonly head = h('tr', {});
  private readonly body = h('tbody', {});
  private readonly rows = new Map<number, HTMLTableRowElement>();
  private kilometres = false;
  private sortKey = 'name';
  private descending = false;
  private focused: number | null = null;
  /** The selected antenna that the table has been scrolled to. */
  private revealed: number | null = null;
  private layout: Layout | null = null;
  private state: AntennaState | null = null;

  constructor(
    private readonly host: TableHost,
    signal: AbortSignal
  ) {
    for (const { key, label, title, numeric } of COLUMNS) {
      const press = h('button', { type: 'button', class: 'dsa-sort', title: `Sort by ${title.toLowerCase()}`, 'data-sort': key }, label);
      listen(press, 'click', () => this.sortBy(key), signal);
      this.head.append(h('th', { scope: 'col', class: numeric ? 'dsa-numeric' : null, 'data-column': key }, press));
    }
    const table = h(
      'table',
      { class: 'dsa-table', role: 'grid', 'aria-multiselectable': 'true', 'aria-label': 'Antennas' },
      h('thead', {}, this.head),
      this.body
    );
    this.element = h('div', { class: 'dsa-table-box' }, table);
    listen(this.body, 'click', event => this.clicked(event), signal);
    listen(this.body, 'keydown', event => this.key(event), signal);
    listen(this.body, 'pointerover', event => host.hover(idOf(event.target)), signal);
    listen(this.body, 'pointerleave', () => host.hover(null), signal);
    listen(this.body, 'focusin', event => host.hover(idOf(event.target)), signal);
    listen(this.body, 'focusout', () => host.hover(null), signal);
  }

  set(layout: Layout | null, state: AntennaState): void {
    const same = layout === this.layout && this.state !== null && LOOKS.every(key => this.state![key] === state[key]);
    this.layout = layout;
    this.state = state;
    if (!same) {
      this.draw();
    }
    for (const [id, row] of this.rows) {
      row.setAttribute('aria-selected', String(state.selected.includes(id)));
    }
    const picked = state.selected[state.selected.length - 1] ?? null;
    const row = picked === null || picked === this.revealed ? undefined : this.rows.get(picked);
    if (row || picked === null) {
      this.revealed = picked;
    }
    if (row && !this.body.contains(document.activeElement)) {
      this.reveal(row);
    }
  }

  setHovered(id: number | null): void {
    for (const [other, row] of this.rows) {
      row.classList.toggle('dsa-hovered', other === id);
    }
  }

  private sortBy(key: string): void {
    this.descending = this.sortKey === key ? !this.descending : key === 'flagged';
    this.sortKey = key;
    this.draw();
  }

  private draw(): void {
    const { layout, state } = this;
    for (const cell of this.head.children) {
      const own = cell.getAttribute('data-column') === this.sortKey;
      setAttributes(cell, { 'aria-sort': own ? (this.descending ? 'descending' : 'ascending') : 'none' });
    }
    this.kilometres = layout?.antennas.some(({ e, n }) => Math.abs(e ?? 0) >= KILOMETRES || Math.abs(n ?? 0) >= KILOMETRES) ?? false;
    for (const key of ['e', 'n']) {
      const label = `${key.toUpperCase()} (${this.kilometres ? 'km' : 'm'})`;
      setText(this.head.querySelector(`[data-sort="${key}"]`)!, label);
    }
    const antennas = layout && state ? sorted(layout.antennas, this.sortKey, this.descending, state) : [];
    const hadFocus = this.body.contains(document.activeElement);
    this.rows.clear();
    this.body.replaceChildren(...antennas.map(antenna => this.row(antenna)));
    const first = antennas.find(({ id }) => id === this.focused) ?? antennas[0];
    const row = first && this.rows.get(first.id);
    if (row) {
      row.tabIndex = 0;
      if (hadFocus) {
        row.focus({ preventScroll: true });
      }
    }
  }

  private row(antenna: Antenna): HTMLTableRowElement {
    const state = this.state!;
    const cells = COLUMNS.map(({ key, numeric, text }) => {
      const shown = key === 'e' || key === 'n' ? this.distance(antenna[key]) : text(antenna, state);
      const mark = key === 'name' ? colourKey(antenna, state) : null;
      return h('td', { class: numeric ? 'dsa-numeric' : null, title: numeric ? null : shown }, mark, shown);
    });
    if (antenna.zero_position) {
      const unknown = h('td', { colspan: 2, class: 'dsa-numeric', title: 'Its position in the table of antennas is zero: it is not on the map.' }, 'no position');
      cells.splice(4, 2, unknown);
    }
    const row = h(
      'tr',
      {
        tabindex: -1,
        'data-row': antenna.id,
        'data-zero-position': antenna.zero_position,
        'aria-selected': String(state.selected.includes(antenna.id)),
        class: isDrawn(antenna, state) ? null : 'dsa-away'
      },
      ...cells
    );
    this.rows.set(antenna.id, row);
    return row;
  }

  private distance(metres: number | null): string {
    return metres === null ? '–' : formatNumber(this.kilometres ? metres / 1e3 : metres, 0.1);
  }

  private clicked(event: MouseEvent): void {
    const id = idOf(event.target);
    if (id !== null) {
      this.focusRow(id);
      this.host.pick(id, event.shiftKey || event.ctrlKey || event.metaKey);
    }
  }

  private key(event: KeyboardEvent): void {
    const id = idOf(event.target);
    if (id === null || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const order = [...this.rows.keys()];
    const at = order.indexOf(id);
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + 10,
      PageUp: at - 10,
      Home: 0,
      End: order.length - 1
    };
    const to = moves[event.key];
    if (to !== undefined) {
      this.focusRow(order[Math.min(order.length - 1, Math.max(0, to))]!);
    } else if (event.key === 'Enter' || event.key === ' ') {
      this.host.pick(id, event.shiftKey);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private focusRow(id: number): void {
    const row = this.rows.get(id);
    if (row) {
      this.rows.forEach(other => {
        other.tabIndex = -1;
      });
      this.focused = id;
      row.tabIndex = 0;
      row.focus({ preventScroll: true });
      this.reveal(row);
    }
  }

  /** Scrolls the table only, not the page around it. */
  private reveal(row: HTMLElement): void {
    const { element } = this;
    const [outer, inner] = [element.getBoundingClientRect(), row.getBoundingClientRect()];
    const head = this.head.offsetHeight;
    element.scrollTop += Math.max(0, inner.bottom - outer.bottom) + Math.min(0, inner.top - outer.top - head);
  }
}

/** A dot in the colour that the antenna has on the map. */
function colourKey(antenna: Antenna, state: AntennaState): HTMLElement {
  const mark = h('span', { class: `dsa-key dsa-class-${classOf(antenna, state)}`, 'aria-hidden': 'true' });
  if (state.color_by === 'fraction' && antenna.has_data) {
    mark.style.background = colourOf(shareOf(antenna, state.flags_of), state.colormap) ?? '';
  }
  return mark;
}

function idOf(target: EventTarget | null): number | null {
  const row = target instanceof Element ? target.closest<HTMLElement>('tr[data-row]') : null;
  return row ? Number(row.dataset.row) : null;
}
