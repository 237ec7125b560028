/** The axes: the grid of sky coordinates that the kernel has made for the window, or pixels. */

import { float32s } from '../core/buffers';
import { roundTicks } from '../core/plane';
import type { EdgeTick } from '../core/plane-stage';
import type { Answer } from '../core/transport';
import { type Side, SIDES } from './edges';
import { Latest } from './latest';
import { pathOf, strokeAll, type Stroke } from './lines';
import type { ImageModel } from './model';
import type { Layer, Picture } from './picture';
import type { GraticuleResult } from './protocol';

/** Milliseconds of rest before the grid is asked for anew. */
const DELAY = 120;

export class GridLayer implements Layer {
  private readonly latest: Latest<GraticuleResult>;
  private answer: GraticuleResult | null = null;
  private strokes: readonly Stroke[] = [];
  /** Whether there are sky coordinates to draw. */
  private isSky = false;
  private lines = true;

  constructor(model: ImageModel, redraw: () => void, signal: AbortSignal) {
    const take = (answer: Answer<GraticuleResult> | null): void => {
      this.take(answer);
      redraw();
    };
    this.latest = new Latest<GraticuleResult>(model, { op: 'graticule', delay: DELAY }, take, signal);
  }

  /** Asks for the grid of a window; `coordinates` names what it is of, empty where there is no sky to draw. */
  want(picture: Picture, generation: number, coordinates: string, lines: boolean): void {
    this.lines = lines;
    this.isSky = coordinates !== '';
    const { rect } = picture.stage;
    const view = picture.window();
    const key = this.isSky ? `${coordinates}/${[view.x0, view.x1, view.y0, view.y1, rect.width, rect.height].map(v => v.toFixed(2)).join()}` : '';
    this.latest.want(key, { generation, ...view, width: rect.width, height: rect.height });
  }

  draw(picture: Picture, context: CanvasRenderingContext2D | null): void {
    const { answer, isSky, lines } = this;
    if (!isSky || !answer || answer.labels.length === 0) {
      this.drawPixels(picture);
    } else {
      this.drawSky(picture, answer);
    }
    if (context && isSky && lines) {
      strokeAll(picture, context, this.strokes);
    }
  }

  private take(answer: Answer<GraticuleResult> | null): void {
    const count = answer ? answer.result.lines.reduce((sum, line) => sum + line.count, 0) : 0;
    const points = float32s(answer?.buffers[0], 2 * count);
    this.answer = answer?.result ?? null;
    // There is no Path2D where nothing is drawn, in tests.
    this.strokes =
      points && typeof Path2D !== 'undefined'
        ? [{ path: pathOf(points, answer!.result.lines.map(line => line.count)), width: 0.9, alpha: 0.6 }]
        : [];
  }

  private drawSky(picture: Picture, { labels, titles }: GraticuleResult): void {
    const { rect } = picture.stage;
    const ticks: Record<Side, EdgeTick[]> = { left: [], bottom: [], right: [], top: [] };
    for (const { edge, at, text } of labels) {
      const { x, y } = picture.toScreen({ x: at, y: at });
      const [place, from, length] = edge === 'bottom' || edge === 'top' ? [x, rect.x, rect.width] : [y, rect.y, rect.height];
      if (place >= from && place <= from + length) {
        ticks[edge].push({ at: place, text });
      }
    }
    for (const side of SIDES) {
      picture.edges.set(side, ticks[side].sort((a, b) => a.at - b.at), rect, picture.width);
    }
    picture.edges.setTitles(titles, rect, picture.width, picture.height);
  }

  private drawPixels(picture: Picture): void {
    const { rect } = picture.stage;
    const { x0, x1, y0, y1 } = picture.window();
    const whole = ({ value }: { value: number }): boolean => Number.isInteger(value);
    const ticks: Partial<Record<Side, EdgeTick[]>> = {
      bottom: roundTicks(x0, x1, rect.width, 76).filter(whole).map(({ value, text }) => ({ at: picture.toScreen({ x: value, y: 0 }).x, text })),
      left: roundTicks(y0, y1, rect.height, 44).filter(whole).reverse().map(({ value, text }) => ({ at: picture.toScreen({ x: 0, y: value }).y, text }))
    };
    for (const side of SIDES) {
      picture.edges.set(side, ticks[side] ?? [], rect, picture.width);
    }
    picture.edges.setTitles({ bottom: 'x (pixels)', left: 'y (pixels)' }, rect, picture.width, picture.height);
  }
}
