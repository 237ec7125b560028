/** The viewer of the array. */

import { save } from '../core/actions';
import { h, listen } from '../core/dom';
import { button, section } from '../core/fields';
import type { Tool } from '../core/gestures';
import { HoverCard } from '../core/hover-card';
import { handleKey } from '../core/keymap';
import { lengthText } from '../core/plane';
import type { PlaneStage } from '../core/plane-stage';
import { type MountOptions, Shell } from '../core/shell';
import { StateCards } from '../core/state-cards';
import type { Transport } from '../core/transport';
import type { Point } from '../core/view';
import { legend } from './colours';
import { type CommandHost, perform } from './commands';
import { Controls } from './controls';
import { Details } from './details';
import { Fetched } from './fetched';
import { isDrawn, type Projection, unproject } from './geometry';
import { HELP, KEYS } from './keys';
import { LengthsPlot } from './lengths';
import { ArrayMap } from './map';
import { AntennaModel, type Session } from './model';
import { type Antenna, type AntennaState, type Layout, type Lengths, type StateKey, TABS, type UvResult } from './protocol';
import { antennaLines, antennaText, layoutText } from './readout';
import { AntennaTable } from './table';
import { Tabs } from './tabs';
import { toolItems } from './tools';
import { UvPlot } from './uv';

/** As many uv points as are asked for. */
const MOST_POINTS = 200_000;

/** Shows the layout of an array in `el` until `signal` fires. */
export function mountAntennaLayout(el: HTMLElement, transport: Transport, signal: AbortSignal, options: MountOptions = {}): void {
  new AntennaView(el, transport, signal, options);
}

class AntennaView implements CommandHost {
  readonly model: AntennaModel;
  readonly shell: Shell;
  readonly map: ArrayMap;
  private readonly cards: StateCards;
  private readonly tabs: Tabs;
  private readonly legendBox = h('div', { class: 'dsa-legend-box' });
  private readonly uv: UvPlot;
  private readonly lengths: LengthsPlot;
  private readonly uvData: Fetched<UvResult>;
  private readonly lengthsData: Fetched<Lengths>;
  private readonly table: AntennaTable;
  private readonly details: Details;
  private readonly controls: Controls;
  private readonly card = new HoverCard();
  private readonly chip: HTMLElement;
  private readonly chipText = h('span', { class: 'dsa-num' });

  constructor(
    el: HTMLElement,
    transport: Transport,
    signal: AbortSignal,
    private readonly options: MountOptions
  ) {
    this.model = new AntennaModel(transport, signal);
    const { model } = this;
    const cancel = (): void => void model.request('cancel');
    this.shell = new Shell(
      el,
      {
        label: 'Layout of the array',
        tools: toolItems({ act: action => perform(action, this), save: format => void save(model, format, signal) }),
        help: HELP,
        cancel
      },
      signal
    );
    const { shell } = this;
    shell.root.dataset.view = 'antennas';
    this.cards = new StateCards(
      shell,
      { cancel, retry: () => void model.request('retry'), state: () => model.state.value },
      {
        reading: 'Reading the antennas',
        empty: 'No Measurement Set yet',
        emptyHint: 'Set the path in Python: AntennaLayout("observation.ms")',
        snapshot: options.snapshot ?? '',
        served: options.served
      }
    );
    const read = (text: string): void => shell.status.read(text);
    this.map = new ArrayMap(
      {
        hover: (antenna, at, place, projection) => this.hover(antenna, at, place, projection),
        pick: (id, add) => model.pick(id, add),
        reset: () => this.whole()
      },
      signal
    );
    this.map.stage.element.append(this.card.element);
    this.uv = new UvPlot(read, signal);
    this.lengths = new LengthsPlot(read, signal);
    this.uvData = new Fetched<UvResult>(
      model,
      'uv',
      'Reading the uv coverage',
      answer => this.uv.set(answer && { result: answer.result, ...uvArrays(answer.buffers) }, model.state.value.colormap),
      signal
    );
    this.lengthsData = new Fetched<Lengths>(
      model,
      'lengths',
      'Measuring the baselines',
      answer => this.lengths.set(answer?.result ?? null),
      signal
    );
    this.tabs = new Tabs(tab => model.set({ tab }), signal);
    this.tabs.panels.map.append(h('div', { class: 'dsa-panel-column' }, this.map.stage.element, this.legendBox));
    this.tabs.panels.uv.append(this.uv.element, this.uvData.element);
    this.tabs.panels.lengths.append(this.lengths.element, this.lengthsData.element);
    shell.stage.prepend(this.tabs.element, ...TABS.map(tab => this.tabs.panels[tab]));

    this.table = new AntennaTable({ pick: (id, add) => model.pick(id, add), hover: id => this.map.setHovered(id) }, signal);
    this.details = new Details(model, { read, baselines: baselines => this.map.setBaselines(baselines) }, signal);
    this.controls = new Controls(model, signal);
    shell.side.append(
      section('selected', 'Selected', true, this.details.element),
      section('antennas', 'Antennas', true, this.table.element),
      this.controls.element
    );
    this.chip = h(
      'span',
      { class: 'dsa-chip dsa-selection-chip', hidden: true },
      this.chipText,
      button({ icon: 'close', label: 'Clear the selection', key: 'Delete', name: 'clear', class: 'dsa-small' }, () => model.set({ selected: [] }), signal)
    );
    shell.status.extras.append(this.chip);
    this.setTool('pan');
    listen(shell.root, 'keydown', event => handleKey(event, KEYS, shell.side, action => perform(action, this)), signal);
    model.onNotice = ({ level, text }) => shell.notices.add(level, text, level === 'info' ? 6 : 0);
    model.onRefusal = refusal => {
      if (!this.controls.refuse(refusal)) {
        shell.notices.add('error', `${refusal.failure.message} ${refusal.failure.hint}`.trim(), 12);
      }
    };
    model.onAccepted = keys => this.controls.accept(keys);
    model.session.subscribe((session, changed) => this.sessionChanged(session, changed), signal);
    model.state.subscribe((state, changed) => this.stateChanged(state, changed), signal);
    this.showAll();
    void model.greet();
  }

  // ---- model

  private sessionChanged(session: Session, changed: ReadonlySet<keyof Session>): void {
    if (changed.has('greeted') && session.greeted) {
      this.options.onLive?.();
    }
    if (changed.has('layout')) {
      this.card.hide();
      this.showAll();
    }
    if (changed.has('source')) {
      this.showTitle();
    }
    this.showState();
  }

  private stateChanged(_state: AntennaState, changed: ReadonlySet<StateKey>): void {
    if (changed.has('title')) {
      this.showTitle();
    }
    this.showAll();
  }

  private get layout(): Layout | null {
    return this.model.session.value.layout;
  }

  /** Everything that follows from layout and controls; each part draws only what is new to it. */
  private showAll(): void {
    const { layout } = this;
    const { value: state } = this.model.state;
    this.tabs.show(state.tab);
    this.map.set(layout, state);
    this.table.set(layout, state);
    this.details.update(layout, state);
    this.showLegend(layout, state);
    this.showTools(state);
    this.fetch(layout, state);
    const n = state.selected.length;
    this.chip.hidden = n === 0;
    this.chipText.textContent = `${n} selected`;
    this.shell.status.setIdle(layout ? layoutText(layout) : '');
    this.shell.root.dataset.flags = layout?.flags === true ? 'known' : 'pending';
    this.shell.root.dataset.generation = String(layout?.generation ?? 0);
    this.shell.root.dataset.tab = state.tab;
    this.showTitle();
    this.showState();
  }

  private showTitle(): void {
    const { source } = this.model.session.value;
    const { title, path } = this.model.state.value;
    const { layout } = this;
    const count = layout ? `${layout.antennas.length} antennas` : '';
    const telescope = layout?.telescope ?? source.telescope ?? '';
    const name = source.name ?? path.split('/').pop() ?? '';
    this.shell.toolbar.setTitle(name, title ?? [telescope, count].filter(Boolean).join('  ·  '));
  }

  private showState(): void {
    const { layout } = this;
    const generation = layout?.generation ?? 0;
    // Positions come first: what is read after them adds to the picture.
    const adding = layout !== null && !this.model.session.value.waiting && !(layout.flags && (layout.amplitudes || layout.kind === 'caltable'));
    this.cards.show({ session: this.model.session.value, path: this.model.state.value.path, told: generation, drawn: generation, adding });
  }

  private showLegend(layout: Layout | null, state: AntennaState): void {
    const drawn = layout?.antennas.filter(antenna => isDrawn(antenna, state)) ?? [];
    this.legendBox.replaceChildren();
    if (layout) {
      this.legendBox.append(legend(state, layout.flags, drawn.some(antenna => !antenna.has_data)));
    }
  }

  private showTools({ zoom, scale }: AntennaState): void {
    const { toolbar } = this.shell;
    toolbar.press('reset', zoom === 'all');
    toolbar.press('zoom-core', zoom === 'core');
    toolbar.press('zoom-outriggers', zoom === 'outriggers');
    toolbar.press('log', scale === 'log');
  }

  /** Asks for what the tab in front shows. */
  private fetch(layout: Layout | null, state: AntennaState): void {
    const generation = layout?.generation ?? 0;
    if (state.tab === 'uv') {
      this.uvData.want(layout ? `${generation}/${state.uv_color}` : '', { generation, max_points: MOST_POINTS });
      this.uv.recolour(state.colormap);
    } else if (state.tab === 'lengths') {
      this.lengthsData.want(layout ? String(generation) : '', { generation });
    }
  }

  // ---- what the user does

  private hover(antenna: Antenna | null, at: Point | null, place: Point | null, projection: Projection): void {
    const { layout, shell } = this;
    this.table.setHovered(antenna?.id ?? null);
    if (!layout || !at || !place) {
      this.card.hide();
      shell.status.read('');
      return;
    }
    if (antenna) {
      this.card.show(at, antennaLines(antenna, layout), this.map.stage.element);
      shell.status.read(antennaText(antenna, this.model.state.value));
    } else {
      this.card.hide();
      const { x, y } = unproject(place, projection);
      shell.status.read(`East ${lengthText(x)}  ·  North ${lengthText(y)}`);
    }
  }

  stage(): PlaneStage | null {
    const { tab } = this.model.state.value;
    return tab === 'map' ? this.map.stage : tab === 'uv' ? this.uv.stage : null;
  }

  whole(): void {
    if (this.model.state.value.tab === 'uv') {
      this.uv.fit();
    } else {
      this.model.set({ zoom: 'all' });
      this.map.fit();
    }
  }

  toggleHoverCard(): void {
    this.card.enabled = !this.card.enabled;
    if (!this.card.enabled) {
      this.card.hide();
    }
  }

  setTool(tool: Tool): void {
    this.map.stage.setTool(tool);
    this.uv.stage.setTool(tool);
    this.shell.root.dataset.tool = tool;
    for (const name of ['pan', 'zoom'] as const) {
      this.shell.toolbar.press(`tool-${name}`, name === tool);
    }
  }
}

function uvArrays(buffers: readonly DataView[]): { u: Float32Array; v: Float32Array; value: Float32Array } {
  const [u, v, value] = [0, 1, 2].map(i => floats(buffers[i]));
  return { u: u!, v: v!, value: value! };
}

/** A copy: what comes over the wire need not begin at a multiple of four bytes. */
function floats(view: DataView | undefined): Float32Array {
  if (!view) {
    return new Float32Array(0);
  }
  return new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}
