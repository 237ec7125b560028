/** The side panel: a control for everything the kernel takes, in sections, most used first. */

import { h, setText } from '../core/dom';
import { type AnyField, FieldBook, scrollWithin } from '../core/field-book';
import { type Choice, checkField, type Field, row, section, type SelectField, selectField, type TextField, textField } from '../core/fields';
import { formatCount, formatNumber } from '../core/format';
import type { HistogramPanel } from '../core/histogram';
import type { Refusal } from '../core/model';
import type { Limits } from '../core/stretch';
import { beamText } from './beam';
import type { ImageModel, Session } from './model';
import { FRAMES, type ImageInfo, type ImageState, type StateKey } from './protocol';
import { angleText, FRAME_LABELS } from './sky';
import { type ShownUnit, valueText } from './units';

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
  zscale: 'zscale',
  percentile: 'Percentile',
  minmax: 'Min to max',
  symmetric: 'Symmetric',
  manual: 'By hand'
};

const COMPARE_LABELS: Readonly<Record<string, string>> = { off: 'Off', blink: 'Blink', swipe: 'Swipe', difference: 'Difference' };
const STYLE_LABELS: Readonly<Record<string, string>> = { sexagesimal: 'Sexagesimal', degrees: 'Degrees' };

export class Controls {
  readonly element = h('div', { class: 'dsa-controls' });
  private readonly book = new FieldBook(this.element);
  private readonly selects = new Map<StateKey, SelectField>();
  private readonly checks = new Map<StateKey, Field<boolean>>();
  private readonly lo: TextField;
  private readonly hi: TextField;
  private readonly percentile: TextField;
  private readonly levels: TextField;
  private readonly blink: TextField;
  private readonly second: TextField;
  private readonly facts = h('dl', { class: 'dsa-facts' });
  private unit: ShownUnit = { unit: '', factor: 1 };

  constructor(
    private readonly model: ImageModel,
    histogram: HistogramPanel,
    profiles: HTMLElement,
    private readonly signal: AbortSignal
  ) {
    const number = (name: string, label: string, change: (value: number) => void, title: string): TextField =>
      this.keep(name, textField(name, label, text => this.number(name, text, change), signal, { numeric: true, title }));
    this.lo = number('limits.lo', 'From', v => this.setLimit(0, v), 'Lower colour limit');
    this.hi = number('limits.hi', 'To', v => this.setLimit(1, v), 'Upper colour limit');
    this.percentile = number('percentile', 'Percent inside', v => model.set({ limits_mode: 'percentile', percentile: v }), 'Share of the values between the limits');
    this.blink = number('blink_ms', 'Each for (ms)', v => model.set({ blink_ms: v }), 'Time of each image when blinking');
    this.levels = this.keep('contour_levels', textField('contour_levels', 'Levels (σ)', text => this.setLevels(text), signal, { title: 'In units of the noise, with commas between them' }));
    this.second = this.keep('compare', textField('compare', 'Second image', text => model.set({ compare: text }), signal, { placeholder: 'path of a FITS or CASA image' }));
    this.element.append(
      section('colours', 'Colours', true, histogram.element, row(this.select('limits_mode', 'Limits').element, this.percentile.element), row(this.lo.element, this.hi.element), row(this.select('colormap', 'Colour map').element, this.select('stretch', 'Stretch').element), this.check('invert', 'Invert').element),
      section('coordinates', 'Coordinates', true, row(this.select('frame', 'Frame').element, this.select('style', 'Written as').element), row(this.check('grid', 'Grid').element, this.check('beam', 'Beam and scale').element)),
      section('contours', 'Contours', false, this.check('contours', 'Show contours').element, this.levels.element),
      section('compare', 'Compare', false, this.second.element, row(this.select('compare_mode', 'Shown as').element, this.blink.element)),
      section('profiles', 'Profiles', false, profiles),
      section('picture', 'Image', false, this.facts, this.check('show_catalog', 'Show the catalogue').element)
    );
    model.state.subscribe((state, changed) => this.show(state, changed), signal);
    model.session.subscribe((session, changed) => this.sessionChanged(session, changed), signal);
    this.offer(model.session.value);
    this.show(model.state.value, new Set(Object.keys(model.state.value) as StateKey[]));
  }

  /** Puts the error under the field it is about; says whether there is one. */
  refuse({ keys, failure }: Refusal): boolean {
    const key = keys.find(k => this.book.has(k) || k === 'limits');
    return key !== undefined && this.book.refuse(key === 'limits' ? 'limits.lo' : key, failure.message, failure.hint);
  }

  /** Takes the errors away from fields whose change went through. */
  accept(keys: readonly string[]): void {
    this.book.accept(keys);
  }

  /** Opens a section, and puts the caret into the first field of it. */
  reveal(name: string, focus: boolean): void {
    const part = this.element.querySelector<HTMLDetailsElement>(`[data-section="${name}"]`);
    if (part) {
      part.open = true;
      scrollWithin(this.element.parentElement, part);
      if (focus) {
        part.querySelector<HTMLElement>('input, select')?.focus();
      }
    }
  }

  /** The limits in force, whoever made them, in a unit that makes them readable. */
  showLimits([lo, hi]: Limits, unit: ShownUnit): void {
    this.unit = unit;
    const text = (v: number): string => formatNumber(v * unit.factor, undefined, 5).replace('−', '-');
    this.lo.set(text(lo));
    this.hi.set(text(hi));
    for (const [field, word] of [
      [this.lo, 'From'],
      [this.hi, 'To']
    ] as const) {
      setText(field.element.querySelector('.dsa-label')!, unit.unit ? `${word} (${unit.unit})` : word);
    }
  }

  /** What the image is. */
  showFacts(image: ImageInfo | null, unit: ShownUnit): void {
    const facts: [string, string][] = [];
    if (image) {
      const { celestial, beam, nx, ny } = image;
      facts.push(
        ['Object', image.object],
        ['Size', `${formatCount(nx)} × ${formatCount(ny)} pixels`],
        ['Pixel', celestial ? angleText(celestial.scale_arcsec) : ''],
        ['Projection', celestial ? [celestial.projection, FRAME_LABELS[celestial.frame], Math.abs(celestial.rotation) > 0.005 ? `turned by ${celestial.rotation.toFixed(2)}°` : ''].filter(Boolean).join(', ') : 'no sky coordinates'],
        ['Beam', beam ? beamText(beam) : ''],
        ['Channel', image.channel_label],
        ['Stokes', image.stokes_label],
        ['Noise (MAD)', image.sigma > 0 ? valueText(image.sigma, unit) : '']
      );
    }
    this.facts.replaceChildren(...facts.filter(([, text]) => text).flatMap(([name, text]) => [h('dt', {}, name), h('dd', { class: 'dsa-num' }, text)]));
  }

  private keep<F extends AnyField>(name: string, field: F): F {
    return this.book.keep(name, field);
  }

  private select(key: StateKey, label: string): SelectField {
    const field = this.keep(key, selectField(key, label, value => this.model.set({ [key]: value }), this.signal));
    this.selects.set(key, field);
    return field;
  }

  private check(key: StateKey, label: string): Field<boolean> {
    const field = this.keep(key, checkField(key, label, value => this.model.set({ [key]: value }), this.signal));
    this.checks.set(key, field);
    return field;
  }

  private number(name: string, text: string, change: (value: number) => void): void {
    const value = this.book.number(name, text);
    if (value !== null) {
      change(value);
    }
  }

  private setLimit(which: 0 | 1, shown: number): void {
    const { state, session } = this.model;
    const { limits: own, limits_mode: mode } = state.value;
    const [lo, hi] = (mode === 'manual' ? own : null) ?? session.value.image?.limits ?? [0, 1];
    const value = shown / this.unit.factor;
    const limits: Limits = which === 0 ? [value, hi] : [lo, value];
    if (!(limits[0] < limits[1])) {
      this.book.setError(which === 0 ? 'limits.lo' : 'limits.hi', which === 0 ? 'Must be below the upper limit.' : 'Must be above the lower limit.');
      return;
    }
    this.lo.setError('');
    this.hi.setError('');
    this.model.set({ limits_mode: 'manual', limits });
  }

  private setLevels(text: string): void {
    const levels = text.split(/[\s,;]+/).filter(Boolean).map(part => Number(part.replace('−', '-')));
    if (levels.length === 0 || !levels.every(Number.isFinite)) {
      this.book.setError('contour_levels', 'Not a list of numbers.', 'For example -3, 3, 6, 12.');
      return;
    }
    this.book.setError('contour_levels', '');
    this.model.set({ contour_levels: levels, contours: true });
  }

  private sessionChanged(session: Session, changed: ReadonlySet<keyof Session>): void {
    if (changed.has('choices') || changed.has('image')) {
      this.offer(session);
    }
    if (changed.has('catalog')) {
      this.checks.get('show_catalog')!.element.hidden = session.catalog === null;
    }
  }

  private offer({ choices, image, catalog }: Session): void {
    const offer = (key: StateKey, names: readonly string[] | undefined, labels: Readonly<Record<string, string>> = {}): void => {
      const list: Choice[] = (names ?? []).map(value => ({ value, label: labels[value] ?? value }));
      this.selects.get(key)?.setChoices(list);
    };
    offer('limits_mode', choices.limits_modes ?? Object.keys(MODE_LABELS), MODE_LABELS);
    offer('colormap', choices.colormaps);
    offer('stretch', choices.stretches ?? Object.keys(STRETCH_LABELS), STRETCH_LABELS);
    offer('frame', image?.frames ?? FRAMES, FRAME_LABELS);
    offer('style', choices.styles ?? Object.keys(STYLE_LABELS), STYLE_LABELS);
    offer('compare_mode', choices.compare_modes ?? Object.keys(COMPARE_LABELS), COMPARE_LABELS);
    this.checks.get('show_catalog')!.element.hidden = catalog === null;
  }

  private show(state: ImageState, changed: ReadonlySet<StateKey>): void {
    for (const [key, field] of this.selects) {
      if (changed.has(key)) {
        field.set(String(state[key] ?? ''));
      }
    }
    for (const [key, field] of this.checks) {
      if (changed.has(key)) {
        field.set(state[key] === true);
      }
    }
    if (changed.has('percentile')) {
      this.percentile.set(String(state.percentile));
    }
    if (changed.has('blink_ms')) {
      this.blink.set(String(state.blink_ms));
    }
    if (changed.has('compare')) {
      this.second.set(state.compare);
    }
    if (changed.has('contour_levels')) {
      this.levels.set(state.contour_levels.join(', '));
    }
  }
}
