/** Lines over the picture, drawn so that they show on any colour; kept in image pixels, so that they move with it. */

import type { Picture } from './picture';

export interface Stroke {
  path: Path2D;
  width: number;
  /** How strong, 0 to 1. */
  alpha: number;
  dash?: readonly number[];
}

/** Polylines of x, y pairs; `counts` says how many points each has. */
export function pathOf(points: Float32Array, counts: readonly number[], start = 0): Path2D {
  const path = new Path2D();
  let k = 2 * start;
  for (const count of counts) {
    for (let i = 0; i < count; i += 1, k += 2) {
      if (i === 0) {
        path.moveTo(points[k]!, points[k + 1]!);
      } else {
        path.lineTo(points[k]!, points[k + 1]!);
      }
    }
  }
  return path;
}

/** Puts the canvas into image pixels: widths are then divided by the scale. */
export function intoPixels(picture: Picture, context: CanvasRenderingContext2D): void {
  const { rect } = picture.stage;
  const origin = picture.toScreen({ x: 0, y: 0 });
  const k = picture.scale * picture.ratio;
  context.setTransform(k, 0, 0, -k, (origin.x - rect.x) * picture.ratio, (origin.y - rect.y) * picture.ratio);
}

/** A light line in a dark one. */
export function strokeAll(picture: Picture, context: CanvasRenderingContext2D, strokes: readonly Stroke[]): void {
  intoPixels(picture, context);
  const unit = 1 / picture.scale;
  context.lineJoin = 'round';
  for (const { path, width, alpha, dash } of strokes) {
    context.setLineDash((dash ?? []).map(length => length * unit));
    context.lineWidth = (width + 1) * unit;
    context.strokeStyle = `rgba(0, 0, 0, ${0.5 * alpha})`;
    context.stroke(path);
    context.lineWidth = width * unit;
    context.strokeStyle = `rgba(255, 255, 255, ${alpha})`;
    context.stroke(path);
  }
  context.setLineDash([]);
  context.setTransform(1, 0, 0, 1, 0, 0);
}
