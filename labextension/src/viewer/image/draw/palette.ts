/** The tools at the left of the picture; on a narrow stage most of them are in a menu. */

import { h, setText } from '../../core/dom';
import { button } from '../../core/fields';
import { Menu } from '../../core/menu';
import type { Store } from '../../core/store';
import { type DrawIcon, drawIcon } from './icons';
import type { DrawModel, Kit, Mode } from './kit';
import { nameOf } from './shapes';
import { type Layer, type Tool, toolOf, TOOLS } from './tools';

export interface PaletteHost {
  pick(tool: Tool): void;
  setLayer(layer: Layer): void;
  setMode(mode: Mode): void;
  undo(): void;
  redo(): void;
}

const LAYERS: readonly { layer: Layer; label: string }[] = [
  { layer: 'mask', label: 'Draw on the mask' },
  { layer: 'regions', label: 'Draw regions' }
];

const MODES: readonly { mode: Mode; key: string; label: Readonly<Record<Layer, string>> }[] = [
  { mode: 'add', key: 'a', label: { mask: 'Add to the mask', regions: 'New regions include' } },
  { mode: 'subtract', key: 'e', label: { mask: 'Take out of the mask', regions: 'New regions exclude' } },
  { mode: 'intersect', key: 'h', label: { mask: 'Keep of the mask only what is inside', regions: 'Only for the mask' } }
];

export class Palette {
  readonly element: HTMLElement;
  private readonly buttons = new Map<string, HTMLButtonElement>();
  private readonly fold: HTMLButtonElement;
  private readonly live = h('div', { class: 'dsa-live', role: 'status', 'aria-live': 'polite' });

  constructor(
    private readonly model: DrawModel,
    private readonly kit: Store<Kit>,
    host: PaletteHost,
    private readonly signal: AbortSignal
  ) {
    const layers = LAYERS.map(({ layer, label }) => this.make(`layer-${layer}`, layer, label, 'm', () => host.setLayer(layer)));
    const tools = TOOLS.map(tool => this.make(`draw-${tool.name}`, iconOf(tool, 'circle_annulus'), `${tool.label}: ${tool.use}`, tool.key, () => host.pick(tool)));
    const modes = MODES.map(({ mode, key, label }) => this.make(`mode-${mode}`, mode, label.mask, key, () => host.setMode(mode)));
    const undo = this.make('undo', 'undo', 'Undo', 'Ctrl Z', () => host.undo());
    const redo = this.make('redo', 'redo', 'Redo', 'Ctrl Shift Z', () => host.redo());
    this.fold = this.make('draw-menu', 'select', 'Drawing tools', '', () => undefined);
    this.fold.classList.add('dsa-palette-fold');
    const group = (name: string, label: string, ...children: HTMLElement[]): HTMLElement =>
      h('div', { class: 'dsa-palette-group', role: 'group', 'data-group': name, 'aria-label': label }, ...children);
    this.element = h(
      'div',
      { class: 'dsa-palette', role: 'toolbar', 'aria-orientation': 'vertical', 'aria-label': 'Drawing' },
      group('layer', 'What is drawn on', ...layers),
      group('draw', 'Tools', ...tools, this.fold),
      group('mode', 'What a shape does', ...modes),
      group('history', 'History', undo, redo),
      this.live
    );
    new Menu(
      this.fold,
      () => TOOLS.map(tool => ({ label: tool.label, key: tool.key, name: `draw-${tool.name}`, press: () => host.pick(tool) })),
      signal
    );
    kit.subscribe(() => this.show(), signal);
    model.state.subscribe((_, changed) => changed.has('layer') && this.show(), signal);
    model.session.subscribe((_, changed) => changed.has('mask') && this.show(), signal);
    this.show();
  }

  /** For those who do not see what was done. */
  say(text: string): void {
    setText(this.live, text);
  }

  private make(name: string, icon: DrawIcon, label: string, key: string, press: () => void): HTMLButtonElement {
    const element = button({ label, name, class: 'dsa-tool', ...(key ? { key } : {}) }, press, this.signal);
    element.append(drawIcon(icon));
    this.buttons.set(name, element);
    return element;
  }

  private show(): void {
    const { tool, mode, annulus } = this.kit.value;
    const { layer } = this.model.state.value;
    const { mask } = this.model.session.value;
    for (const one of LAYERS) {
      this.press(`layer-${one.layer}`, one.layer === layer);
    }
    for (const one of TOOLS) {
      this.press(`draw-${one.name}`, one.name === tool);
      this.buttons.get(`draw-${one.name}`)!.classList.toggle('dsa-other-layer', !one.layers.includes(layer));
    }
    for (const one of MODES) {
      this.press(`mode-${one.mode}`, one.mode === mode);
      this.entitle(`mode-${one.mode}`, one.label[layer], one.key);
    }
    this.buttons.get('mode-intersect')!.disabled = layer === 'regions';
    const ring = this.buttons.get('draw-annulus')!;
    ring.replaceChildren(drawIcon(annulus));
    this.entitle('draw-annulus', tool === 'annulus' ? `Annulus: ${nameOf(annulus)}; press again for another kind` : 'Annulus', '9');
    this.fold.replaceChildren(drawIcon(tool ? iconOf(toolOf(tool), annulus) : 'polygon'));
    this.fold.setAttribute('aria-pressed', String(tool !== null));
    this.enable('undo', mask?.can_undo ?? null, 'Undo', 'Ctrl Z');
    this.enable('redo', mask?.can_redo ?? null, 'Redo', 'Ctrl Shift Z');
  }

  private press(name: string, on: boolean): void {
    this.buttons.get(name)!.setAttribute('aria-pressed', String(on));
  }

  private entitle(name: string, label: string, key: string): void {
    const element = this.buttons.get(name)!;
    element.setAttribute('aria-label', label);
    element.title = `${label} (${key})`;
  }

  private enable(name: string, what: string | null, word: string, key: string): void {
    this.buttons.get(name)!.disabled = what === null;
    this.entitle(name, what === null ? word : `${word}: ${what}`, key);
  }
}

function iconOf({ name }: Tool, annulus: Kit['annulus']): DrawIcon {
  return name === 'annulus' ? annulus : name;
}
