/** A plane with one scale for both axes: which part of it is seen. x grows to the right, y grows upwards. */

import { formatNumber } from './format';
import { niceSteps } from './ticks';
import type { Point, Rect, Span } from './view';

/** How many times closer than the whole one can look, and how much farther. */
const CLOSEST = 20_000;
const FARTHEST = 0.25;

export class Plane {
  private middle: Point = { x: 0, y: 0 };
  private scaleNow = 1;
  private bounds: Span = { x0: -1, x1: 1, y0: -1, y1: 1 };
  private wholeScale = 1;

  /** `most` is the largest scale there is any sense in. */
  constructor(private readonly most = Infinity) {}

  /** Pixels of a unit. */
  get scale(): number {
    return this.scaleNow;
  }

  /** What there is: the view stays near it. */
  setBounds(bounds: Span, rect: Rect): void {
    this.bounds = bounds;
    this.wholeScale = fitting(bounds, rect, 0);
  }

  /** Shows this part as large as it goes, with so many pixels around it. */
  fit(span: Span, rect: Rect, margin: number): void {
    this.middle = { x: (span.x0 + span.x1) / 2, y: (span.y0 + span.y1) / 2 };
    this.scaleNow = this.clampScale(fitting(span, rect, margin));
  }

  /** The part that is seen. */
  span(rect: Rect): Span {
    const { middle, scaleNow } = this;
    const [w, h] = [rect.width / 2 / scaleNow, rect.height / 2 / scaleNow];
    return { x0: middle.x - w, x1: middle.x + w, y0: middle.y - h, y1: middle.y + h };
  }

  toScreen({ x, y }: Point, rect: Rect): Point {
    return {
      x: rect.x + rect.width / 2 + (x - this.middle.x) * this.scaleNow,
      y: rect.y + rect.height / 2 - (y - this.middle.y) * this.scaleNow
    };
  }

  toPlane({ x, y }: Point, rect: Rect): Point {
    return {
      x: this.middle.x + (x - rect.x - rect.width / 2) / this.scaleNow,
      y: this.middle.y - (y - rect.y - rect.height / 2) / this.scaleNow
    };
  }

  /** Shows it at this scale about the middle of what is seen. */
  setScale(scale: number): void {
    this.scaleNow = this.clampScale(scale);
  }

  /** Moves what is seen with a pointer that moved by so many pixels. */
  panBy(dx: number, dy: number): void {
    this.moveTo({ x: this.middle.x - dx / this.scaleNow, y: this.middle.y + dy / this.scaleNow });
  }

  /** Magnifies (> 1 is closer) so that what is under `at` stays there. */
  zoomAt(at: Point, rect: Rect, factor: number): void {
    const held = this.toPlane(at, rect);
    this.scaleNow = this.clampScale(this.scaleNow * factor);
    const now = this.toPlane(at, rect);
    this.moveTo({ x: this.middle.x + held.x - now.x, y: this.middle.y + held.y - now.y });
  }

  private moveTo({ x, y }: Point): void {
    const { x0, x1, y0, y1 } = this.bounds;
    this.middle = { x: Math.min(x1, Math.max(x0, x)), y: Math.min(y1, Math.max(y0, y)) };
  }

  private clampScale(scale: number): number {
    return Math.min(this.wholeScale * CLOSEST, Math.max(this.most, this.wholeScale), Math.max(this.wholeScale * FARTHEST, scale));
  }
}

/** The largest scale at which a span fits. A span without any size is shown as if it were one unit wide. */
function fitting({ x0, x1, y0, y1 }: Span, rect: Rect, margin: number): number {
  const [w, h] = [x1 - x0, y1 - y0];
  const least = Math.max(w, h) > 0 ? 0 : 1;
  const [width, height] = [Math.max(20, rect.width - 2 * margin), Math.max(20, rect.height - 2 * margin)];
  return Math.min(width / Math.max(w, least, 1e-12), height / Math.max(h, least, 1e-12));
}

/** The smallest span around these points; `null` where there are none. */
export function spanOf(points: readonly Point[]): Span | null {
  if (points.length === 0) {
    return null;
  }
  const span = { x0: Infinity, x1: -Infinity, y0: Infinity, y1: -Infinity };
  for (const { x, y } of points) {
    span.x0 = Math.min(span.x0, x);
    span.x1 = Math.max(span.x1, x);
    span.y0 = Math.min(span.y0, y);
    span.y1 = Math.max(span.y1, y);
  }
  return span;
}

export interface ValueTick {
  value: number;
  text: string;
}

/** Round values from `lo` to `hi`, not nearer to each other than `spacing` pixels. */
export function roundTicks(lo: number, hi: number, pixels: number, spacing: number): ValueTick[] {
  const range = hi - lo;
  if (!(range > 0) || pixels <= 0) {
    return [];
  }
  const most = Math.max(1, pixels / spacing);
  const step = niceSteps(range, range / 1000).reverse().find(s => range / s <= most) ?? range;
  const ticks: ValueTick[] = [];
  for (let k = Math.ceil(lo / step - 1e-9); k <= Math.floor(hi / step + 1e-9); k += 1) {
    // Adding nothing makes a plain zero of a negative one.
    const value = k * step + 0;
    ticks.push({ value, text: formatNumber(value, step) });
  }
  return ticks;
}

/** The largest of 1, 2, 5 times a power of ten that is not longer than `most`. */
export function roundLength(most: number): number {
  return niceSteps(most, most / 10)[0] ?? most;
}

/** Metres as a person says them. */
export function lengthText(metres: number): string {
  const size = Math.abs(metres);
  if (size >= 1e4) {
    return `${formatNumber(metres / 1e3, undefined, 4)} km`;
  }
  return size > 0 && size < 1 ? `${formatNumber(metres * 100, undefined, 3)} cm` : `${formatNumber(metres, undefined, 4)} m`;
}
