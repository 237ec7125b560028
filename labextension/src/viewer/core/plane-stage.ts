/** A stage that shows a plane: size, pan, zoom, rubber band, and one drawing a frame. */

import { Frame, h, listen, s, setAttributes, uid } from './dom';
import { type GestureTarget, Gestures, type Hit, type Tool } from './gestures';
import { FONT_SIZE, NARROW } from './plot-layout';
import { Plane } from './plane';
import type { Point, Rect, Span } from './view';

export interface PlaneHost {
  /** Draws everything anew. */
  draw(stage: PlaneStage): void;
  tap(at: Point, add: boolean): void;
  hover(at: Point | null, dragging: boolean): void;
  /** Shows the whole. */
  reset(): void;
  /** Whether a colour bar stands beside the picture. */
  bar(): boolean;
}

export interface Margins {
  top: number;
  /** To the colour bar, where there is one. */
  right: number;
  /** Room for the vertical axis on a stage of this width. */
  left?: (width: number) => number;
}

const LEFT = 64;
const BOTTOM = 44;
/** From the colour bar to the end of the stage, with the bar. */
const BAR = 76;

export class PlaneStage implements GestureTarget {
  readonly element = h('div', { class: 'dsa-plot' });
  readonly svg: SVGSVGElement;
  readonly clip = uid('clip');
  readonly plane: Plane;
  width = 0;
  height = 0;
  /** Where the plane is seen, in pixels of the stage. */
  rect: Rect = { x: 0, y: 0, width: 1, height: 1 };
  bar: { rect: Rect; vertical: boolean } = { rect: this.rect, vertical: true };
  private readonly clipRect = s('rect');
  private readonly rubber = s('rect', { class: 'dsa-band', visibility: 'hidden' });
  private readonly frame: Frame;
  private readonly gestures: Gestures;
  private currentTool: Tool = 'pan';
  private span: Span | null = null;
  private bounds: Span | null = null;
  private margin = 0;
  private moved = false;

  constructor(
    private readonly host: PlaneHost,
    private readonly margins: Margins,
    signal: AbortSignal,
    closest?: number
  ) {
    this.plane = new Plane(closest);
    this.svg = s(
      'svg',
      { class: 'dsa-plane', focusable: 'false' },
      s('defs', {}, s('clipPath', { id: this.clip }, this.clipRect))
    );
    this.element.append(this.svg);
    this.frame = new Frame(() => this.draw(), signal);
    this.gestures = new Gestures(this.element, this, signal);
    const observer = new ResizeObserver(() => this.measure());
    observer.observe(this.element);
    listen(window, 'resize', () => this.measure(), signal);
    signal.addEventListener('abort', () => observer.disconnect());
  }

  /** Puts layers into the drawing, the first at the bottom. */
  layers(...elements: SVGElement[]): void {
    this.svg.append(...elements, this.rubber);
  }

  /** What there is, and the part to show of it; the part is shown again when the size changes, until one moves it. */
  show(bounds: Span, span: Span, margin: number): void {
    this.bounds = bounds;
    this.span = span;
    this.margin = margin;
    this.moved = false;
    this.refit();
  }

  /** Whether the user has moved away from what was to be shown. */
  get isMoved(): boolean {
    return this.moved;
  }

  redraw(): void {
    this.frame.request();
  }

  /** The bar has come or gone, or the size is another one. */
  measure(): void {
    const { clientWidth, clientHeight } = this.element;
    if (clientWidth === 0 || clientHeight === 0) {
      return;
    }
    this.width = clientWidth;
    this.height = clientHeight;
    setAttributes(this.svg, { width: clientWidth, height: clientHeight, viewBox: `0 0 ${clientWidth} ${clientHeight}` });
    const vertical = clientWidth >= NARROW;
    const hasBar = this.host.bar();
    const right = this.margins.right + (vertical && hasBar ? BAR : 0);
    const under = hasBar && !vertical ? 50 : 0;
    const left = this.margins.left?.(clientWidth) ?? LEFT;
    this.rect = {
      x: left,
      y: this.margins.top,
      width: Math.max(20, clientWidth - left - right),
      height: Math.max(20, clientHeight - this.margins.top - BOTTOM - under)
    };
    const { x, y, width, height } = this.rect;
    this.bar = vertical
      ? { rect: { x: clientWidth - BAR, y, width: 14, height }, vertical }
      : { rect: { x, y: y + height + BOTTOM + 2, width, height: 10 }, vertical };
    setAttributes(this.clipRect, { ...this.rect });
    this.refit();
  }

  setTool(tool: Tool): void {
    this.cancelDrag();
    this.currentTool = tool;
    this.element.dataset.tool = tool;
  }

  cancelDrag(): boolean {
    return this.gestures.cancel();
  }

  /** Takes over a pointer that somebody else had: with the next one it pinches. */
  adopt(id: number, at: Point): void {
    this.gestures.adopt(id, at);
  }

  zoomBy(factor: number): void {
    const { rect } = this;
    this.zoom(0, { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 }, factor, factor);
  }

  /** Shows so many pixels of a unit. */
  setScale(scale: number): void {
    this.plane.setScale(scale);
    this.changed();
  }

  /** Moves by a share of what is seen. */
  panByShare(fx: number, fy: number): void {
    this.pan(0, -fx * this.rect.width, fy * this.rect.height);
  }

  /** Moves as little as it takes for a point to be seen. */
  reveal(point: Point): void {
    const { rect } = this;
    const at = this.plane.toScreen(point, rect);
    const edge = Math.min(30, rect.width / 4, rect.height / 4);
    const outside = (v: number, lo: number, hi: number): number => (v < lo ? lo - v : v > hi ? hi - v : 0);
    const dx = outside(at.x, rect.x + edge, rect.x + rect.width - edge);
    const dy = outside(at.y, rect.y + edge, rect.y + rect.height - edge);
    if (dx !== 0 || dy !== 0) {
      this.pan(0, dx, dy);
    }
  }

  // ---- GestureTarget

  tool(): Tool {
    return this.currentTool;
  }

  hit({ x, y }: Point): Hit | null {
    const { rect } = this;
    const inside = x >= rect.x && x <= rect.x + rect.width && y >= rect.y && y <= rect.y + rect.height;
    return this.span && inside ? { panel: 0, zone: 'picture' } : null;
  }

  pan(_panel: number, dx: number, dy: number): void {
    this.plane.panBy(dx, dy);
    this.changed();
  }

  zoom(_panel: number, at: Point, fx: number, fy: number): void {
    this.plane.zoomAt(at, this.rect, fx === 1 ? fy : fx);
    this.changed();
  }

  band(_panel: number, from: Point, to: Point | null): void {
    if (!to) {
      setAttributes(this.rubber, { visibility: 'hidden' });
      return;
    }
    const [a, b] = [this.inside(from), this.inside(to)];
    setAttributes(this.rubber, {
      x: Math.min(a.x, b.x),
      y: Math.min(a.y, b.y),
      width: Math.abs(b.x - a.x),
      height: Math.abs(b.y - a.y),
      visibility: 'visible',
      'data-kind': 'zoom'
    });
  }

  box(_panel: number, from: Point, to: Point): void {
    const [a, b] = [from, to].map(at => this.plane.toPlane(this.inside(at), this.rect)) as [Point, Point];
    const span = { x0: Math.min(a.x, b.x), x1: Math.max(a.x, b.x), y0: Math.min(a.y, b.y), y1: Math.max(a.y, b.y) };
    this.plane.fit(span, this.rect, 0);
    this.changed();
  }

  tap(_panel: number, at: Point, add: boolean): void {
    this.host.tap(at, add);
  }

  hover(at: Point | null, dragging: boolean): void {
    this.host.hover(at, dragging);
  }

  reset(): void {
    this.host.reset();
  }

  /** The nearest place in the frame. */
  private inside({ x, y }: Point): Point {
    const { rect } = this;
    return { x: Math.min(rect.x + rect.width, Math.max(rect.x, x)), y: Math.min(rect.y + rect.height, Math.max(rect.y, y)) };
  }

  private changed(): void {
    this.moved = true;
    this.redraw();
  }

  private refit(): void {
    if (this.width > 0 && this.bounds && this.span) {
      this.plane.setBounds(this.bounds, this.rect);
      if (!this.moved) {
        this.plane.fit(this.span, this.rect, this.margin);
      }
    }
    this.redraw();
  }

  private draw(): void {
    if (this.width > 0) {
      this.host.draw(this);
    }
  }
}

export interface EdgeTick {
  /** Pixels along the edge, on the stage. */
  at: number;
  text: string;
}

const TICK = 5;

/** One edge of the frame: ticks, their labels, and the title. */
export function edge(rect: Rect, side: 'left' | 'right' | 'top' | 'bottom', ticks: readonly EdgeTick[], title: string): SVGElement[] {
  const parts: SVGElement[] = [];
  const across = side === 'top' || side === 'bottom';
  const out = side === 'top' || side === 'left' ? -1 : 1;
  const base = { left: rect.x, right: rect.x + rect.width, top: rect.y, bottom: rect.y + rect.height }[side];
  for (const { at, text } of ticks) {
    const label = s('text', { class: `dsa-tick-label dsa-${side}` });
    label.textContent = text;
    if (across) {
      parts.push(s('line', { class: 'dsa-tick', x1: at, x2: at, y1: base, y2: base + out * TICK }));
      setAttributes(label, { x: at, y: base + (side === 'bottom' ? TICK + FONT_SIZE + 1 : -TICK - 3) });
    } else {
      parts.push(s('line', { class: 'dsa-tick', x1: base, x2: base + out * TICK, y1: at, y2: at }));
      setAttributes(label, { x: base + out * (TICK + 3), y: at + FONT_SIZE * 0.36 });
    }
    parts.push(label);
  }
  const text = s('text', { class: 'dsa-axis-title' });
  text.textContent = title;
  const [cx, cy] = [rect.x + rect.width / 2, rect.y + rect.height / 2];
  if (across) {
    setAttributes(text, { x: cx, y: base + (side === 'bottom' ? TICK + 2 * FONT_SIZE + 12 : -TICK - FONT_SIZE - 7) });
  } else {
    const x = side === 'left' ? 13 : base + TICK + 48;
    setAttributes(text, { x, y: cy, transform: `rotate(-90 ${x} ${cy})` });
  }
  parts.push(text);
  return parts;
}

export function frame(rect: Rect): SVGElement {
  return s('rect', { class: 'dsa-frame', x: rect.x - 0.5, y: rect.y - 0.5, width: rect.width + 1, height: rect.height + 1 });
}
