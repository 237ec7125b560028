/** Shapes as numbers: 0-based image pixels with centres at whole numbers, angles counter-clockwise from +x in degrees. */

import type { Point, Span } from '../../core/view';

export type Vertex = readonly [number, number];

interface Centred {
  x: number;
  y: number;
}

export type PointShape = Centred & { shape: 'point' };
export interface LineShape {
  shape: 'line';
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}
export interface VertexShape {
  shape: 'polyline' | 'polygon';
  vertices: readonly Vertex[];
}
export type CircleShape = Centred & { shape: 'circle'; radius: number };
/** `a` and `b` are semi-axes, along the angle and across it. */
export type EllipseShape = Centred & { shape: 'ellipse'; a: number; b: number; angle: number };
/** `width` and `height` are whole sides, along the angle and across it. */
export type BoxShape = Centred & { shape: 'box'; width: number; height: number; angle: number };
export type CircleAnnulus = Centred & { shape: 'circle_annulus'; inner: number; outer: number };
export type EllipseAnnulus = Centred & {
  shape: 'ellipse_annulus';
  inner_a: number;
  inner_b: number;
  outer_a: number;
  outer_b: number;
  angle: number;
};
export type BoxAnnulus = Centred & {
  shape: 'box_annulus';
  inner_width: number;
  inner_height: number;
  outer_width: number;
  outer_height: number;
  angle: number;
};
/** Exists only as pixels of a mask. */
export interface BrushShape {
  shape: 'brush';
  vertices: readonly Vertex[];
  radius: number;
}

export type Shape =
  | PointShape
  | LineShape
  | VertexShape
  | CircleShape
  | EllipseShape
  | BoxShape
  | CircleAnnulus
  | EllipseAnnulus
  | BoxAnnulus
  | BrushShape;

/** A shape, and what else is known of it. */
export type Region = Shape & {
  id: string;
  frame: string;
  drawn_in: string;
  include: boolean;
  label: string;
  colour: string;
  channels: readonly [number, number] | null;
  stokes: readonly string[] | null;
  /** Drawn, but never part of a mask. */
  annotation?: boolean;
};

/** The numbers of each shape in the order in which they are shown and edited. */
export const FIELDS: Readonly<Record<Shape['shape'], readonly string[]>> = {
  point: ['x', 'y'],
  line: ['x1', 'y1', 'x2', 'y2'],
  polyline: [],
  polygon: [],
  circle: ['x', 'y', 'radius'],
  ellipse: ['x', 'y', 'a', 'b', 'angle'],
  box: ['x', 'y', 'width', 'height', 'angle'],
  circle_annulus: ['x', 'y', 'inner', 'outer'],
  ellipse_annulus: ['x', 'y', 'inner_a', 'inner_b', 'outer_a', 'outer_b', 'angle'],
  box_annulus: ['x', 'y', 'inner_width', 'inner_height', 'outer_width', 'outer_height', 'angle'],
  brush: ['radius']
};

const RADIANS = Math.PI / 180;
/** The least size of anything, in pixels: the kernel refuses 0. */
export const LEAST = 0.01;

export function nameOf(shape: Shape['shape']): string {
  return shape.replace('_', ' ');
}

/** A point given along and across a direction, as an offset along x and y. */
export function turned(u: number, v: number, angle: number): Point {
  const [c, s] = [Math.cos(angle * RADIANS), Math.sin(angle * RADIANS)];
  return { x: u * c - v * s, y: u * s + v * c };
}

/** An offset along x and y, as a point along and across a direction. */
export function unturned({ x, y }: Point, angle: number): { u: number; v: number } {
  const { x: u, y: v } = turned(x, y, -angle);
  return { u, v };
}

/** From -180 up to and including 180. */
export function tidyAngle(angle: number): number {
  const rest = ((angle % 360) + 360) % 360;
  return rest > 180 ? rest - 360 : rest;
}

export function anchorOf(shape: Shape): Point {
  if ('x' in shape) {
    return { x: shape.x, y: shape.y };
  }
  const { x0, x1, y0, y1 } = boundsOf(shape);
  return { x: (x0 + x1) / 2, y: (y0 + y1) / 2 };
}

/** Semi-axes of the outer edge along the angle and across it, of shapes that have such. */
export function halves(shape: Shape): { u: number; v: number; angle: number } | null {
  switch (shape.shape) {
    case 'circle':
      return { u: shape.radius, v: shape.radius, angle: 0 };
    case 'circle_annulus':
      return { u: shape.outer, v: shape.outer, angle: 0 };
    case 'ellipse':
      return { u: shape.a, v: shape.b, angle: shape.angle };
    case 'ellipse_annulus':
      return { u: shape.outer_a, v: shape.outer_b, angle: shape.angle };
    case 'box':
      return { u: shape.width / 2, v: shape.height / 2, angle: shape.angle };
    case 'box_annulus':
      return { u: shape.outer_width / 2, v: shape.outer_height / 2, angle: shape.angle };
    default:
      return null;
  }
}

/** Whether it is bounded by straight lines along its axes. */
export function isBoxy({ shape }: Shape): boolean {
  return shape === 'box' || shape === 'box_annulus';
}

/** The smallest upright box around it. */
export function boundsOf(shape: Shape): Span {
  const half = halves(shape);
  if (half && 'x' in shape) {
    const [c, s] = [Math.abs(Math.cos(half.angle * RADIANS)), Math.abs(Math.sin(half.angle * RADIANS))];
    const [w, h] = isBoxy(shape)
      ? [half.u * c + half.v * s, half.u * s + half.v * c]
      : [Math.hypot(half.u * c, half.v * s), Math.hypot(half.u * s, half.v * c)];
    return { x0: shape.x - w, x1: shape.x + w, y0: shape.y - h, y1: shape.y + h };
  }
  if (shape.shape === 'point') {
    return { x0: shape.x, x1: shape.x, y0: shape.y, y1: shape.y };
  }
  if (shape.shape === 'line') {
    const { x1, x2, y1, y2 } = shape;
    return { x0: Math.min(x1, x2), x1: Math.max(x1, x2), y0: Math.min(y1, y2), y1: Math.max(y1, y2) };
  }
  const margin = shape.shape === 'brush' ? shape.radius : 0;
  const span = { x0: Infinity, x1: -Infinity, y0: Infinity, y1: -Infinity };
  for (const [x, y] of (shape as VertexShape).vertices) {
    span.x0 = Math.min(span.x0, x - margin);
    span.x1 = Math.max(span.x1, x + margin);
    span.y0 = Math.min(span.y0, y - margin);
    span.y1 = Math.max(span.y1, y + margin);
  }
  return span;
}

/** The same, elsewhere; everything else that it carries stays. */
export function moved<S extends Shape>(shape: S, dx: number, dy: number): S {
  if ('vertices' in shape) {
    return { ...shape, vertices: shape.vertices.map(([x, y]): Vertex => [x + dx, y + dy]) };
  }
  if (shape.shape === 'line') {
    return { ...shape, x1: shape.x1 + dx, y1: shape.y1 + dy, x2: shape.x2 + dx, y2: shape.y2 + dy };
  }
  const { x, y } = shape as unknown as Centred;
  return { ...shape, x: x + dx, y: y + dy };
}

export function cornersOf({ x, y }: Point, u: number, v: number, angle: number): Point[] {
  return ([[-1, -1], [1, -1], [1, 1], [-1, 1]] as const).map(([p, q]) => {
    const offset = turned(p * u, q * v, angle);
    return { x: x + offset.x, y: y + offset.y };
  });
}

function rounded(value: number): number {
  // adding nothing makes a plain zero of a negative one
  return Math.round(value * 1e4) / 1e4 + 0;
}

/** With four decimals: what goes to the kernel need not be longer. */
export function tidy<S extends Shape>(shape: S): S {
  const copy: Record<string, unknown> = { ...shape };
  for (const name of FIELDS[shape.shape]) {
    const value = copy[name];
    if (typeof value === 'number') {
      copy[name] = rounded(value);
    }
  }
  if ('vertices' in shape) {
    copy.vertices = shape.vertices.map(([x, y]) => [rounded(x), rounded(y)]);
  }
  return copy as unknown as S;
}

/** Whether the kernel would take it: finite, with sizes, the inner ones below the outer ones. */
export function isPossible(shape: Shape): boolean {
  const values = shape as unknown as Record<string, number>;
  const finite = FIELDS[shape.shape].every(name => Number.isFinite(values[name]));
  const half = halves(shape);
  const sized = !half || (half.u >= LEAST / 2 && half.v >= LEAST / 2);
  switch (shape.shape) {
    case 'polygon':
      return shape.vertices.length >= 3;
    case 'polyline':
      return shape.vertices.length >= 2;
    case 'brush':
      return shape.vertices.length >= 1 && shape.radius > 0;
    case 'circle_annulus':
      return finite && sized && shape.inner >= 0 && shape.inner <= shape.outer;
    case 'ellipse_annulus':
      return finite && sized && shape.inner_a >= 0 && shape.inner_b >= 0 && shape.inner_a <= shape.outer_a && shape.inner_b <= shape.outer_b;
    case 'box_annulus':
      return (
        finite && sized && shape.inner_width >= 0 && shape.inner_height >= 0 && shape.inner_width <= shape.outer_width && shape.inner_height <= shape.outer_height
      );
    default:
      return finite && sized;
  }
}
