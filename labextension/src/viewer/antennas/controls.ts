/** The controls in the side panel: colours, map, uv coverage. */

import { h } from '../core/dom';
import { FieldBook } from '../core/field-book';
import { button, checkField, type Choice, type Field, row, section, type SelectField, selectField, type TextField, textField } from '../core/fields';
import { COLORMAP_NAMES } from '../core/colormaps';
import { formatNumber } from '../core/format';
import type { Refusal } from '../core/model';
import type { AntennaModel } from './model';
import type { Antenna, AntennaState, StateKey } from './protocol';

const CHOICES: Partial<Readonly<Record<StateKey, readonly Choice[]>>> = {
  color_by: [
    { value: 'class', label: 'Three classes' },
    { value: 'fraction', label: 'Colour map' }
  ],
  flags_of: [
    { value: 'cross', label: 'Cross-correlations' },
    { value: 'all', label: 'All, with auto' }
  ],
  labels: [
    { value: 'name', label: 'Names' },
    { value: 'id', label: 'Ids' },
    { value: 'none', label: 'None' }
  ],
  scale: [
    { value: 'linear', label: 'Linear' },
    { value: 'log', label: 'Logarithmic' }
  ],
  zoom: [
    { value: 'all', label: 'All antennas' },
    { value: 'core', label: 'Core' },
    { value: 'outriggers', label: 'Outriggers' }
  ],
  uv_color: [
    { value: 'baseline', label: 'Baseline length' },
    { value: 'time', label: 'Time' },
    { value: 'flagged', label: 'Flagged share' }
  ]
};

/** Ids of the antennas in a list of names or ids; the first entry that is neither. A name comes before an id. */
export function parseAntennas(text: string, antennas: readonly Antenna[]): { ids: number[]; unknown: string | null } {
  const ids: number[] = [];
  for (const word of text.split(/[,;\s]+/).filter(Boolean)) {
    const found = antennas.find(({ name }) => name === word) ?? antennas.find(({ id }) => String(id) === word);
    if (!found) {
      return { ids, unknown: word };
    }
    if (!ids.includes(found.id)) {
      ids.push(found.id);
    }
  }
  return { ids, unknown: null };
}

export class Controls {
  readonly element = h('div', { class: 'dsa-controls' });
  private readonly book = new FieldBook(this.element);
  private readonly selects = new Map<StateKey, SelectField>();
  private readonly withData: Field<boolean>;
  private readonly exclude: TextField;
  private readonly thresholds: readonly [TextField, TextField];

  constructor(
    private readonly model: AntennaModel,
    private readonly signal: AbortSignal
  ) {
    this.thresholds = [this.threshold(0, 'Amber from (%)'), this.threshold(1, 'Red over (%)')];
    this.withData = this.book.keep(
      'only_with_data',
      checkField('only_with_data', 'Only with data', value => model.set({ only_with_data: value }), signal)
    );
    this.exclude = this.book.keep(
      'exclude',
      textField('exclude', 'Not drawn', text => this.setExclude(text), signal, { placeholder: 'names or ids, with commas' })
    );
    const hide = button(
      { label: 'Do not draw the selected antennas', text: 'Hide selected', name: 'exclude-selected', class: 'dsa-text-button' },
      () => this.excludeSelected(),
      signal
    );
    const restore = button(
      { label: 'Draw all antennas', text: 'Show all', name: 'exclude-none', class: 'dsa-text-button' },
      () => model.set({ exclude: [] }),
      signal
    );
    this.element.append(
      section(
        'colour',
        'Colour',
        false,
        row(this.select('color_by', 'Colours by').element, this.select('flags_of', 'Flags of').element),
        row(this.thresholds[0].element, this.thresholds[1].element),
        row(this.select('colormap', 'Colour map').element, this.select('uv_color', 'uv points by').element)
      ),
      section(
        'map',
        'Map',
        false,
        row(this.select('labels', 'Labels').element, this.select('scale', 'Distances').element),
        row(this.select('zoom', 'Zoom').element, h('div', { class: 'dsa-checks' }, this.withData.element)),
        this.exclude.element,
        row(hide, restore)
      )
    );
    model.state.subscribe((state, changed) => this.show(state, changed), signal);
    model.session.subscribe((_, changed) => {
      if (changed.has('choices')) {
        this.offer();
      }
      if (changed.has('layout')) {
        this.show(model.state.value, new Set(['exclude']));
      }
    }, signal);
    this.offer();
    this.show(model.state.value, new Set(Object.keys(model.state.value) as StateKey[]));
  }

  /** Puts the error under the field it is about; says whether there is one. */
  refuse({ keys, failure }: Refusal): boolean {
    return keys.some(key => this.book.refuse(key === 'thresholds' ? 'thresholds.0' : key, failure.message, failure.hint));
  }

  accept(keys: readonly string[]): void {
    this.book.accept(keys);
  }

  private get antennas(): readonly Antenna[] {
    return this.model.session.value.layout?.antennas ?? [];
  }

  private select(key: StateKey, label: string): SelectField {
    const field = this.book.keep(key, selectField(key, label, value => this.model.set({ [key]: value }), this.signal));
    this.selects.set(key, field);
    return field;
  }

  private threshold(which: 0 | 1, label: string): TextField {
    const name = `thresholds.${which}`;
    const change = (text: string): void => {
      const percent = this.book.number(name, text);
      if (percent !== null) {
        this.setThreshold(which, percent);
      }
    };
    return this.book.keep(name, textField(name, label, change, this.signal, { numeric: true, title: 'Share of flagged data' }));
  }

  private setThreshold(which: 0 | 1, percent: number): void {
    const name = `thresholds.${which}`;
    const [fair, bad] = this.model.state.value.thresholds;
    const share = percent / 100;
    const thresholds: AntennaState['thresholds'] = which === 0 ? [share, bad] : [fair, share];
    if (!(share >= 0 && share <= 1)) {
      this.book.setError(name, 'Not a percentage.', 'From 0 to 100.');
    } else if (thresholds[0] >= thresholds[1]) {
      this.book.setError(name, which === 0 ? 'Must be below the other.' : 'Must be above the other.');
    } else {
      this.book.accept(['thresholds']);
      this.model.set({ thresholds });
    }
  }

  private setExclude(text: string): void {
    const { ids, unknown } = parseAntennas(text, this.antennas);
    if (unknown !== null) {
      this.book.setError('exclude', `There is no antenna ${unknown}.`, 'Names or ids, with commas between them.');
      return;
    }
    this.book.setError('exclude', '');
    this.model.set({ exclude: ids });
  }

  private excludeSelected(): void {
    const { exclude, selected } = this.model.state.value;
    this.model.set({ exclude: [...new Set([...exclude, ...selected])], selected: [] });
  }

  private offer(): void {
    for (const [key, field] of this.selects) {
      const names = this.model.session.value.choices.colormaps ?? COLORMAP_NAMES;
      field.setChoices(key === 'colormap' ? names.map(value => ({ value, label: value })) : (CHOICES[key] ?? []));
    }
  }

  private show(state: AntennaState, changed: ReadonlySet<StateKey>): void {
    for (const [key, field] of this.selects) {
      if (changed.has(key)) {
        field.set(String(state[key] ?? ''));
      }
    }
    if (changed.has('only_with_data')) {
      this.withData.set(state.only_with_data);
    }
    if (changed.has('thresholds')) {
      state.thresholds.forEach((share, i) => this.thresholds[i as 0 | 1].set(formatNumber(100 * share, undefined, 4)));
    }
    if (changed.has('exclude')) {
      const names = state.exclude.map(id => this.model.antenna(id)?.name ?? String(id));
      this.exclude.set(names.join(', '));
      this.exclude.setSuggestions(this.antennas.map(({ name }) => name));
    }
  }
}
