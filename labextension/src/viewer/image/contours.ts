/** Contours at multiples of the noise; negative ones are dashed. */

import { float32s } from '../core/buffers';
import type { Answer } from '../core/transport';
import { Latest } from './latest';
import { pathOf, strokeAll, type Stroke } from './lines';
import type { ImageModel } from './model';
import type { Layer, Picture } from './picture';
import type { ContoursResult, ImageInfo, ImageState } from './protocol';

/** Milliseconds of rest before contours are asked for anew. */
const DELAY = 220;
const DASH = [4, 3];
/** How much more than what is seen is asked for, as a share of it: a small pan then needs nothing new. */
const MARGIN = 0.15;

export class ContourLayer implements Layer {
  private readonly latest: Latest<ContoursResult>;
  private strokes: readonly Stroke[] = [];
  private wanted = false;

  constructor(model: ImageModel, redraw: () => void, signal: AbortSignal) {
    const take = (answer: Answer<ContoursResult> | null): void => {
      this.take(answer);
      redraw();
    };
    this.latest = new Latest<ContoursResult>(model, { op: 'contours', delay: DELAY }, take, signal);
  }

  /** Asks for the contours of a window at the binning of the screen. */
  want(picture: Picture, image: ImageInfo | null, state: ImageState, level: number): void {
    this.wanted = state.contours && image !== null;
    if (!this.wanted || !image) {
      this.latest.want('', {});
      return;
    }
    const { x0, x1, y0, y1 } = picture.window();
    // Boxes on a coarse lattice: only a pan out of them, or another zoom, is another one.
    const [w, h] = [2 ** Math.ceil(Math.log2(x1 - x0)) * MARGIN, 2 ** Math.ceil(Math.log2(y1 - y0)) * MARGIN];
    const box = {
      x0: Math.max(0, Math.floor(x0 / w) * w),
      x1: Math.min(image.nx - 1, Math.ceil(x1 / w) * w),
      y0: Math.max(0, Math.floor(y0 / h) * h),
      y1: Math.min(image.ny - 1, Math.ceil(y1 / h) * h)
    };
    const step = 2 ** level;
    const key = `${image.generation}/${image.plane}/${state.contour_levels.join()}/${step}/${Object.values(box).join()}`;
    this.latest.want(box.x1 > box.x0 && box.y1 > box.y0 ? key : '', { generation: image.generation, plane: image.plane, ...box, step });
  }

  draw(picture: Picture, context: CanvasRenderingContext2D | null): void {
    if (context && this.wanted) {
      strokeAll(picture, context, this.strokes);
    }
  }

  private take(answer: Answer<ContoursResult> | null): void {
    const levels = answer?.result.levels ?? [];
    const counts = levels.flatMap(({ paths }) => paths);
    const points = float32s(answer?.buffers[0], 2 * counts.reduce((sum, n) => sum + n, 0));
    this.strokes = [];
    if (points && typeof Path2D !== 'undefined') {
      let start = 0;
      this.strokes = levels.map(({ sigma, paths }) => {
        const path = pathOf(points, paths, start);
        start += paths.reduce((sum, n) => sum + n, 0);
        return { path, width: 1.1, alpha: 0.95, ...(sigma < 0 ? { dash: DASH } : {}) };
      });
    }
  }
}
