/** Sources of a catalogue as markers, and what it says of the one under the pointer. */

import { float32s, int32s } from '../core/buffers';
import type { Line } from '../core/hover-card';
import type { Answer } from '../core/transport';
import type { Point } from '../core/view';
import { Latest } from './latest';
import type { ImageModel } from './model';
import type { Layer, Picture } from './picture';
import type { CatalogInfo } from './protocol';

/** Radius of a marker, in pixels of the screen. */
const RADIUS = 6;
/** As many columns as fit on the card. */
const MOST_LINES = 12;

interface Points {
  x: Float32Array;
  y: Float32Array;
  index: Int32Array;
}

export class CatalogLayer implements Layer {
  private readonly latest: Latest<{ n: number }>;
  private readonly rowOf: Latest<{ values: Record<string, string> }>;
  private points: Points | null = null;
  private catalog: CatalogInfo | null = null;
  private wanted = true;
  private hovered = -1;
  private row: { index: number; lines: readonly Line[] } | null = null;

  /** Called when there is something new to draw or to read. */
  changed: () => void = () => undefined;

  constructor(model: ImageModel, signal: AbortSignal) {
    this.latest = new Latest<{ n: number }>(model, { op: 'catalog_points', delay: 0 }, answer => this.take(answer), signal);
    this.rowOf = new Latest<{ values: Record<string, string> }>(
      model,
      { op: 'catalog_row', delay: 40 },
      (answer, params) => this.takeRow(answer, (params as { index?: number }).index ?? -1),
      signal
    );
  }

  set(catalog: CatalogInfo | null, generation: number, wanted: boolean): void {
    this.catalog = catalog;
    this.wanted = wanted;
    this.latest.want(catalog ? `${generation}/${catalog.revision}` : '', { revision: catalog?.revision });
    this.changed();
  }

  /** What is under the pointer, as far as that is known. */
  lines(): readonly Line[] | null {
    return this.hovered >= 0 && this.row?.index === this.hovered ? this.row.lines : null;
  }

  /** The nearest marker under a place on the screen is the hovered one. */
  hover(picture: Picture, at: Point | null): void {
    const found = at && this.wanted ? this.nearest(picture, at) : -1;
    const index = found < 0 ? -1 : this.points!.index[found]!;
    if (index !== this.hovered) {
      this.hovered = index;
      this.rowOf.want(index < 0 ? '' : `${this.catalog?.revision}/${index}`, { index });
    }
  }

  draw(picture: Picture, context: CanvasRenderingContext2D | null): void {
    const { points, wanted } = this;
    if (!context || !points || !wanted) {
      return;
    }
    const { rect } = picture.stage;
    const { ratio, scale } = picture;
    const origin = picture.toScreen({ x: 0, y: 0 });
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const path = new Path2D();
    let hovered: Point | null = null;
    for (let k = 0; k < points.x.length; k += 1) {
      const x = origin.x - rect.x + points.x[k]! * scale;
      const y = origin.y - rect.y - points.y[k]! * scale;
      if (x > -RADIUS && y > -RADIUS && x < rect.width + RADIUS && y < rect.height + RADIUS) {
        path.moveTo(x + RADIUS, y);
        path.arc(x, y, RADIUS, 0, 2 * Math.PI);
        hovered = points.index[k] === this.hovered ? { x, y } : hovered;
      }
    }
    context.lineWidth = 3;
    context.strokeStyle = 'rgba(0, 0, 0, 0.6)';
    context.stroke(path);
    context.lineWidth = 1.4;
    context.strokeStyle = '#ff9d5c';
    context.stroke(path);
    if (hovered) {
      context.beginPath();
      context.arc(hovered.x, hovered.y, RADIUS + 3, 0, 2 * Math.PI);
      context.strokeStyle = '#fff';
      context.stroke();
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
  }

  private nearest(picture: Picture, at: Point): number {
    const { points } = this;
    if (!points) {
      return -1;
    }
    const pixel = picture.toPixel(at);
    let [best, distance] = [-1, ((RADIUS + 3) / picture.scale) ** 2];
    for (let k = 0; k < points.x.length; k += 1) {
      const d = (points.x[k]! - pixel.x) ** 2 + (points.y[k]! - pixel.y) ** 2;
      if (d <= distance) {
        [best, distance] = [k, d];
      }
    }
    return best;
  }

  private take(answer: Answer<{ n: number }> | null): void {
    const n = answer?.result.n ?? 0;
    const [x, y, index] = [float32s(answer?.buffers[0], n), float32s(answer?.buffers[1], n), int32s(answer?.buffers[2], n)];
    this.points = answer && x && y && index ? { x, y, index } : null;
    this.hovered = -1;
    this.changed();
  }

  private takeRow(answer: Answer<{ values: Record<string, string> }> | null, index: number): void {
    this.row = answer && { index, lines: Object.entries(answer.result.values).slice(0, MOST_LINES) };
    this.changed();
  }
}
