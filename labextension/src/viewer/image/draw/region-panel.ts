/** The regions in the side panel: how many there are, and the numbers and looks of those that are selected. */

import { h, listen, setText, uid } from '../../core/dom';
import { FieldBook } from '../../core/field-book';
import { button, checkField, type Field, section, type TextField, textField } from '../../core/fields';
import { formatMany } from '../../core/format';
import type { Editing } from './editing';
import type { Edits } from './edits';
import type { DrawModel } from './kit';
import { channelsOf, channelsText, stokesOf, stokesText } from './region-planes';
import { FIELDS, isPossible, nameOf, type Region } from './shapes';

export interface RegionPanelHost {
  readonly model: DrawModel;
  readonly edits: Edits;
  readonly editing: Editing;
  regions(): readonly Region[];
  selected(): readonly Region[];
}

const COLOURS: readonly (readonly [name: string, label: string])[] = [
  ['', 'Usual'],
  ['#3ddbff', 'Cyan'],
  ['#ffd23f', 'Yellow'],
  ['#ff7f50', 'Orange'],
  ['#7dff8a', 'Green'],
  ['#ff6ad5', 'Magenta'],
  ['#ffffff', 'White']
];

const LABELS: Readonly<Record<string, string>> = { inner: 'inner radius', outer: 'outer radius', a: 'semi-axis a', b: 'semi-axis b', angle: 'angle (°)' };

/** The name of the field of a number: no other field of the panel has it. */
function fieldOf(name: string): string {
  return `shape-${name}`;
}

export class RegionPanel {
  readonly element: HTMLElement;
  private readonly body = h('div', { class: 'dsa-region-panel' });
  private readonly book = new FieldBook(this.body);
  private readonly count = h('div', { class: 'dsa-num' });
  private readonly chosen = h('div', { class: 'dsa-chosen-regions' });
  private readonly name = h('div', { class: 'dsa-chosen-name' });
  private readonly label: TextField;
  private readonly include: Field<boolean>;
  private readonly channels: TextField;
  private readonly stokes: TextField;
  private readonly colour = h('select', { class: 'dsa-select' });
  private readonly isShown: Field<boolean>;
  private readonly form = h('div', { class: 'dsa-numbers' });
  private fields = new Map<string, TextField>();
  private formOf = '';
  /** Listeners of the form of the shape before end with it. */
  private ending: AbortController | null = null;

  constructor(
    private readonly host: RegionPanelHost,
    signal: AbortSignal
  ) {
    const { model, edits, editing } = host;
    const ids = (): string[] => host.selected().map(({ id }) => id);
    const act = (name: string, text: string, label: string, press: () => void): HTMLButtonElement =>
      button({ label, text, name, class: 'dsa-text-button' }, press, signal);
    this.isShown = checkField('show_regions', 'Show regions', value => model.set({ show_regions: value }), signal);
    this.label = textField('region-label', 'Label', label => this.patch({ label }), signal);
    this.include = checkField('include', 'Include', () => editing.toggleInclude(), signal);
    this.channels = this.book.keep(
      'region-channels',
      textField('region-channels', 'Channels', text => this.setChannels(text), signal, { placeholder: 'all', title: 'The first and the last channel, counted from 0: 3~7' })
    );
    this.stokes = this.book.keep(
      'region-stokes',
      textField('region-stokes', 'Stokes', text => this.setStokes(text), signal, { placeholder: 'all', title: 'Names with commas between them: I, Q' })
    );
    const id = uid('colour');
    this.colour.id = id;
    listen(this.colour, 'change', () => this.patch({ colour: this.colour.value }), signal);
    const colour = h('div', { class: 'dsa-field', 'data-field': 'colour' }, h('label', { class: 'dsa-label', for: id }, 'Colour'), this.colour);
    this.chosen.append(
      this.name,
      h('div', { class: 'dsa-row' }, this.label.element, colour),
      this.include.element,
      h('div', { class: 'dsa-row' }, this.channels.element, this.stokes.element),
      this.form,
      h(
        'div',
        { class: 'dsa-buttons' },
        act('to-mask', 'Add to mask', 'Add the selected regions to the mask', () => void edits.toMask(ids(), 'add')),
        act('from-mask', 'Take out of mask', 'Take the selected regions out of the mask', () => void edits.toMask(ids(), 'subtract')),
        act('delete-regions', 'Delete', 'Delete the selected regions', () => void edits.remove(ids()))
      )
    );
    this.body.append(h('div', { class: 'dsa-row' }, this.count, this.isShown.element), this.chosen);
    this.element = section('regions', 'Regions', true, this.body);
    signal.addEventListener('abort', () => this.ending?.abort());
  }

  show(): void {
    const { show_regions: isShown } = this.host.model.state.value;
    const selected = this.host.selected();
    const all = this.host.regions().length;
    setText(this.count, all === 0 ? 'No regions' : formatMany(all, 'region'));
    this.isShown.set(isShown);
    this.chosen.hidden = selected.length === 0;
    const [first] = selected;
    if (!first) {
      this.makeForm(null);
      return;
    }
    const isOne = selected.length === 1;
    setText(this.name, isOne ? nameOf(first.shape) : `${selected.length} selected`);
    const same = (key: 'label' | 'colour'): string => (selected.every(region => region[key] === first[key]) ? first[key] : '');
    this.label.set(same('label'));
    this.include.set(selected.every(({ include }) => include));
    this.showColour(same('colour'));
    this.showPlanes(selected);
    this.makeForm(isOne ? first : null);
    if (isOne) {
      for (const [field, text] of this.fields) {
        text.set(String(Math.round((first as unknown as Record<string, number>)[field]! * 1000) / 1000));
      }
    }
  }

  private showColour(colour: string): void {
    const known = COLOURS.some(([value]) => value === colour);
    const choices = known ? COLOURS : [...COLOURS, [colour, colour] as const];
    if (this.colour.options.length !== choices.length || !known) {
      this.colour.replaceChildren(...choices.map(([value, label]) => h('option', { value }, label)));
    }
    this.colour.value = colour;
  }

  /** Fields are there where the image, or a region, has more than one plane to tell apart. */
  private showPlanes(selected: readonly Region[]): void {
    const { image } = this.host.model.session.value;
    const shown = (texts: readonly string[]): string => (texts.every(text => text === texts[0]) ? texts[0]! : '');
    this.channels.set(shown(selected.map(({ channels }) => channelsText(channels))));
    this.stokes.set(shown(selected.map(({ stokes }) => stokesText(stokes))));
    this.channels.element.hidden = (image?.n_channels ?? 1) === 1 && selected.every(({ channels }) => channels === null);
    this.stokes.element.hidden = (image?.n_stokes ?? 1) === 1 && selected.every(({ stokes }) => stokes === null);
  }

  private setChannels(text: string): void {
    const n = this.host.model.session.value.image?.n_channels ?? 1;
    const channels = channelsOf(text, n);
    this.book.setError('region-channels', channels === undefined ? 'No such channels.' : '', n === 1 ? 'The image has channel 0.' : `From 0 to ${n - 1}, such as 0~${n - 1}.`);
    if (channels !== undefined) {
      this.patch({ channels });
    }
  }

  private setStokes(text: string): void {
    const known = this.host.model.session.value.image?.stokes ?? [];
    const stokes = stokesOf(text, known);
    this.book.setError('region-stokes', stokes === undefined ? 'No such Stokes parameters.' : '', `The image has ${known.join(', ')}.`);
    if (stokes !== undefined) {
      this.patch({ stokes });
    }
  }

  /** Fields for the numbers of a shape; they stay while the same kind of shape is selected. */
  private makeForm(region: Region | null): void {
    const kind = region?.shape ?? '';
    if (kind === this.formOf) {
      return;
    }
    this.formOf = kind;
    this.ending?.abort();
    const ending = new AbortController();
    this.ending = ending;
    this.fields = new Map(
      (region ? FIELDS[region.shape] : []).map(name => {
        const title = LABELS[name] ?? name.replace('_', ' ');
        return [name, this.book.keep(fieldOf(name), textField(fieldOf(name), title, text => this.setNumber(name, text), ending.signal, { numeric: true, title: `In pixels: ${title}` }))];
      })
    );
    this.form.replaceChildren(...[...this.fields.values()].map(({ element }) => element));
  }

  private setNumber(name: string, text: string): void {
    const value = this.book.number(fieldOf(name), text);
    const [region] = this.host.selected();
    if (value === null || !region) {
      return;
    }
    const changed = { ...region, [name]: value };
    if (isPossible(changed)) {
      void this.host.edits.replace([changed]);
    } else {
      this.book.setError(fieldOf(name), 'Not possible.', 'Sizes are above 0, inner ones not above outer ones.');
    }
  }

  private patch(changes: Partial<Region>): void {
    const changed = this.host.selected().map(region => ({ ...region, ...changes }) as Region);
    if (changed.length > 0) {
      void this.host.edits.replace(changed);
    }
  }
}
