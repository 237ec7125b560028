/** Drawing on the image: the mask and the regions, by pointer and by keys. */

import { listen } from '../../core/dom';
import { isTyping } from '../../core/keymap';
import type { Shell } from '../../core/shell';
import type { Point } from '../../core/view';
import type { Session } from '../model';
import type { Plate, PointerTarget } from '../plate';
import type { ImageState } from '../protocol';
import { Canvas } from './canvas';
import { actionOf, type CommandHost, perform } from './commands';
import { Editing } from './editing';
import { Edits, newRegion } from './edits';
import { Files } from './files';
import { HandleLayer } from './handle-layer';
import { type DrawModel, type Mode, newKit } from './kit';
import { MaskPanel } from './mask-panel';
import { Palette } from './palette';
import { RegionPanel } from './region-panel';
import type { Region, Shape } from './shapes';
import { Sketch } from './sketch';
import { StatisticsPanel } from './statistics';
import { ANNULI, type Layer, type Tool, type ToolName, toolOf, TOOLS } from './tools';

export interface DrawingHost {
  readonly plate: Plate;
  readonly model: DrawModel;
  readonly shell: Shell;
  /** Where the sections of the side panel go. */
  readonly side: HTMLElement;
}

export class Drawing implements PointerTarget, CommandHost {
  /** A tool was taken, or laid down: the picture's own tools make way. */
  onTool: (tool: ToolName | null) => void = () => undefined;
  readonly kit = newKit();
  readonly plate: Plate;
  readonly model: DrawModel;
  readonly edits: Edits;
  readonly canvas: Canvas;
  private readonly handles: HandleLayer;
  readonly editing: Editing;
  readonly sketch: Sketch;
  private readonly palette: Palette;
  private readonly regionPanel: RegionPanel;
  private readonly statistics: StatisticsPanel;
  private byId = new Map<string, Region>();
  private list: readonly Region[] = [];
  private pointer: 'sketch' | 'editing' | null = null;

  constructor({ plate, model, shell, side }: DrawingHost, signal: AbortSignal) {
    this.plate = plate;
    this.model = model;
    const say = (text: string): void => this.say(text);
    const changed = (): void => this.changed();
    this.edits = new Edits(model, { changed, say });
    this.canvas = new Canvas(plate, model, () => this.edits.settle(this.canvas.isMaskThere), signal);
    this.handles = new HandleLayer(plate);
    const shared = { plate, model, edits: this.edits, regions: () => this.list, selected: () => this.selected() };
    this.editing = new Editing({ ...shared, index: this.canvas.regions.index, changed, say }, signal);
    this.sketch = new Sketch(plate, this.kit, { finish: (tool, shape, { other }) => this.finish(tool, shape, other), changed: () => plate.request(), say });
    this.palette = new Palette(
      model,
      this.kit,
      {
        pick: tool => this.pick(tool),
        setLayer: layer => this.setLayer(layer),
        setMode: mode => this.setMode(mode),
        undo: () => void this.edits.undo(),
        redo: () => void this.edits.redo()
      },
      signal
    );
    shell.root.dataset.draw = 'on';
    shell.stage.before(this.palette.element);
    shell.ownsKey = event => actionOf(event) !== null;
    this.regionPanel = new RegionPanel({ ...shared, editing: this.editing }, signal);
    this.statistics = new StatisticsPanel(model, signal);
    side.append(new MaskPanel(model, this.kit, this.edits, signal).element, this.regionPanel.element, this.statistics.element, new Files(model, shell.stage, signal).element);
    plate.onFrame(() => this.draw());
    plate.setTarget(this);
    listen(plate.element, 'pointerleave', () => this.pointer === null && this.sketch.hover(null, false), signal);
    signal.addEventListener('abort', () => {
      plate.setTarget(null);
      this.palette.element.remove();
    });
    model.session.subscribe((session, keys) => this.sessionChanged(session, keys), signal);
    model.state.subscribe((_, keys) => this.stateChanged(keys), signal);
    this.kit.subscribe(() => this.changed(), signal);
    this.takeRegions();
  }

  /** For those who do not see what was done. */
  say(text: string): void {
    this.palette.say(text);
  }

  // ---- tools

  /** Takes a tool; `null`: the pointer moves the picture. */
  setTool(name: ToolName | null): void {
    const before = this.kit.value.tool;
    this.sketch.cancel();
    this.editing.settle();
    const layer = name && toolOf(name).layers;
    if (layer && !layer.includes(this.layer)) {
      this.model.set({ layer: layer[0]! });
    }
    if (name !== before) {
      this.kit.patch({ tool: name });
      this.plate.element.dataset.draw = name ?? '';
      this.onTool(name);
    }
  }

  pick(tool: Tool): void {
    const { tool: before, annulus } = this.kit.value;
    if (tool.name === 'annulus' && before === 'annulus') {
      this.kit.patch({ annulus: ANNULI[(ANNULI.indexOf(annulus) + 1) % ANNULI.length]! });
    }
    this.setTool(tool.name);
    this.say(`${tool.label}. ${tool.use}`);
  }

  setLayer(layer: Layer): void {
    const { tool } = this.kit.value;
    this.model.set({ layer });
    if (tool && !toolOf(tool).layers.includes(layer)) {
      this.setTool(layer === 'regions' ? 'select' : 'polygon');
    }
    if (layer === 'regions' && this.kit.value.mode === 'intersect') {
      this.kit.patch({ mode: 'add' });
    }
    this.say(layer === 'mask' ? 'Drawing on the mask' : 'Drawing regions');
  }

  setMode(mode: Mode): void {
    if (mode === 'intersect' && this.layer === 'regions') {
      return;
    }
    this.kit.patch({ mode });
    const words = this.layer === 'regions' ? { add: 'New regions include', subtract: 'New regions exclude', intersect: '' } : { add: 'Shapes are added to the mask', subtract: 'Shapes are taken out of the mask', intersect: 'Only what is inside stays in the mask' };
    this.say(words[mode]);
  }

  /** What a shape does now; `other` turns adding into taking away, and back. */
  private modeOf(tool: ToolName, other: boolean): Mode {
    const { mode } = this.kit.value;
    const usual = tool === 'eraser' ? 'subtract' : tool === 'brush' && mode === 'intersect' ? 'add' : mode;
    return other ? (usual === 'subtract' ? 'add' : 'subtract') : usual;
  }

  private finish(tool: ToolName, shape: Shape, other: boolean): void {
    const mode = this.modeOf(tool, other);
    if (tool === 'threshold') {
      if (shape.shape === 'point') {
        const { sigma, found } = this.kit.value;
        // The signs of the palette, and the key that turns them round, come before what the panel says.
        void this.edits.threshold(sigma, mode === 'add' ? found : mode, { point: [Math.round(shape.x), Math.round(shape.y)] });
      }
    } else if (this.layer === 'mask') {
      void this.edits.draw(shape, mode);
    } else {
      const { frame } = this.model.state.value;
      const isSky = this.model.session.value.image?.celestial !== null && frame !== '';
      void this.edits.add([newRegion(shape, mode !== 'subtract', isSky ? frame : 'pixel')]);
    }
  }

  // ---- model

  get layer(): Layer {
    return this.model.state.value.layer;
  }

  /** The selected regions, as they are shown. */
  selected(): Region[] {
    return this.model.state.value.selected.flatMap(id => this.editing.preview.get(id) ?? this.edits.pending.get(id) ?? this.byId.get(id) ?? []);
  }

  private sessionChanged(_session: Session, keys: { has(key: keyof Session): boolean }): void {
    if (keys.has('regions')) {
      this.takeRegions();
    }
    if (keys.has('image') || keys.has('mask')) {
      this.canvas.update();
      this.edits.settle(this.canvas.isMaskThere);
    }
    if (keys.has('image') || keys.has('mask') || keys.has('regions')) {
      this.changed();
    }
  }

  private stateChanged(keys: { has(key: keyof ImageState): boolean }): void {
    if (keys.has('selected')) {
      this.editing.vertex = null;
    }
    if (keys.has('layer')) {
      this.sketch.cancel();
    }
    if (['selected', 'layer', 'show_mask', 'show_regions', 'frame', 'style'].some(key => keys.has(key as keyof ImageState))) {
      this.changed();
    }
  }

  private takeRegions(): void {
    this.list = (this.model.session.value.regions?.regions ?? []) as unknown as readonly Region[];
    this.byId = new Map(this.list.map(region => [region.id, region]));
    this.canvas.regions.set(this.list);
    this.changed();
  }

  /** Something that is drawn, or said of it, is another. */
  private changed(): void {
    this.plate.request();
    if (!this.editing.isDragging) {
      this.regionPanel.show();
      this.askStatistics();
    }
  }

  private askStatistics(): void {
    const { image, mask, regions } = this.model.session.value;
    const { frame, style, selected } = this.model.state.value;
    const region = this.byId.get(selected[selected.length - 1] ?? '') ?? null;
    const revision = region ? regions?.revision : mask?.revision;
    const waits = this.edits.pending.size > 0 || this.editing.preview.size > 0;
    if (image && !waits) {
      this.statistics.want(region, (mask?.n_pixels ?? 0) > 0, [image.generation, image.plane, revision, frame, style].join('/'));
    }
  }

  // ---- drawing

  private draw(): void {
    const { kit, sketch, editing, edits } = this;
    const { tool } = kit.value;
    sketch.update();
    const selected = this.selected();
    const overrides = new Map([...edits.pending, ...editing.preview]);
    this.canvas.draw({ overrides, coming: edits.coming });
    edits.settle(this.canvas.isMaskThere);
    const isEdited = selected.length === 1 && this.showsRegions && this.layer === 'regions' && tool !== null;
    const isBrush = tool === 'brush' || tool === 'eraser';
    this.handles.draw({
      region: isEdited ? selected[0]! : null,
      vertex: editing.vertex,
      band: editing.band,
      shape: tool ? sketch.shape : null,
      vertices: sketch.vertices,
      takesAway: tool !== null && this.modeOf(tool, false) !== 'add',
      ghosts: this.model.state.value.show_mask ? edits.ghosts : [],
      brush: isBrush && sketch.place ? { at: sketch.place, radius: kit.value.radius } : null
    });
  }

  private get showsRegions(): boolean {
    return this.model.state.value.show_regions;
  }

  // ---- PointerTarget

  down(event: PointerEvent, at: Point): boolean {
    const { tool } = this.kit.value;
    if (tool === null || !this.model.session.value.image) {
      return false;
    }
    const edits = this.layer === 'regions' && this.showsRegions && (tool === 'select' || !this.sketch.isBegun);
    if (edits && this.editing.down(event, at, tool !== 'select')) {
      this.pointer = 'editing';
      return true;
    }
    if (this.sketch.down(event, at)) {
      this.pointer = 'sketch';
      return true;
    }
    return false;
  }

  move(event: PointerEvent, at: Point): void {
    if (this.pointer === 'editing') {
      this.editing.move(event, at);
    } else if (this.pointer === 'sketch') {
      this.sketch.move(event, at);
    }
  }

  up(event: PointerEvent, at: Point): void {
    const { pointer } = this;
    this.pointer = null;
    if (pointer === 'editing') {
      this.editing.up();
    } else if (pointer === 'sketch') {
      this.sketch.up(event, at);
    }
  }

  cancel(): void {
    this.pointer = null;
    this.editing.cancel();
    this.sketch.release();
  }

  hover(event: PointerEvent, at: Point): string | null {
    const { tool } = this.kit.value;
    if (tool === null) {
      return null;
    }
    if (this.layer === 'regions' && this.showsRegions && !this.sketch.isBegun) {
      const cursor = this.editing.hover(event, at, tool !== 'select');
      if (cursor !== null || tool === 'select') {
        return cursor;
      }
    }
    this.sketch.hover(at, event.shiftKey);
    return 'crosshair';
  }

  doubleClick(event: MouseEvent, at: Point): boolean {
    const { tool } = this.kit.value;
    if (tool === null) {
      return false;
    }
    if (tool === 'select') {
      return this.editing.doubleClick(event, at);
    }
    this.sketch.close({ other: event.altKey });
    return true;
  }

  key(event: KeyboardEvent): boolean {
    if (isTyping(event.target)) {
      return false;
    }
    const onButton = event.target instanceof Element && event.target.closest('button, summary') !== null;
    if (onButton && (event.key === 'Enter' || event.key === ' ')) {
      return false;
    }
    const action = actionOf(event);
    if (action) {
      return perform(action, this, event);
    }
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
    const tool = isPlain ? TOOLS.find(({ key }) => key === event.key.toLowerCase()) : undefined;
    if (tool) {
      this.pick(tool);
    }
    return tool !== undefined;
  }
}
