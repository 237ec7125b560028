/** The axes: the grid of sky coordinates that the kernel has made for the window, or pixels. */

import { float32s } from '../core/buffers';
import { roundTicks } from '../core/plane';
import type { EdgeTick } from '../core/plane-stage';
import type { Answer } from '../core/transport';
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
    const bottom: EdgeTick[] = [];
    const left: EdgeTick[] = [];
    for (const { edge, at, text } of labels) {
      const screen = picture.toScreen({ x: at, y: at });
      if (edge === 'bottom' && screen.x >= rect.x && screen.x <= rect.x + rect.width) {
        bottom.push({ at: screen.x, text });
      } else if (edge === 'left' && screen.y >= rect.y && screen.y <= rect.y + rect.height) {
        left.push({ at: screen.y, text });
      }
    }
    const order = (a: EdgeTick, b: EdgeTick): number => a.at - b.at;
    picture.edges.set('bottom', bottom.sort(order), titles.bottom ?? '', rect, picture.width);
    picture.edges.set('left', left.sort(order), titles.left ?? '', rect, picture.width);
  }

  private drawPixels(picture: Picture): void {
    const { rect } = picture.stage;
    const { x0, x1, y0, y1 } = picture.window();
    const whole = ({ value }: { value: number }): boolean => Number.isInteger(value);
    const bottom = roundTicks(x0, x1, rect.width, 76).filter(whole);
    const left = roundTicks(y0, y1, rect.height, 44).filter(whole).reverse();
    picture.edges.set('bottom', bottom.map(({ value, text }) => ({ at: picture.toScreen({ x: value, y: 0 }).x, text })), 'x (pixels)', rect, picture.width);
    picture.edges.set('left', left.map(({ value, text }) => ({ at: picture.toScreen({ x: 0, y: value }).y, text })), 'y (pixels)', rect, picture.width);
  }
}
