/** The side panel: a control for everything the kernel takes, in sections, most used first. */

import { type AnyField, FieldBook } from '../core/field-book';
import type { Choice, Field, SelectField, TextField } from '../core/fields';
import { button, checkField, row, section, selectField, textField } from '../core/fields';
import { h } from '../core/dom';
import { formatNumber } from '../core/format';
import type { HistogramPanel } from '../core/histogram';
import type { Refusal } from '../core/model';
import type { Limits } from '../core/stretch';
import type { RasterModel } from './model';
import type { Choices, Named, RasterState, StateKey } from './protocol';

const SELECTION: readonly (readonly [key: string, label: string, placeholder: string])[] = [
  ['spw', 'Spectral windows', '0:10~50'],
  ['field', 'Fields', '0, 1331*'],
  ['scan', 'Scans', '1~5'],
  ['correlation', 'Correlations', 'RR, LL'],
  ['antenna', 'Antennas and baselines', 'ea01&ea02; !ea05'],
  ['timerange', 'Time range', '10:00:00~10:30:00'],
  ['uvrange', 'uv range', '>1klambda']
];

const STRETCH_LABELS: Readonly<Record<string, string>> = {
  linear: 'Linear',
  log: 'Logarithmic',
  sqrt: 'Square root',
  square: 'Square',
  asinh: 'Asinh',
  power: 'Power',
  histogram: 'Histogram equalised'
};

const MODE_LABELS: Readonly<Record<string, string>> = {
  auto: 'Auto (3 σ)',
  percentile: 'Percentile',
  minmax: 'Min to max',
  manual: 'By hand'
};

/** Sub-plots along one side, as many as the kernel takes. */
const MOST_PANELS = 10;

export class Controls {
  readonly element = h('div', { class: 'dsa-controls' });
  private readonly book = new FieldBook(this.element);
  private readonly selects = new Map<StateKey, SelectField>();
  private readonly checks = new Map<StateKey, Field<boolean>>();
  private readonly selection = new Map<string, TextField>();
  private readonly lo: TextField;
  private readonly hi: TextField;
  private readonly percentile: TextField;
  private readonly rows: SelectField;
  private readonly columns: SelectField;
  /** The part of the selection changed last: an error without a key is about it. */
  private lastSelection = '';

  constructor(
    private readonly model: RasterModel,
    histogram: HistogramPanel,
    private readonly signal: AbortSignal
  ) {
    const number = (name: string, label: string, change: (value: number) => void, title: string): TextField =>
      this.keep(
        name,
        textField(name, label, text => this.number(name, text, change), signal, { numeric: true, title })
      );
    this.lo = number('limits.lo', 'From', v => this.setLimit(0, v), 'Lower colour limit');
    this.hi = number('limits.hi', 'To', v => this.setLimit(1, v), 'Upper colour limit');
    this.percentile = number(
      'percentile',
      'Percent inside',
      v => model.set({ limits_mode: 'percentile', percentile: v }),
      'Share of the values between the limits'
    );
    const counts = Array.from({ length: MOST_PANELS }, (_, i) => ({ value: String(i + 1), label: String(i + 1) }));
    const subplots = (name: string, label: string, at: 0 | 1): SelectField => {
      const field = this.keep(name, selectField(name, label, v => this.setSubplots(at, Number(v)), signal));
      field.setChoices(counts);
      return field;
    };
    this.rows = subplots('subplots.rows', 'Sub-plot rows', 0);
    this.columns = subplots('subplots.columns', 'Columns', 1);

    const swap = button(
      { icon: 'swap', label: 'Swap the axes', name: 'swap', class: 'dsa-small dsa-swap' },
      () => model.set({ x: model.state.value.y, y: model.state.value.x }),
      signal
    );
    const restore = button(
      { label: 'Clear the selection', text: 'Clear', name: 'clear-selection', class: 'dsa-text-button' },
      () => model.set({ selection: {} }),
      signal
    );
    this.element.append(
      section(
        'plot',
        'Plot',
        true,
        this.select('preset', 'Preset', true).element,
        row(this.select('x', 'Horizontal').element, swap, this.select('y', 'Vertical').element)
      ),
      section(
        'data',
        'Data',
        true,
        row(this.select('quantity', 'Quantity').element, this.select('column', 'Column', true).element),
        row(this.select('aggregator', 'Statistic').element, this.select('averaging', 'Averaging').element),
        row(this.select('baseline_order', 'Baselines by').element, h('div', { class: 'dsa-checks' }, this.check('weighted', 'Weighted').element, this.check('autocorrelations', 'Autocorrelations').element))
      ),
      section(
        'colour',
        'Colour',
        true,
        histogram.element,
        row(this.select('limits_mode', 'Limits').element, this.percentile.element),
        row(this.lo.element, this.hi.element),
        row(this.select('colormap', 'Colour map').element, this.select('stretch', 'Stretch').element),
        row(this.select('flagged_colormap', 'Flagged cells').element, h('div', { class: 'dsa-checks' }, this.check('show_flagged', 'Show flagged').element))
      ),
      section(
        'selection',
        'Selection',
        false,
        ...SELECTION.map(([key, label, placeholder]) => this.selectionField(key, label, placeholder).element),
        restore
      ),
      section(
        'iterate',
        'Iterate and sub-plots',
        false,
        this.select('iterate', 'Iterate over', true).element,
        row(this.rows.element, this.columns.element)
      )
    );
    model.state.subscribe((state, changed) => this.show(state, changed), signal);
    model.session.subscribe((session, changed) => changed.has('choices') && this.offer(session.choices), signal);
    this.offer(model.session.value.choices);
    this.show(model.state.value, new Set(Object.keys(model.state.value) as StateKey[]));
  }

  /** Puts the error under the field it is about; says whether there is one. */
  refuse({ keys, failure }: Refusal): boolean {
    const key = keys.find(k => this.book.has(k) || k === 'selection' || k === 'limits' || k === 'subplots');
    const name =
      key === 'selection' ? `selection.${this.lastSelection}` : key === 'limits' ? 'limits.lo' : key === 'subplots' ? 'subplots.rows' : key;
    return name !== undefined && this.book.refuse(name, failure.message, failure.hint);
  }

  /** Takes the errors away from fields whose change went through. */
  accept(keys: readonly string[]): void {
    this.book.accept(keys);
  }

  private keep<F extends AnyField>(name: string, field: F): F {
    return this.book.keep(name, field);
  }

  private select(key: StateKey, label: string, optional = false): SelectField {
    const field = this.keep(
      key,
      selectField(key, label, value => this.model.set({ [key]: optional && value === '' ? null : value }), this.signal)
    );
    this.selects.set(key, field);
    return field;
  }

  private check(key: StateKey, label: string): Field<boolean> {
    const field = this.keep(key, checkField(key, label, value => this.model.set({ [key]: value }), this.signal));
    this.checks.set(key, field);
    return field;
  }

  private selectionField(key: string, label: string, placeholder: string): TextField {
    const name = `selection.${key}`;
    const change = (text: string): void => {
      this.lastSelection = key;
      const others = Object.entries(this.model.state.value.selection).filter(([other]) => other !== key);
      this.model.set({ selection: Object.fromEntries(text ? [...others, [key, text]] : others) });
    };
    const field = this.keep(name, textField(name, label, change, this.signal, { placeholder }));
    this.selection.set(key, field);
    return field;
  }

  private number(name: string, text: string, change: (value: number) => void): void {
    const value = this.book.number(name, text);
    if (value !== null) {
      change(value);
    }
  }

  private setLimit(which: 0 | 1, value: number): void {
    const [lo, hi] = this.model.state.value.limits ?? this.model.session.value.picture?.limits ?? [0, 1];
    const limits: Limits = which === 0 ? [value, hi] : [lo, value];
    if (!(limits[0] < limits[1])) {
      const name = which === 0 ? 'limits.lo' : 'limits.hi';
      this.book.setError(name, which === 0 ? 'Must be below the upper limit.' : 'Must be above the lower limit.');
      return;
    }
    this.lo.setError('');
    this.hi.setError('');
    this.model.set({ limits_mode: 'manual', limits });
  }

  private setSubplots(at: 0 | 1, n: number): void {
    const [rows, columns] = this.model.state.value.subplots;
    this.model.set({ subplots: at === 0 ? [n, columns] : [rows, n] });
  }

  private offer(choices: Choices): void {
    const offer = (key: StateKey, names: Named[] | undefined, first?: string, labels: Readonly<Record<string, string>> = {}): void => {
      const list: Choice[] = (names ?? []).map(named => {
        const { name, label } = typeof named === 'string' ? { name: named, label: labels[named] ?? tidy(named) } : named;
        return { value: name, label };
      });
      this.selects.get(key)?.setChoices(first === undefined ? list : [{ value: '', label: first }, ...list]);
    };
    offer('preset', choices.presets, '–');
    offer('x', choices.axes);
    offer('y', choices.axes);
    offer('iterate', choices.axes, 'nothing');
    offer('quantity', choices.quantities);
    offer('column', (choices.columns ?? []).map(verbatim), 'Automatic');
    offer('aggregator', choices.aggregators);
    offer('averaging', choices.averagings);
    offer('baseline_order', choices.baseline_orders ?? ['id', 'length'], undefined, { id: 'antenna number' });
    offer('colormap', (choices.colormaps ?? []).map(verbatim));
    offer('flagged_colormap', (choices.colormaps ?? []).map(verbatim));
    offer('stretch', choices.stretches, undefined, STRETCH_LABELS);
    offer('limits_mode', choices.limits_modes, undefined, MODE_LABELS);
    for (const [key, field] of this.selection) {
      field.setSuggestions(choices.suggestions?.[key] ?? []);
    }
  }

  private show(state: RasterState, changed: ReadonlySet<StateKey>): void {
    for (const [key, field] of this.selects) {
      if (changed.has(key)) {
        const value = state[key];
        field.set(typeof value === 'string' ? value : '');
      }
    }
    for (const [key, field] of this.checks) {
      if (changed.has(key)) {
        field.set(state[key] === true);
      }
    }
    if (changed.has('selection')) {
      for (const [key, field] of this.selection) {
        field.set(state.selection[key] ?? '');
      }
    }
    if (changed.has('subplots')) {
      this.rows.set(String(state.subplots[0]));
      this.columns.set(String(state.subplots[1]));
    }
    if (changed.has('percentile')) {
      this.percentile.set(String(state.percentile));
    }
    if (changed.has('limits') && state.limits) {
      this.showLimits(state.limits);
    }
  }

  /** The limits in force, whoever made them. */
  showLimits(limits: Limits): void {
    this.lo.set(formatNumber(limits[0], undefined, 4).replace('−', '-'));
    this.hi.set(formatNumber(limits[1], undefined, 4).replace('−', '-'));
  }
}

function verbatim(named: Named): Named {
  return typeof named === 'string' ? { name: named, label: named } : named;
}

/** "flag_fraction" as "flag fraction". */
function tidy(name: string): string {
  return name.replace(/_/g, ' ');
}
