/** The mask in the side panel: how large it is, which planes changes are for, and what can be done to it as a whole. */

import { h, setText } from '../../core/dom';
import { FieldBook } from '../../core/field-book';
import { button, checkField, type Field, row, section, type SelectField, selectField, type TextField, textField } from '../../core/fields';
import { formatMany } from '../../core/format';
import type { Store } from '../../core/store';
import type { Edits } from './edits';
import type { DrawModel, Kit, ThresholdMode } from './kit';

/** A number of the kit that a text field sets. */
type NumberKey = 'radius' | 'sigma' | 'pixels';

const LIMITS: Readonly<Record<NumberKey, readonly [number, number, string]>> = {
  radius: [0.5, 2000, 'From 0.5 to 2000 pixels.'],
  sigma: [-1000, 1000, 'Not 0; below 0 for negative sources.'],
  pixels: [0.5, 500, 'From 0.5 to 500 pixels.']
};

const FOUND: readonly { value: ThresholdMode; label: string }[] = [
  { value: 'add', label: 'is added' },
  { value: 'replace', label: 'replaces the mask' },
  { value: 'subtract', label: 'is taken out' },
  { value: 'intersect', label: 'alone stays' }
];

export class MaskPanel {
  readonly element: HTMLElement;
  private readonly body = h('div', { class: 'dsa-mask-panel' });
  private readonly book = new FieldBook(this.body);
  private readonly count = h('div', { class: 'dsa-mask-count dsa-num' });
  private readonly planes: SelectField;
  private readonly isShown: Field<boolean>;
  private readonly numbers: Readonly<Record<NumberKey, TextField>>;
  private readonly found: SelectField;
  private readonly drop: HTMLButtonElement;
  private readonly copy: HTMLButtonElement;
  private readonly inside: HTMLButtonElement;
  private readonly beside: HTMLButtonElement;

  constructor(
    private readonly model: DrawModel,
    private readonly kit: Store<Kit>,
    edits: Edits,
    private readonly signal: AbortSignal
  ) {
    const act = (name: string, text: string, label: string, press: () => void): HTMLButtonElement =>
      button({ label, text, name, class: 'dsa-text-button' }, press, signal);
    const threshold = (within: { id?: string }): void => void edits.threshold(kit.value.sigma, kit.value.found, within);
    this.planes = selectField('planes', 'Changes are for', value => model.set({ planes: value as 'current' }), signal);
    this.isShown = checkField('show_mask', 'Show the mask', value => model.set({ show_mask: value }), signal);
    this.numbers = {
      sigma: this.number('sigma', 'Threshold (σ)'),
      pixels: this.number('pixels', 'By (pixels)'),
      radius: this.number('radius', 'Brush radius (pixels)')
    };
    this.found = selectField('found', 'What is above it', value => kit.patch({ found: value as ThresholdMode }), signal);
    this.found.setChoices(FOUND);
    this.inside = act('threshold-region', 'In region', 'Find what is above the threshold in the selected region', () => {
      const [id] = model.state.value.selected;
      threshold(id === undefined ? {} : { id });
    });
    this.drop = act('drop-islands', 'Drop small islands', 'Drop islands smaller than the beam', () => void edits.edit('drop_islands'));
    this.copy = act('copy-mask', 'Copy to all channels', 'Copy the mask of this plane to the other channels', () => void edits.edit('copy'));
    this.beside = act('write-mask', 'Save beside the image', 'Save the mask beside the image', () => void this.write());
    this.body.append(
      this.count,
      row(this.planes.element, h('div', { class: 'dsa-checks' }, this.isShown.element)),
      h(
        'div',
        { class: 'dsa-buttons' },
        act('invert-mask', 'Invert', 'Invert the mask', () => void edits.edit('invert')),
        act('fill-mask', 'Fill', 'Put all pixels into the mask', () => void edits.edit('fill')),
        act('clear-mask', 'Clear', 'Clear the mask', () => void edits.edit('clear'))
      ),
      h(
        'div',
        { class: 'dsa-number-row' },
        this.numbers.sigma.element,
        act('threshold', 'Everywhere', 'Find what is above the threshold', () => threshold({})),
        this.inside
      ),
      this.found.element,
      h(
        'div',
        { class: 'dsa-number-row' },
        this.numbers.pixels.element,
        act('grow-mask', 'Grow', 'Grow the mask', () => void edits.edit('grow', { pixels: kit.value.pixels })),
        act('shrink-mask', 'Shrink', 'Shrink the mask', () => void edits.edit('shrink', { pixels: kit.value.pixels }))
      ),
      h('div', { class: 'dsa-number-row' }, this.numbers.radius.element, this.drop),
      h('div', { class: 'dsa-buttons' }, this.copy, this.beside)
    );
    this.element = section('mask', 'Mask', true, this.body);
    model.state.subscribe(() => this.show(), signal);
    model.session.subscribe((_, changed) => (changed.has('mask') || changed.has('image') || changed.has('choices')) && this.show(), signal);
    kit.subscribe(() => this.show(), signal);
    this.show();
  }

  private number(key: NumberKey, label: string): TextField {
    const change = (text: string): void => {
      const value = this.book.number(key, text);
      const [least, most, hint] = LIMITS[key];
      if (value === null) {
        return;
      }
      if (value < least || value > most || value === 0) {
        this.book.setError(key, 'Not possible.', hint);
      } else {
        this.kit.patch({ [key]: value });
      }
    };
    return this.book.keep(key, textField(key, label, change, this.signal, { numeric: true }));
  }

  private async write(): Promise<void> {
    await this.model.settled();
    await this.model.request('write_mask');
  }

  private show(): void {
    const { image, mask, choices } = this.model.session.value;
    const { planes, show_mask: isShown, selected } = this.model.state.value;
    const cubes = image && image.n_channels * image.n_stokes > 1;
    setText(this.count, mask ? countText(mask.n_pixels, cubes ? mask.n_planes_with_mask : 0, image ? image.nx * image.ny : 0) : 'No image yet');
    this.planes.setChoices([
      { value: 'current', label: 'This plane' },
      { value: 'channels', label: 'All channels', disabled: image?.n_channels === 1 },
      { value: 'all', label: 'All planes', disabled: !cubes }
    ]);
    this.planes.set(planes);
    this.isShown.set(isShown);
    for (const key of Object.keys(this.numbers) as NumberKey[]) {
      this.numbers[key].set(String(Number(this.kit.value[key].toPrecision(4))));
    }
    this.found.set(this.kit.value.found);
    this.inside.disabled = selected.length !== 1;
    this.drop.disabled = !image?.beam?.area_px;
    this.copy.hidden = !image || image.n_channels === 1;
    this.beside.hidden = choices.can_write !== true;
  }
}

function countText(n: number, planes: number, size: number): string {
  if (n === 0) {
    return planes > 0 ? `Empty in this plane; drawn in ${formatMany(planes, 'other plane')}` : 'Empty: no pixel is in the mask';
  }
  const share = size > 0 ? (100 * n) / size : 0;
  const text = `${formatMany(n, 'pixel')} (${share < 0.01 ? '<\u202f0.01' : share.toPrecision(2)}\u202f%)`;
  return planes > 1 ? `${text}; drawn in ${formatMany(planes, 'plane')}` : text;
}
