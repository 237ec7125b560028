/** The handles by which a shape is changed, and what dragging one does. */

import type { Point } from '../../core/view';
import { innerHalves, sidesOf, toSegment } from './hits';
import { anchorOf, halves, isBoxy, LEAST, type Shape, tidyAngle, turned, unturned, type Vertex } from './shapes';

export interface Handle {
  kind: 'size' | 'inner' | 'rotate' | 'vertex';
  /** Which corner or side, along the shape's own axes: -1, 0, 1. */
  sx: number;
  sy: number;
  /** Which vertex. */
  index: number;
  at: Point;
}

export interface HandleOptions {
  /** Keeps proportions, or turns by whole steps. */
  steady: boolean;
  /** The other fixed point than usual: the middle for boxes, the opposite side for the rest. */
  other: boolean;
}

/** How far over the shape the handle for turning is, in pixels of the screen. */
const STALK = 24;
/** Vertices beyond which a freehand shape has no handles: they would hide it. */
export const MOST_VERTICES = 400;
const STEP = 15;
const DEGREES = 180 / Math.PI;

const EIGHT = [
  [-1, -1],
  [0, -1],
  [1, -1],
  [1, 0],
  [1, 1],
  [0, 1],
  [-1, 1],
  [-1, 0]
] as const;

function handle(kind: Handle['kind'], at: Point, sx = 0, sy = 0, index = 0): Handle {
  return { kind, sx, sy, index, at };
}

function placed(shape: Shape, u: number, v: number, angle: number): Point {
  const { x, y } = anchorOf(shape);
  const offset = turned(u, v, angle);
  return { x: x + offset.x, y: y + offset.y };
}

export function canTurn(shape: Shape): boolean {
  return 'angle' in shape;
}

/** All handles of a shape; `scale` is pixels of the screen for one of the image. */
export function handlesOf(shape: Shape, scale: number): Handle[] {
  if (shape.shape === 'line') {
    return [handle('vertex', { x: shape.x1, y: shape.y1 }), handle('vertex', { x: shape.x2, y: shape.y2 }, 0, 0, 1)];
  }
  if ('vertices' in shape) {
    return shape.vertices.length > MOST_VERTICES ? [] : shape.vertices.map(([x, y], i) => handle('vertex', { x, y }, 0, 0, i));
  }
  const half = halves(shape);
  if (!half) {
    return [];
  }
  const found = EIGHT.map(([sx, sy]) => handle('size', placed(shape, sx * half.u, sy * half.v, half.angle), sx, sy));
  const inner = innerHalves(shape);
  if (inner) {
    for (const [sx, sy] of EIGHT) {
      if (sx === 0 || sy === 0) {
        found.push(handle('inner', placed(shape, sx * inner.u, sy * inner.v, half.angle), sx, sy));
      }
    }
  }
  if (canTurn(shape)) {
    found.push(handle('rotate', placed(shape, 0, half.v + STALK / scale, half.angle), 0, 1));
  }
  return found;
}

/** The cursor that shows which way a handle goes. */
export function cursorOf({ kind, sx, sy }: Handle, angle: number): string {
  if (kind === 'rotate') {
    return 'grab';
  }
  if (kind === 'vertex') {
    return 'move';
  }
  const direction = Math.atan2(sy, sx) * DEGREES + angle;
  return ['ew-resize', 'nesw-resize', 'ns-resize', 'nwse-resize'][((Math.round(direction / 45) % 4) + 4) % 4]!;
}

/** The shape after one of its handles went to `to`. `shape` is what it was when the drag began. */
export function dragged<S extends Shape>(shape: S, grip: Handle, to: Point, options: HandleOptions): S {
  if (grip.kind === 'vertex') {
    return withVertex(shape, grip.index, to);
  }
  const half = halves(shape);
  if (!half) {
    return shape;
  }
  const { x, y } = anchorOf(shape);
  if (grip.kind === 'rotate') {
    const angle = Math.atan2(to.y - y, to.x - x) * DEGREES - 90;
    return { ...shape, angle: tidyAngle(options.steady ? Math.round(angle / STEP) * STEP : angle) };
  }
  const at = unturned({ x: to.x - x, y: to.y - y }, half.angle);
  if (grip.kind === 'inner') {
    return withInner(shape, grip, at);
  }
  const round = shape.shape === 'circle' || shape.shape === 'circle_annulus';
  const keeps = options.steady || round;
  const centred = isBoxy(shape) ? options.other : !options.other;
  // lengths from the point that stays, and where that is
  const share = centred ? 1 : 2;
  const fixed = centred ? { u: 0, v: 0 } : { u: -grip.sx * half.u, v: -grip.sy * half.v };
  let u = grip.sx === 0 ? half.u : Math.max(LEAST, Math.abs(at.u - fixed.u) / share);
  let v = grip.sy === 0 ? half.v : Math.max(LEAST, Math.abs(at.v - fixed.v) / share);
  if (keeps) {
    const grown = Math.max(grip.sx === 0 ? 0 : u / half.u, grip.sy === 0 ? 0 : v / half.v);
    [u, v] = [Math.max(LEAST, half.u * grown), Math.max(LEAST, half.v * grown)];
  }
  const grownShape = withHalves(shape, u, v);
  if (centred) {
    return grownShape;
  }
  const sign = (value: number, usual: number): number => (usual === 0 ? 0 : Math.sign(value) || usual);
  const offset = turned(
    grip.sx === 0 ? 0 : fixed.u + sign(at.u - fixed.u, grip.sx) * u,
    grip.sy === 0 ? 0 : fixed.v + sign(at.v - fixed.v, grip.sy) * v,
    half.angle
  );
  return { ...grownShape, x: x + offset.x, y: y + offset.y };
}

/** With other outer semi-axes; the inner ones stay within them. */
export function withHalves<S extends Shape>(shape: S, u: number, v: number): S {
  const s: Shape = shape;
  switch (s.shape) {
    case 'circle':
      return { ...shape, radius: u };
    case 'ellipse':
      return { ...shape, a: u, b: v };
    case 'box':
      return { ...shape, width: 2 * u, height: 2 * v };
    case 'circle_annulus':
      return { ...shape, outer: u, inner: Math.min(s.inner, u) };
    case 'ellipse_annulus':
      return { ...shape, outer_a: u, outer_b: v, inner_a: Math.min(s.inner_a, u), inner_b: Math.min(s.inner_b, v) };
    case 'box_annulus':
      return {
        ...shape,
        outer_width: 2 * u,
        outer_height: 2 * v,
        inner_width: Math.min(s.inner_width, 2 * u),
        inner_height: Math.min(s.inner_height, 2 * v)
      };
    default:
      return shape;
  }
}

/** The inner edge of an annulus keeps its proportions. */
function withInner<S extends Shape>(shape: S, grip: Handle, at: { u: number; v: number }): S {
  const s: Shape = shape;
  const half = halves(s)!;
  const inner = innerHalves(s)!;
  const wanted = grip.sx === 0 ? Math.abs(at.v) / half.v : Math.abs(at.u) / half.u;
  const now = grip.sx === 0 ? inner.v / half.v : inner.u / half.u;
  const most = now > 0 ? Math.min(half.u / inner.u, half.v / inner.v) : Infinity;
  const grown = now > 0 ? Math.min(wanted / now, most) : 0;
  // never over the outer edge, not even by rounding
  const u = Math.min(half.u, now > 0 ? inner.u * grown : wanted * half.u);
  const v = Math.min(half.v, now > 0 ? inner.v * grown : wanted * half.v);
  switch (s.shape) {
    case 'circle_annulus':
      return { ...shape, inner: u };
    case 'ellipse_annulus':
      return { ...shape, inner_a: u, inner_b: v };
    case 'box_annulus':
      return { ...shape, inner_width: 2 * u, inner_height: 2 * v };
    default:
      return shape;
  }
}

function withVertex<S extends Shape>(shape: S, index: number, { x, y }: Point): S {
  if (shape.shape === 'line') {
    return index === 0 ? { ...shape, x1: x, y1: y } : { ...shape, x2: x, y2: y };
  }
  if ('vertices' in shape) {
    return { ...shape, vertices: shape.vertices.map((corner, i): Vertex => (i === index ? [x, y] : corner)) };
  }
  return shape;
}

/** With another vertex where a side passes; `null` where none does. */
export function withSideSplit<S extends Shape>(shape: S, at: Point, reach: number): S | null {
  if (shape.shape !== 'polygon' && shape.shape !== 'polyline') {
    return null;
  }
  const sides = sidesOf(shape.vertices, shape.shape === 'polygon');
  const distances = sides.map(([a, b]) => toSegment(at, a, b));
  const nearest = Math.min(...distances);
  if (nearest > reach) {
    return null;
  }
  const after = distances.indexOf(nearest) + 1;
  return { ...shape, vertices: [...shape.vertices.slice(0, after), [at.x, at.y] as const, ...shape.vertices.slice(after)] };
}

/** Without a vertex; `null` where too few would be left. */
export function withoutVertex<S extends Shape>(shape: S, index: number): S | null {
  if (shape.shape !== 'polygon' && shape.shape !== 'polyline') {
    return null;
  }
  const least = shape.shape === 'polygon' ? 3 : 2;
  return shape.vertices.length <= least ? null : { ...shape, vertices: shape.vertices.filter((_, i) => i !== index) };
}
