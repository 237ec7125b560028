/** The image under its axes, and all that is drawn on it, in one frame. */

import { h, s, setAttributes } from '../core/dom';
import { frame, PlaneStage } from '../core/plane-stage';
import type { ColourScale, PanelPicture } from '../core/renderer';
import { Surface } from '../core/surface';
import type { Tile } from '../core/tiles';
import type { Point, Rect, Span } from '../core/view';
import { Edges } from './edges';
import { HaloLine } from './halo';
import type { Plate, PointerTarget } from './plate';
import { TargetPointer } from './pointer';

/** One thing to draw in a frame, on the lines' canvas or in the SVG. */
export interface Layer {
  draw(plate: Picture, context: CanvasRenderingContext2D | null): void;
}

export interface PictureHost {
  /** What to show from left to right, and where each part ends as a share of the width; at so many device pixels each. */
  parts(view: Span, devicePixels: number): readonly { tiles: readonly Tile[]; until: number }[];
  /** The view has moved, or the size has changed. */
  viewed(): void;
  /** A pixel is under the pointer, or the cross-hair, or none is. */
  hover(at: Point | null, screen: Point, dragging: boolean): void;
  reset(): void;
  tap(): void;
}

/** CSS pixels of an image pixel, at most. */
const CLOSEST = 512;
/** Room for a row of labels above, and one of upright ones at the right. */
const TOP = 20;
const RIGHT = 18;
/** Length of an arm of the cross-hair. */
const ARM = 16;
/** From this width on there is room for the title of the vertical axis. */
const TITLED = 460;

export class Picture implements Plate {
  readonly stage: PlaneStage;
  readonly element: HTMLElement;
  readonly overlay = s('svg', { class: 'dsa-drawing', focusable: 'false' });
  readonly maskCanvas = h('canvas', { class: 'dsa-mask', 'aria-hidden': 'true' });
  readonly edges = new Edges();
  /** For what lies inside the frame, in SVG. */
  readonly inside = s('g');
  nx = 0;
  ny = 0;
  private readonly surface: Surface;
  private readonly lines = h('canvas', { class: 'dsa-lines', 'aria-hidden': 'true' });
  private readonly ground = h('div', { class: 'dsa-ground', 'aria-hidden': 'true' });
  private readonly extent = s('rect', { class: 'dsa-extent' });
  private readonly cross = new HaloLine();
  private readonly border = s('g');
  private readonly drawers: (() => void)[] = [];
  private readonly layers: Layer[] = [];
  private readonly pointer: TargetPointer;
  private colours: ColourScale | null = null;
  private cursor: Point | null = null;
  /** Whether keys have put it there: the pointer shows itself. */
  private isByKey = false;
  private shownRect: Rect | null = null;
  private hasBar = false;

  constructor(
    private readonly host: PictureHost,
    signal: AbortSignal
  ) {
    this.stage = new PlaneStage(
      {
        draw: () => this.draw(),
        tap: () => host.tap(),
        hover: (at, dragging) => this.hover(at, dragging),
        reset: () => host.reset(),
        bar: () => this.hasBar
      },
      { top: TOP, right: RIGHT, left: width => (width >= TITLED ? 92 : 74) },
      signal,
      CLOSEST
    );
    this.element = this.stage.element;
    this.element.classList.add('dsa-image');
    this.surface = new Surface(() => this.request(), signal);
    const { svg } = this.stage;
    const clipped = s('g', { 'clip-path': `url(#${this.stage.clip})` }, this.extent, this.inside, this.cross.element);
    svg.setAttribute('aria-hidden', 'true');
    this.stage.layers(clipped, this.border, this.edges.element);
    this.element.prepend(this.ground, this.surface.canvas, this.maskCanvas, this.lines);
    this.element.append(this.overlay);
    this.pointer = new TargetPointer(this, signal);
    signal.addEventListener('abort', () => (this.drawers.length = 0));
  }

  get rendererKind(): string {
    return this.surface.kind;
  }

  // ---- Plate

  get width(): number {
    return this.stage.width;
  }

  get height(): number {
    return this.stage.height;
  }

  get scale(): number {
    return this.stage.plane.scale;
  }

  toScreen({ x, y }: Point): Point {
    return this.stage.plane.toScreen({ x: x + 0.5, y: y + 0.5 }, this.stage.rect);
  }

  toPixel(screen: Point): Point {
    const { x, y } = this.stage.plane.toPlane(screen, this.stage.rect);
    return { x: x - 0.5, y: y - 0.5 };
  }

  span(): Span {
    return this.stage.plane.span(this.stage.rect);
  }

  onFrame(draw: () => void): void {
    this.drawers.push(draw);
  }

  request(): void {
    this.stage.redraw();
  }

  setTarget(target: PointerTarget | null): void {
    this.pointer.set(target);
  }

  // ---- what is shown

  /** The window seen, in image pixels. */
  window(): Span {
    const { x0, x1, y0, y1 } = this.span();
    return { x0: x0 - 0.5, x1: x1 - 0.5, y0: y0 - 0.5, y1: y1 - 0.5 };
  }

  get ratio(): number {
    return this.surface.ratio;
  }

  addLayer(layer: Layer): void {
    this.layers.push(layer);
  }

  /** The size of the image; the view stays if it is the same. */
  setSize(nx: number, ny: number): void {
    if (nx !== this.nx || ny !== this.ny) {
      this.nx = nx;
      this.ny = ny;
      this.cursor = null;
      this.fit();
    }
  }

  fit(): void {
    const whole = { x0: 0, x1: Math.max(1, this.nx), y0: 0, y1: Math.max(1, this.ny) };
    this.stage.show(whole, whole, 0);
  }

  setColours(colours: ColourScale | null): void {
    this.colours = colours;
    this.setBar(colours !== null);
    this.request();
  }

  forget(tile: Tile): void {
    this.surface.forget(tile);
  }

  /** The key goes to whoever draws, if they want it. */
  key(event: KeyboardEvent): boolean {
    return this.pointer.key(event);
  }

  cancelDrag(): boolean {
    return this.pointer.cancel() || this.stage.cancelDrag();
  }

  /** Moves the cross-hair by pixels; the first time it appears in the middle. */
  moveCursor(dx: number, dy: number): void {
    const { x0, x1, y0, y1 } = this.window();
    const from = this.cursor ?? { x: (x0 + x1) / 2 - dx, y: (y0 + y1) / 2 - dy };
    const inside = (v: number, n: number): number => Math.min(n - 1, Math.max(0, Math.round(v)));
    this.cursor = { x: inside(from.x + dx, this.nx), y: inside(from.y + dy, this.ny) };
    this.isByKey = true;
    this.stage.reveal({ x: this.cursor.x + 0.5, y: this.cursor.y + 0.5 });
    this.tell(false);
  }

  /** The pixel under the cross-hair. */
  get at(): Point | null {
    return this.cursor && { x: Math.round(this.cursor.x), y: Math.round(this.cursor.y) };
  }

  /** Magnifies about the cross-hair where it is in view, else about the middle. */
  zoomBy(factor: number): void {
    const { rect } = this.stage;
    const at = this.cursor && this.toScreen(this.cursor);
    const isSeen = at && at.x >= rect.x && at.x <= rect.x + rect.width && at.y >= rect.y && at.y <= rect.y + rect.height;
    this.stage.zoom(0, isSeen ? at : { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 }, factor, factor);
  }

  /** Something else moved the pointer over the picture: a drawing tool. */
  hover(at: Point | null, dragging: boolean): void {
    const pixel = at && this.toPixel(at);
    const isInside = pixel && pixel.x >= -0.5 && pixel.y >= -0.5 && pixel.x < this.nx - 0.5 && pixel.y < this.ny - 0.5;
    this.cursor = isInside ? pixel : null;
    this.isByKey = false;
    this.tell(dragging);
  }

  private tell(dragging: boolean): void {
    const { at } = this;
    this.host.hover(at, at ? this.toScreen(at) : { x: 0, y: 0 }, dragging);
    this.request();
  }

  private setBar(has: boolean): void {
    if (has !== this.hasBar) {
      this.hasBar = has;
      this.stage.measure();
    }
  }

  private draw(): void {
    const { stage, colours } = this;
    if (stage.rect !== this.shownRect) {
      this.place(stage.rect);
    }
    const isShown = this.nx > 0 && colours !== null;
    stage.svg.style.visibility = isShown ? '' : 'hidden';
    this.lines.style.visibility = isShown ? '' : 'hidden';
    if (colours) {
      this.surface.draw(stage.width, stage.height, isShown ? this.panels() : [], colours);
    }
    if (!isShown) {
      return;
    }
    this.drawFrame();
    const context = this.lines.getContext('2d');
    context?.setTransform(1, 0, 0, 1, 0, 0);
    context?.clearRect(0, 0, this.lines.width, this.lines.height);
    for (const layer of this.layers) {
      layer.draw(this, context);
    }
    for (const draw of this.drawers) {
      draw();
    }
    this.host.viewed();
  }

  private panels(): PanelPicture[] {
    const { rect } = this.stage;
    const view = this.span();
    const panels: PanelPicture[] = [];
    let from = 0;
    for (const { tiles, until } of this.host.parts(view, this.scale * this.ratio)) {
      // On whole pixels of the device: nothing is stretched.
      const to = Math.round(until * rect.width * this.ratio) / this.ratio;
      const cell = (x: number): number => view.x0 + x / this.scale;
      if (to > from) {
        panels.push({
          rect: { x: rect.x + from, y: rect.y, width: to - from, height: rect.height },
          view: { x0: cell(from), x1: cell(to), y0: view.y0, y1: view.y1 },
          tiles
        });
      }
      from = to;
    }
    return panels;
  }

  /** The size has changed: everything that has one gets it. */
  private place(rect: Rect): void {
    const { stage, ratio } = this;
    this.shownRect = rect;
    const { x, y, width, height } = rect;
    const box = { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` };
    Object.assign(this.ground.style, box);
    Object.assign(this.lines.style, box);
    this.lines.width = Math.round(width * ratio);
    this.lines.height = Math.round(height * ratio);
    const inset = `inset(${y}px ${stage.width - x - width}px ${stage.height - y - height}px ${x}px)`;
    this.overlay.style.clipPath = inset;
    this.maskCanvas.style.clipPath = inset;
    setAttributes(this.overlay, { width: stage.width, height: stage.height, viewBox: `0 0 ${stage.width} ${stage.height}` });
    this.border.replaceChildren(frame(rect));
  }

  private drawFrame(): void {
    const { rect, plane } = this.stage;
    const [a, b] = [plane.toScreen({ x: 0, y: this.ny }, rect), plane.toScreen({ x: this.nx, y: 0 }, rect)];
    setAttributes(this.extent, { x: a.x, y: a.y, width: b.x - a.x, height: b.y - a.y });
    const at = this.isByKey ? this.at : null;
    setAttributes(this.cross.element, { visibility: at ? 'visible' : 'hidden' });
    if (at) {
      const { x, y } = this.toScreen(at);
      const gap = Math.max(5, this.scale / 2);
      const arms = [1, -1].map(k => `M${x + k * gap} ${y}h${k * ARM}M${x} ${y + k * gap}v${k * ARM}`);
      this.cross.set(arms.join(''));
    }
  }
}
