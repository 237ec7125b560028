/** Where a pointer is in relation to a shape. */

import type { Point } from '../../core/view';
import { halves, isBoxy, type Shape, unturned, type Vertex } from './shapes';

/** `edge`: on a line of it; `inside`: within; `null`: neither. */
export type Where = 'edge' | 'inside' | null;

/** Distance of a point from the line between two others. */
export function toSegment({ x, y }: Point, [ax, ay]: Vertex, [bx, by]: Vertex): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const t = length > 0 ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}

/** Sides as pairs of corners, in order. */
export function sidesOf(vertices: readonly Vertex[], closed: boolean): [Vertex, Vertex][] {
  const sides = vertices.slice(1).map((corner, i): [Vertex, Vertex] => [vertices[i]!, corner]);
  if (closed && vertices.length > 2) {
    sides.push([vertices[vertices.length - 1]!, vertices[0]!]);
  }
  return sides;
}

/** Whether a point is enclosed an odd number of times. */
export function isEnclosed({ x, y }: Point, vertices: readonly Vertex[]): boolean {
  let inside = false;
  for (const [[ax, ay], [bx, by]] of sidesOf(vertices, true)) {
    if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) {
      inside = !inside;
    }
  }
  return inside;
}

/** How far outside the edge of an ellipse or a box a point is, negative inside; near the edge it is a distance. */
function beyond(u: number, v: number, a: number, b: number, boxy: boolean): number {
  if (boxy) {
    const [dx, dy] = [Math.abs(u) - a, Math.abs(v) - b];
    return Math.max(dx, dy) <= 0 ? Math.max(dx, dy) : Math.hypot(Math.max(dx, 0), Math.max(dy, 0));
  }
  if (a <= 0 || b <= 0) {
    return Math.hypot(u, v);
  }
  // value over gradient: the distance to first order
  const k = Math.hypot(u / a, v / b);
  const slope = Math.hypot(u / (a * a), v / (b * b));
  return slope > 0 ? ((k - 1) * k) / slope : -Math.min(a, b);
}

/** The inner semi-axes of an annulus. */
export function innerHalves(shape: Shape): { u: number; v: number } | null {
  switch (shape.shape) {
    case 'circle_annulus':
      return { u: shape.inner, v: shape.inner };
    case 'ellipse_annulus':
      return { u: shape.inner_a, v: shape.inner_b };
    case 'box_annulus':
      return { u: shape.inner_width / 2, v: shape.inner_height / 2 };
    default:
      return null;
  }
}

/** Where a point is; as far as `reach` from a line counts as on it. */
export function where(shape: Shape, at: Point, reach: number): Where {
  const half = halves(shape);
  if (half && 'x' in shape) {
    const { u, v } = unturned({ x: at.x - shape.x, y: at.y - shape.y }, half.angle);
    const outer = beyond(u, v, half.u, half.v, isBoxy(shape));
    const inner = innerHalves(shape);
    const hole = inner ? beyond(u, v, inner.u, inner.v, isBoxy(shape)) : Infinity;
    if (Math.abs(outer) <= reach || Math.abs(hole) <= reach) {
      return 'edge';
    }
    return outer <= 0 && hole >= 0 ? 'inside' : null;
  }
  switch (shape.shape) {
    case 'point':
      return Math.hypot(at.x - shape.x, at.y - shape.y) <= 1.5 * reach ? 'edge' : null;
    case 'line':
      return toSegment(at, [shape.x1, shape.y1], [shape.x2, shape.y2]) <= reach ? 'edge' : null;
    case 'polyline':
    case 'polygon': {
      const closed = shape.shape === 'polygon';
      if (sidesOf(shape.vertices, closed).some(([a, b]) => toSegment(at, a, b) <= reach)) {
        return 'edge';
      }
      return closed && isEnclosed(at, shape.vertices) ? 'inside' : null;
    }
    default:
      return null;
  }
}
