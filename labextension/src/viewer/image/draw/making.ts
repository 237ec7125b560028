/** Shapes from the points that a tool was given. */

import type { Point } from '../../core/view';
import { isPossible, type Shape, tidy, tidyAngle, unturned, type Vertex } from './shapes';
import type { AnnulusKind, ToolName } from './tools';

export interface MakingOptions {
  /** Equal sides. */
  square: boolean;
  annulus: AnnulusKind;
  /** Of the brush, in image pixels. */
  radius: number;
}

const DEGREES = 180 / Math.PI;

function distance(a: Point, b: Point): number {
  return Math.hypot(b.x - a.x, b.y - a.y);
}

/** Middle and semi-axes of the upright box between two corners. */
function between(a: Point, b: Point, square: boolean): { x: number; y: number; u: number; v: number } {
  let [dx, dy] = [b.x - a.x, b.y - a.y];
  if (square) {
    const side = Math.max(Math.abs(dx), Math.abs(dy));
    [dx, dy] = [(Math.sign(dx) || 1) * side, (Math.sign(dy) || 1) * side];
  }
  return { x: a.x + dx / 2, y: a.y + dy / 2, u: Math.abs(dx) / 2, v: Math.abs(dy) / 2 };
}

/** One side from `a` to `b`, the opposite one through `c`. */
function rotated(a: Point, b: Point, c: Point): Shape {
  const angle = Math.atan2(b.y - a.y, b.x - a.x) * DEGREES;
  const { v } = unturned({ x: c.x - a.x, y: c.y - a.y }, angle);
  const across = (angle + 90) / DEGREES;
  return {
    shape: 'box',
    x: (a.x + b.x) / 2 + (Math.cos(across) * v) / 2,
    y: (a.y + b.y) / 2 + (Math.sin(across) * v) / 2,
    width: distance(a, b),
    height: Math.abs(v),
    angle: tidyAngle(angle)
  };
}

function annulus(points: readonly Point[], { annulus: kind, square }: MakingOptions): Shape {
  const [a, b, c] = points as [Point, Point, Point | undefined];
  if (kind === 'circle_annulus') {
    const outer = distance(a, b);
    return { shape: kind, x: a.x, y: a.y, inner: c ? Math.min(outer, distance(a, c)) : outer / 2, outer };
  }
  const { x, y, u, v } = between(a, b, square);
  const boxy = kind === 'box_annulus';
  const [p, q] = c ? [Math.abs(c.x - x) / (u || 1), Math.abs(c.y - y) / (v || 1)] : [0.5, 0];
  const share = Math.min(1, boxy ? Math.max(p, q) : Math.hypot(p, q));
  return boxy
    ? { shape: 'box_annulus', x, y, inner_width: 2 * u * share, inner_height: 2 * v * share, outer_width: 2 * u, outer_height: 2 * v, angle: 0 }
    : { shape: 'ellipse_annulus', x, y, inner_a: u * share, inner_b: v * share, outer_a: u, outer_b: v, angle: 0 };
}

function corners(points: readonly Point[]): Vertex[] {
  return points.map(({ x, y }): Vertex => [x, y]);
}

/** What these points make so far; `null` where that is nothing yet. The kernel may still refuse it: see `made`. */
export function sketched(tool: ToolName, points: readonly Point[], options: MakingOptions): Shape | null {
  const [a, b, c] = points;
  if (!a) {
    return null;
  }
  switch (tool) {
    case 'point':
    case 'threshold':
      return { shape: 'point', x: a.x, y: a.y };
    case 'brush':
    case 'eraser':
      return { shape: 'brush', vertices: corners(points), radius: options.radius };
    case 'lasso':
    case 'polygon':
    case 'polyline':
      return b ? { shape: tool === 'polyline' || !c ? 'polyline' : 'polygon', vertices: corners(points) } : null;
    default:
  }
  if (!b) {
    return null;
  }
  switch (tool) {
    case 'line':
      return { shape: 'line', x1: a.x, y1: a.y, x2: b.x, y2: b.y };
    case 'circle':
      return { shape: 'circle', x: a.x, y: a.y, radius: distance(a, b) };
    case 'ellipse': {
      const { x, y, u, v } = between(a, b, options.square);
      return { shape: 'ellipse', x, y, a: u, b: v, angle: 0 };
    }
    case 'box': {
      const { x, y, u, v } = between(a, b, options.square);
      return { shape: 'box', x, y, width: 2 * u, height: 2 * v, angle: 0 };
    }
    case 'rotbox':
      return c ? rotated(a, b, c) : { shape: 'line', x1: a.x, y1: a.y, x2: b.x, y2: b.y };
    case 'annulus':
      return annulus(points, options);
    default:
      return null;
  }
}

/** The shape that these points make; `null` where they make none that is possible. */
export function made(tool: ToolName, points: readonly Point[], options: MakingOptions): Shape | null {
  const shape = sketched(tool, points, options);
  const closed = (tool === 'polygon' || tool === 'lasso') && shape?.shape !== 'polygon';
  const unfinished = tool === 'rotbox' && shape?.shape !== 'box';
  if (!shape || closed || unfinished) {
    return null;
  }
  const neat = tidy(shape);
  return isPossible(neat) ? neat : null;
}

/** Without points that are nearer than `least` to the one before: a hand gives more of them than it takes. */
export function thinned(points: readonly Point[], least: number): Point[] {
  const kept: Point[] = [];
  for (const point of points) {
    const last = kept[kept.length - 1];
    if (!last || distance(last, point) >= least) {
      kept.push(point);
    }
  }
  return kept;
}
