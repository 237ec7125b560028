import { describe, expect, it } from 'vitest';
import { cellsOf, intersects, View } from '../src/viewer/core/view';

const RECT = { x: 50, y: 10, width: 400, height: 200 };

describe('View', () => {
  it('shows the whole picture first, y upwards', () => {
    const view = new View(100, 40);
    expect(view.isWhole).toBe(true);
    expect(view.toScreen({ x: 0, y: 0 }, RECT)).toEqual({ x: 50, y: 210 });
    expect(view.toScreen({ x: 100, y: 40 }, RECT)).toEqual({ x: 450, y: 10 });
  });

  it('maps screen and cells both ways', () => {
    const view = new View(4656, 768, { x0: 1000, x1: 1100, y0: 5, y1: 55 });
    for (const point of [{ x: 50, y: 10 }, { x: 123.4, y: 99.9 }, { x: 450, y: 210 }]) {
      const back = view.toScreen(view.toCell(point, RECT), RECT);
      expect(back.x).toBeCloseTo(point.x, 9);
      expect(back.y).toBeCloseTo(point.y, 9);
    }
  });

  it('keeps the cell under the pointer while zooming', () => {
    const view = new View(100, 100, { x0: 20, x1: 60, y0: 20, y1: 60 });
    const at = { x: 33, y: 41 };
    const before = view.toScreen(at, RECT);
    view.zoomAt(at, 1.7, 1.3);
    const after = view.toScreen(at, RECT);
    expect(after.x).toBeCloseTo(before.x, 9);
    expect(after.y).toBeCloseTo(before.y, 9);
    expect(view.zoom.x).toBeCloseTo((100 / 40) * 1.7, 9);
  });

  it('never leaves the picture', () => {
    const view = new View(100, 50);
    view.zoomAt({ x: 99, y: 1 }, 4, 4);
    view.panBy(1e6, -1e6);
    expect(view.range).toEqual({ x0: 75, x1: 100, y0: 0, y1: 12.5 });
    view.zoomAt({ x: 80, y: 5 }, 1e-6, 1e-6);
    expect(view.isWhole).toBe(true);
  });

  it('never shows less than one cell, also of a picture of one cell', () => {
    const view = new View(100, 1);
    view.zoomAt({ x: 10.5, y: 0.5 }, 1e9, 1e9);
    expect(view.range.x1 - view.range.x0).toBe(1);
    expect(view.range).toMatchObject({ y0: 0, y1: 1 });
    view.set({ x0: 30.2, x1: 30.3, y0: 0.4, y1: 0.5 });
    expect(view.range.x1 - view.range.x0).toBeCloseTo(1, 12);
  });

  it('takes a box dragged in any direction', () => {
    const view = new View(10, 10);
    view.set({ x0: 8, x1: 2, y0: 9, y1: 3 });
    expect(view.range).toEqual({ x0: 2, x1: 8, y0: 3, y1: 9 });
  });
});

describe('cellsOf', () => {
  const view = new View(10, 10);
  it('covers every cell the box touches, half open', () => {
    expect(cellsOf({ x: 7.1, y: 2.9 }, { x: 2.5, y: 0.2 }, view)).toEqual({ x0: 2, x1: 8, y0: 0, y1: 3 });
  });
  it('is cut at the edges and null outside', () => {
    expect(cellsOf({ x: -5, y: -5 }, { x: 1.5, y: 100 }, view)).toEqual({ x0: 0, x1: 2, y0: 0, y1: 10 });
    expect(cellsOf({ x: -5, y: 0 }, { x: -1, y: 5 }, view)).toBeNull();
  });
});

describe('intersects', () => {
  it('does not count a shared edge', () => {
    const a = { x0: 0, x1: 1, y0: 0, y1: 1 };
    expect(intersects(a, { x0: 1, x1: 2, y0: 0, y1: 1 })).toBe(false);
    expect(intersects(a, { x0: 0.5, x1: 2, y0: 0.5, y1: 2 })).toBe(true);
  });
});
