/** The lines with which a shape is drawn: on a canvas, or as the path of an SVG. */

import type { Point } from '../../core/view';
import { cornersOf, halves, isBoxy, type Shape } from './shapes';

/** What lines are drawn with: a canvas, a `Path2D`, or `SvgPen`. */
export type Pen = Pick<CanvasPath, 'moveTo' | 'lineTo' | 'closePath' | 'ellipse'>;

/** Image pixels to places on the screen: one scale for both axes, y downwards. */
export interface Projector {
  readonly scale: number;
  toScreen(pixel: Point): Point;
}

/** Half the size of the cross that stands for a point, in pixels of the screen. */
const POINT = 6;
const RADIANS = Math.PI / 180;

export function trace(shape: Shape, pen: Pen, to: Projector): void {
  switch (shape.shape) {
    case 'point': {
      const { x, y } = to.toScreen(shape);
      line(pen, [{ x: x - POINT, y }, { x: x + POINT, y }], false);
      line(pen, [{ x, y: y - POINT }, { x, y: y + POINT }], false);
      return;
    }
    case 'line':
      line(pen, [to.toScreen({ x: shape.x1, y: shape.y1 }), to.toScreen({ x: shape.x2, y: shape.y2 })], false);
      return;
    case 'polyline':
    case 'polygon':
    case 'brush':
      line(pen, shape.vertices.map(([x, y]) => to.toScreen({ x, y })), shape.shape === 'polygon');
      return;
    case 'circle_annulus':
      around(shape, shape.outer, shape.outer, 0, pen, to);
      around(shape, shape.inner, shape.inner, 0, pen, to);
      return;
    case 'ellipse_annulus':
      around(shape, shape.outer_a, shape.outer_b, shape.angle, pen, to);
      around(shape, shape.inner_a, shape.inner_b, shape.angle, pen, to);
      return;
    case 'box_annulus':
      line(pen, cornersOf(shape, shape.outer_width / 2, shape.outer_height / 2, shape.angle).map(p => to.toScreen(p)), true);
      line(pen, cornersOf(shape, shape.inner_width / 2, shape.inner_height / 2, shape.angle).map(p => to.toScreen(p)), true);
      return;
    default: {
      const half = halves(shape)!;
      if (isBoxy(shape)) {
        line(pen, cornersOf(shape, half.u, half.v, half.angle).map(p => to.toScreen(p)), true);
      } else {
        around(shape, half.u, half.v, half.angle, pen, to);
      }
    }
  }
}

function line(pen: Pen, points: readonly Point[], closed: boolean): void {
  points.forEach(({ x, y }, i) => (i === 0 ? pen.moveTo(x, y) : pen.lineTo(x, y)));
  if (closed) {
    pen.closePath();
  }
}

function around(centre: Point, a: number, b: number, angle: number, pen: Pen, to: Projector): void {
  const { x, y } = to.toScreen(centre);
  const turn = -angle * RADIANS;
  pen.moveTo(x + a * to.scale * Math.cos(turn), y + a * to.scale * Math.sin(turn));
  pen.ellipse(x, y, a * to.scale, b * to.scale, turn, 0, 2 * Math.PI);
  pen.closePath();
}

/** Collects what is drawn as the `d` of an SVG path. */
export class SvgPen implements Pen {
  private readonly parts: string[] = [];

  get d(): string {
    return this.parts.join('');
  }

  moveTo(x: number, y: number): void {
    this.parts.push(`M${number(x)} ${number(y)}`);
  }

  lineTo(x: number, y: number): void {
    this.parts.push(`L${number(x)} ${number(y)}`);
  }

  closePath(): void {
    this.parts.push('Z');
  }

  /** Only whole ones, as two halves. */
  ellipse(x: number, y: number, a: number, b: number, rotation: number): void {
    const [dx, dy] = [a * Math.cos(rotation), a * Math.sin(rotation)];
    const half = `A${number(a)} ${number(b)} ${number(rotation / RADIANS)} 0 1`;
    this.parts.push(`M${number(x + dx)} ${number(y + dy)}${half} ${number(x - dx)} ${number(y - dy)}${half} ${number(x + dx)} ${number(y + dy)}`);
  }
}

function number(value: number): string {
  return String(Math.round(value * 100) / 100 + 0);
}

export function pathOf(shape: Shape, to: Projector): string {
  const pen = new SvgPen();
  trace(shape, pen, to);
  return pen.d;
}
