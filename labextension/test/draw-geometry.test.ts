import { describe, expect, it } from 'vitest';
import { canTurn, dragged, type Handle, type HandleOptions, handlesOf, withoutVertex, withSideSplit } from '../src/viewer/image/draw/handles';
import { innerHalves, isEnclosed, sidesOf, toSegment, where } from '../src/viewer/image/draw/hits';
import { made, sketched, thinned } from '../src/viewer/image/draw/making';
import { pathOf, type Pen, trace } from '../src/viewer/image/draw/outline';
import { anchorOf, boundsOf, cornersOf, halves, isBoxy, isPossible, moved, type Shape, tidy, tidyAngle, turned, unturned, type Vertex } from '../src/viewer/image/draw/shapes';
import type { ToolName } from '../src/viewer/image/draw/tools';
import type { Point } from '../src/viewer/core/view';

/** A repeatable stream of numbers from `lo` to `hi`. */
function stream(seed: number): (lo: number, hi: number) => number {
  let state = seed;
  return (lo, hi) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return lo + ((hi - lo) * ((t ^ (t >>> 14)) >>> 0)) / 2 ** 32;
  };
}

type Kind = Shape['shape'];
const KINDS: readonly Kind[] = ['point', 'line', 'polyline', 'circle', 'ellipse', 'box', 'polygon', 'circle_annulus', 'ellipse_annulus', 'box_annulus'];
const SIZED: readonly Kind[] = ['circle', 'ellipse', 'box', 'circle_annulus', 'ellipse_annulus', 'box_annulus'];
const USUAL: HandleOptions = { steady: false, other: false };

function anyShape(kind: Kind, random: (lo: number, hi: number) => number): Shape {
  const [x, y] = [random(-50, 500), random(-50, 500)];
  const [a, b, angle] = [random(1, 90), random(1, 90), random(-180, 180)];
  const share = random(0.05, 0.95);
  const vertices = (): Vertex[] => Array.from({ length: 3 + Math.floor(random(0, 6)) }, () => [x + random(-60, 60), y + random(-60, 60)] as const);
  switch (kind) {
    case 'point':
      return { shape: kind, x, y };
    case 'line':
      return { shape: kind, x1: x, y1: y, x2: x + random(-60, 60), y2: y + random(-60, 60) };
    case 'polyline':
    case 'polygon':
      return { shape: kind, vertices: vertices() };
    case 'circle':
      return { shape: kind, x, y, radius: a };
    case 'ellipse':
      return { shape: kind, x, y, a, b, angle };
    case 'box':
      return { shape: kind, x, y, width: a, height: b, angle };
    case 'circle_annulus':
      return { shape: kind, x, y, inner: a * share, outer: a };
    case 'ellipse_annulus':
      return { shape: kind, x, y, inner_a: a * share, inner_b: b * share, outer_a: a, outer_b: b, angle };
    case 'box_annulus':
      return { shape: kind, x, y, inner_width: a * share, inner_height: b * share, outer_width: a, outer_height: b, angle };
    default:
      return { shape: 'brush', vertices: vertices(), radius: a };
  }
}

/** Calls `check` with many shapes of these kinds. */
function forMany(kinds: readonly Kind[], check: (shape: Shape, random: (lo: number, hi: number) => number) => void): void {
  for (const kind of kinds) {
    const random = stream(kind.length * 7919 + kind.charCodeAt(0));
    for (let i = 0; i < 60; i += 1) {
      check(anyShape(kind, random), random);
    }
  }
}

/** Points on the lines with which a shape is drawn, in image pixels. */
function outlinePoints(shape: Shape): Point[] {
  const points: Point[] = [];
  const to = { scale: 1, toScreen: ({ x, y }: Point) => ({ x, y: -y }) };
  const pen: Pen = {
    moveTo: (x, y) => points.push({ x, y: -y }),
    lineTo: (x, y) => points.push({ x, y: -y }),
    closePath: () => undefined,
    ellipse: (x, y, a, b, rotation) => {
      for (let t = 0; t < 2 * Math.PI; t += 0.3) {
        const [u, v] = [a * Math.cos(t), b * Math.sin(t)];
        points.push({ x: x + u * Math.cos(rotation) - v * Math.sin(rotation), y: -(y + u * Math.sin(rotation) + v * Math.cos(rotation)) });
      }
    }
  };
  trace(shape, pen, to);
  return points;
}

function near(a: Point, b: Point, digits = 6): void {
  expect(a.x).toBeCloseTo(b.x, digits);
  expect(a.y).toBeCloseTo(b.y, digits);
}

describe('shapes', () => {
  it('move and come back, with their bounds', () => {
    forMany(KINDS, (shape, random) => {
      const [dx, dy] = [random(-99, 99), random(-99, 99)];
      const there = moved({ ...shape, id: 'r1' }, dx, dy);
      const [before, after] = [boundsOf(shape), boundsOf(there)];
      expect(after.x0 - before.x0).toBeCloseTo(dx, 6);
      expect(after.y1 - before.y1).toBeCloseTo(dy, 6);
      expect(there.id).toBe('r1');
      near(anchorOf(moved(there, -dx, -dy)), anchorOf(shape));
    });
  });

  it('are drawn within their bounds, and touch all four sides of them', () => {
    forMany(KINDS.filter(kind => kind !== 'point'), shape => {
      const { x0, x1, y0, y1 } = boundsOf(shape);
      const points = outlinePoints(shape);
      for (const { x, y } of points) {
        expect(x).toBeGreaterThan(x0 - 1e-6);
        expect(x).toBeLessThan(x1 + 1e-6);
        expect(y).toBeGreaterThan(y0 - 1e-6);
        expect(y).toBeLessThan(y1 + 1e-6);
      }
      const slack = 0.05 * Math.max(x1 - x0, y1 - y0) + 1e-6;
      expect(Math.min(...points.map(p => p.x))).toBeLessThan(x0 + slack);
      expect(Math.max(...points.map(p => p.y))).toBeGreaterThan(y1 - slack);
    });
  });

  it('turn angles both ways', () => {
    const random = stream(5);
    for (let i = 0; i < 100; i += 1) {
      const [u, v, angle] = [random(-9, 9), random(-9, 9), random(-720, 720)];
      const back = unturned(turned(u, v, angle), angle);
      expect(back.u).toBeCloseTo(u, 9);
      expect(back.v).toBeCloseTo(v, 9);
      expect(tidyAngle(angle)).toBeGreaterThan(-180);
      expect(tidyAngle(angle)).toBeLessThanOrEqual(180);
    }
    expect(tidyAngle(-180)).toBe(180);
  });

  it('go to the kernel with four decimals and nothing lost', () => {
    expect(tidy({ shape: 'circle', x: 1.23456, y: -0.00001, radius: 2 / 3, id: 'r7' } as Shape)).toEqual({ shape: 'circle', x: 1.2346, y: 0, radius: 0.6667, id: 'r7' });
    expect(tidy({ shape: 'polygon', vertices: [[1 / 3, 0], [1, 1], [2, 0]] })).toEqual({ shape: 'polygon', vertices: [[0.3333, 0], [1, 1], [2, 0]] });
  });

  it('are refused without a size, and with an inner edge outside of the outer one', () => {
    expect(isPossible({ shape: 'circle', x: 0, y: 0, radius: 0 })).toBe(false);
    expect(isPossible({ shape: 'circle', x: NaN, y: 0, radius: 1 })).toBe(false);
    expect(isPossible({ shape: 'polygon', vertices: [[0, 0], [1, 1]] })).toBe(false);
    expect(isPossible({ shape: 'circle_annulus', x: 0, y: 0, inner: 3, outer: 2 })).toBe(false);
    forMany(KINDS, shape => expect(isPossible(shape)).toBe(true));
  });
});

describe('hits', () => {
  it('finds every point of the outline on the edge', () => {
    forMany(KINDS.filter(kind => kind !== 'point'), shape => {
      for (const point of outlinePoints(shape)) {
        expect(where(shape, point, 0.2)).toBe('edge');
      }
    });
  });

  it('tells inside from outside as the definition does', () => {
    forMany([...SIZED, 'polygon'], (shape, random) => {
      const { x0, x1, y0, y1 } = boundsOf(shape);
      for (let i = 0; i < 20; i += 1) {
        const at = { x: random(x0 - 20, x1 + 20), y: random(y0 - 20, y1 + 20) };
        const found = where(shape, at, 0.001);
        if (found === 'edge') {
          continue;
        }
        expect(found === 'inside').toBe(shape.shape === 'polygon' ? turns(at, shape.vertices) % 2 === 1 : isInside(shape, at));
      }
    });
  });

  it('reaches as far around a line as it is told', () => {
    const line: Shape = { shape: 'line', x1: 0, y1: 0, x2: 10, y2: 0 };
    expect(where(line, { x: 5, y: 2 }, 2)).toBe('edge');
    expect(where(line, { x: 5, y: 2.1 }, 2)).toBeNull();
    expect(where(line, { x: 12.1, y: 0 }, 2)).toBeNull();
    expect(where({ shape: 'point', x: 3, y: 4 }, { x: 4, y: 4 }, 1)).toBe('edge');
    expect(toSegment({ x: 3, y: 4 }, [0, 0], [0, 0])).toBe(5);
  });
});

/** By the formula of each shape. */
function isInside(shape: Shape, at: Point): boolean {
  const half = halves(shape)!;
  const { u, v } = unturned({ x: at.x - anchorOf(shape).x, y: at.y - anchorOf(shape).y }, half.angle);
  const within = (a: number, b: number): boolean => (isBoxy(shape) ? Math.abs(u) <= a && Math.abs(v) <= b : (u / a) ** 2 + (v / b) ** 2 <= 1);
  const inner = innerHalves(shape);
  return within(half.u, half.v) && !(inner && within(inner.u, inner.v));
}

/** How many sides a ray to the right crosses, by another way than the one that is tested. */
function turns({ x, y }: Point, vertices: readonly Vertex[]): number {
  return sidesOf(vertices, true).filter(([[ax, ay], [bx, by]]) => {
    const [lo, hi] = ay < by ? [{ x: ax, y: ay }, { x: bx, y: by }] : [{ x: bx, y: by }, { x: ax, y: ay }];
    const left = (hi.x - lo.x) * (y - lo.y) - (x - lo.x) * (hi.y - lo.y) > 0;
    return y >= lo.y && y < hi.y && left;
  }).length;
}

describe('handles', () => {
  const sizes = (shape: Shape): Handle[] => handlesOf(shape, 1).filter(({ kind }) => kind === 'size');

  it('has eight for the size of everything that has one, one to turn what can be turned, and one for each vertex', () => {
    forMany(KINDS, shape => {
      const all = handlesOf(shape, 2);
      const count = (kind: Handle['kind']): number => all.filter(grip => grip.kind === kind).length;
      expect(count('size')).toBe(halves(shape) ? 8 : 0);
      expect(count('rotate')).toBe(canTurn(shape) ? 1 : 0);
      expect(count('inner')).toBe(innerHalves(shape) ? 4 : 0);
      expect(count('vertex')).toBe(shape.shape === 'line' ? 2 : 'vertices' in shape ? shape.vertices.length : 0);
    });
  });

  it('keeps the opposite corner of a box where it is, and brings the dragged one to the pointer', () => {
    forMany(['box', 'box_annulus'], (shape, random) => {
      for (const grip of sizes(shape)) {
        const to = { x: grip.at.x + random(-30, 30), y: grip.at.y + random(-30, 30) };
        const after = dragged(shape, grip, to, USUAL);
        const [before, now] = [halves(shape)!, halves(after)!];
        const opposite = (s: Shape, sx: number, sy: number): Point => {
          const half = halves(s)!;
          const offset = turned(sx * half.u, sy * half.v, half.angle);
          return { x: anchorOf(s).x + offset.x, y: anchorOf(s).y + offset.y };
        };
        const local = unturned({ x: to.x - anchorOf(shape).x, y: to.y - anchorOf(shape).y }, before.angle);
        // past the opposite side the corners change their names
        const crossed = (sx: number, at: number, size: number): number => (sx === 0 ? 0 : Math.sign(at + sx * size) === sx ? sx : -sx);
        const [cx, cy] = [crossed(grip.sx, local.u, before.u), crossed(grip.sy, local.v, before.v)];
        near(opposite(after, -cx, -cy), opposite(shape, -grip.sx, -grip.sy));
        const at = unturned({ x: to.x - anchorOf(after).x, y: to.y - anchorOf(after).y }, now.angle);
        if (grip.sx !== 0 && now.u > 0.02) {
          expect(Math.abs(at.u)).toBeCloseTo(now.u, 6);
        }
        if (grip.sy !== 0 && now.v > 0.02) {
          expect(Math.abs(at.v)).toBeCloseTo(now.v, 6);
        }
        if (grip.sx === 0) {
          expect(now.u).toBeCloseTo(before.u, 9);
        }
        expect(now.angle).toBe(before.angle);
      }
    });
  });

  it('keeps the middle of round shapes, and the middle of a box with Alt', () => {
    forMany(SIZED, (shape, random) => {
      for (const grip of sizes(shape)) {
        const to = { x: grip.at.x + random(-30, 30), y: grip.at.y + random(-30, 30) };
        near(anchorOf(dragged(shape, grip, to, { steady: false, other: isBoxy(shape) })), anchorOf(shape));
      }
    });
  });

  it('keeps proportions with Shift', () => {
    forMany(SIZED, (shape, random) => {
      for (const grip of sizes(shape)) {
        const after = halves(dragged(shape, grip, { x: grip.at.x + random(-30, 30), y: grip.at.y + random(-30, 30) }, { steady: true, other: false }))!;
        const before = halves(shape)!;
        expect(after.u / after.v / (before.u / before.v)).toBeCloseTo(1, 6);
      }
    });
  });

  it('turns towards the pointer about the middle, in steps of 15 degrees with Shift', () => {
    forMany(['ellipse', 'box', 'ellipse_annulus', 'box_annulus'], (shape, random) => {
      const grip = handlesOf(shape, 1).find(({ kind }) => kind === 'rotate')!;
      const to = { x: anchorOf(shape).x + random(-80, 80), y: anchorOf(shape).y + random(-80, 80) };
      const after = dragged(shape, grip, to, USUAL);
      near(anchorOf(after), anchorOf(shape));
      expect(halves(after)).toMatchObject({ u: halves(shape)!.u, v: halves(shape)!.v });
      const local = unturned({ x: to.x - anchorOf(after).x, y: to.y - anchorOf(after).y }, halves(after)!.angle);
      expect(local.u).toBeCloseTo(0, 6);
      expect(local.v).toBeGreaterThan(0);
      const steady = halves(dragged(shape, grip, to, { steady: true, other: false }))!;
      expect(Math.abs(steady.angle % 15)).toBeCloseTo(0, 9);
    });
  });

  it('moves the inner edge of an annulus as a whole, never over the outer one', () => {
    forMany(['circle_annulus', 'ellipse_annulus', 'box_annulus'], (shape, random) => {
      const grip = handlesOf(shape, 1).find(({ kind, sx }) => kind === 'inner' && sx === 1)!;
      const before = innerHalves(shape)!;
      const after = dragged(shape, grip, { x: random(-50, 500), y: random(-50, 500) }, USUAL);
      expect(isPossible(after)).toBe(true);
      const inner = innerHalves(after)!;
      if (inner.v > 1e-3) {
        expect(inner.u / inner.v / (before.u / before.v)).toBeCloseTo(1, 6);
      }
      const half = halves(shape)!;
      // opened up from nothing, it takes the proportions of the outer edge
      const closed = Object.fromEntries(Object.entries(shape).map(([name, value]) => [name, name.startsWith('inner') ? 0 : (value as unknown)])) as unknown as Shape;
      expect(isPossible(dragged(closed, grip, { x: random(-50, 500), y: random(-50, 500) }, USUAL))).toBe(true);
      const offset = turned(half.u * 0.5, 0, half.angle);
      const halfway = dragged(shape, grip, { x: anchorOf(shape).x + offset.x, y: anchorOf(shape).y + offset.y }, USUAL);
      expect(innerHalves(halfway)!.u).toBeLessThanOrEqual(half.u * 0.5 + 1e-6);
    });
  });

  it('never makes a shape that the kernel would refuse', () => {
    forMany(KINDS, (shape, random) => {
      for (const grip of handlesOf(shape, 3)) {
        for (const options of [USUAL, { steady: true, other: false }, { steady: false, other: true }, { steady: true, other: true }]) {
          const after = dragged(shape, grip, { x: random(-200, 700), y: random(-200, 700) }, options);
          expect(isPossible(tidy(after))).toBe(true);
          expect(isPossible(dragged(shape, grip, anchorOf(shape), options))).toBe(true);
        }
      }
    });
  });

  it('brings a vertex to the pointer and leaves the others', () => {
    forMany(['line', 'polyline', 'polygon'], (shape, random) => {
      handlesOf(shape, 1).forEach((grip, i) => {
        const to = { x: random(-9, 9), y: random(-9, 9) };
        const after = handlesOf(dragged(shape, grip, to, USUAL), 1);
        after.forEach(({ at }, j) => near(at, i === j ? to : handlesOf(shape, 1)[j]!.at));
      });
    });
  });

  it('splits a side where it is hit, which changes nothing, and takes vertices away down to three', () => {
    forMany(['polygon'], (shape, random) => {
      const { vertices } = shape as { vertices: readonly Vertex[] };
      const i = Math.floor(random(0, vertices.length));
      const [[ax, ay], [bx, by]] = sidesOf(vertices, true)[i]!;
      const at = { x: (ax + bx) / 2, y: (ay + by) / 2 };
      const split = withSideSplit(shape, at, 0.5) as { vertices: readonly Vertex[] } & Shape;
      expect(split.vertices).toHaveLength(vertices.length + 1);
      for (let k = 0; k < 20; k += 1) {
        const point = { x: random(-50, 500), y: random(-50, 500) };
        expect(isEnclosed(point, split.vertices)).toBe(isEnclosed(point, vertices));
      }
      expect(withSideSplit(shape, { x: 1e4, y: 1e4 }, 5)).toBeNull();
      const less = withoutVertex(shape, 0);
      expect(less === null).toBe(vertices.length === 3);
    });
    expect(withSideSplit({ shape: 'circle', x: 0, y: 0, radius: 2 }, { x: 2, y: 0 }, 1)).toBeNull();
    const open: Shape = { shape: 'polyline', vertices: [[0, 0], [10, 0], [10, 10]] };
    // the side that would close it is not there
    expect(withSideSplit(open, { x: 5, y: 5 }, 1)).toBeNull();
  });
});

describe('making', () => {
  const options = { square: false, annulus: 'circle_annulus', radius: 4 } as const;
  const points = (random: (lo: number, hi: number) => number, n: number): Point[] => Array.from({ length: n }, () => ({ x: random(0, 99), y: random(0, 99) }));

  it('makes every shape so that it goes through the points it was given', () => {
    const random = stream(11);
    for (let i = 0; i < 60; i += 1) {
      const [a, b, c] = points(random, 3) as [Point, Point, Point];
      expect(where(made('circle', [a, b], options)!, b, 0.01)).toBe('edge');
      for (const corner of [a, b]) {
        expect(where(made('box', [a, b], options)!, corner, 0.01)).toBe('edge');
        expect(where(made('rotbox', [a, b, c], options)!, corner, 0.01)).toBe('edge');
      }
      const box = made('rotbox', [a, b, c], options) as Shape & { x: number; y: number; width: number; height: number; angle: number };
      const sides = sidesOf(cornersOf(box, box.width / 2, box.height / 2, box.angle).map(({ x, y }): Vertex => [x, y]), true);
      // the fourth side is in line with the third point
      const far = sides.map(([[ax, ay], [bx, by]]) => Math.abs((bx - ax) * (ay - c.y) - (ax - c.x) * (by - ay)) / Math.hypot(bx - ax, by - ay));
      expect(Math.min(...far)).toBeLessThan(0.01);
      expect(boundsOf(made('ellipse', [a, b], options)!)).toMatchObject({
        x0: expect.closeTo(Math.min(a.x, b.x), 3) as number,
        y1: expect.closeTo(Math.max(a.y, b.y), 3) as number
      });
      for (const annulus of ['circle_annulus', 'ellipse_annulus', 'box_annulus'] as const) {
        const ring = made('annulus', [a, b, c], { ...options, annulus })!;
        expect(ring.shape).toBe(annulus);
        expect(isPossible(ring)).toBe(true);
      }
    }
  });

  it('makes a square and a circle with Shift, towards the pointer', () => {
    const box = made('box', [{ x: 10, y: 10 }, { x: 4, y: 7 }], { ...options, square: true });
    expect(box).toEqual({ shape: 'box', x: 7, y: 7, width: 6, height: 6, angle: 0 });
    expect(made('ellipse', [{ x: 0, y: 0 }, { x: 10, y: 4 }], { ...options, square: true })).toMatchObject({ a: 5, b: 5 });
  });

  it('makes nothing of points that make nothing', () => {
    const at = { x: 5, y: 5 };
    for (const tool of ['circle', 'box', 'ellipse'] as ToolName[]) {
      expect(made(tool, [at], options)).toBeNull();
      expect(made(tool, [at, at], options)).toBeNull();
    }
    expect(made('polygon', [at, { x: 6, y: 6 }], options)).toBeNull();
    expect(made('rotbox', [at, { x: 6, y: 6 }], options)).toBeNull();
    expect(made('lasso', [at], options)).toBeNull();
    expect(made('brush', [at], options)).toEqual({ shape: 'brush', vertices: [[5, 5]], radius: 4 });
    expect(sketched('polygon', [at, { x: 6, y: 6 }], options)).toMatchObject({ shape: 'polyline' });
  });

  it('thins a stroke without losing its way', () => {
    const stroke = Array.from({ length: 1000 }, (_, i) => ({ x: i / 100, y: Math.sin(i / 100) }));
    const thin = thinned(stroke, 0.5);
    expect(thin.length).toBeLessThan(40);
    for (const { x, y } of stroke) {
      expect(Math.min(...thin.map(p => Math.hypot(p.x - x, p.y - y)))).toBeLessThan(0.51);
    }
  });
});

describe('outlines', () => {
  it('are SVG paths in pixels of the screen', () => {
    const to = { scale: 2, toScreen: ({ x, y }: Point) => ({ x: 2 * x, y: 100 - 2 * y }) };
    expect(pathOf({ shape: 'box', x: 10, y: 10, width: 4, height: 2, angle: 0 }, to)).toBe('M16 82L24 82L24 78L16 78Z');
    expect(pathOf({ shape: 'circle', x: 10, y: 10, radius: 3 }, to)).toBe('M26 80M26 80A6 6 0 0 1 14 80A6 6 0 0 1 26 80Z');
    expect(pathOf({ shape: 'line', x1: 0, y1: 0, x2: 1, y2: 1 }, to)).toBe('M0 100L2 98');
    expect(pathOf({ shape: 'polygon', vertices: [[0, 0], [1, 0], [1, 1]] }, to)).toBe('M0 100L2 100L2 98Z');
  });
});
