import { describe, expect, it } from 'vitest';
import { FakeArray } from '../dev/fake-array';
import { classOfShare } from '../src/viewer/antennas/colours';
import { parseAntennas } from '../src/viewer/antennas/controls';
import { isDrawn, nearest, nextTowards, place, pointsOf, project, projectionOf, unproject } from '../src/viewer/antennas/geometry';
import { LABEL_HEIGHT, placeLabels } from '../src/viewer/antennas/labels';
import { INITIAL_STATE } from '../src/viewer/antennas/protocol';
import { sorted } from '../src/viewer/antennas/table';
import { limitsOf, paintPoints } from '../src/viewer/antennas/uv';
import { mjdSeconds } from '../src/viewer/core/line-plot';
import { lengthText, Plane, roundLength, roundTicks, spanOf } from '../src/viewer/core/plane';

/** Repeatable numbers between 0 and 1. */
function randoms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

const array = new FakeArray();
const layout = array.layout();

describe('Plane', () => {
  const rect = { x: 60, y: 10, width: 600, height: 300 };

  it('has one scale for both axes, and north up', () => {
    const plane = new Plane();
    const span = { x0: -100, x1: 300, y0: 0, y1: 100 };
    plane.setBounds(span, rect);
    plane.fit(span, rect, 0);
    const [a, east, north] = [{ x: 0, y: 0 }, { x: 10, y: 0 }, { x: 0, y: 10 }].map(p => plane.toScreen(p, rect));
    expect(east!.x - a!.x).toBeCloseTo(15);
    expect(a!.y - north!.y).toBeCloseTo(15);
    expect(plane.span(rect)).toEqual({ x0: -100, x1: 300, y0: -50, y1: 150 });
  });

  it('goes there and back, and keeps what is under the pointer', () => {
    const random = randoms(1);
    for (let i = 0; i < 200; i += 1) {
      const plane = new Plane();
      const [x0, y0] = [random() * 1e4 - 5e3, random() * 1e4 - 5e3];
      const span = { x0, x1: x0 + 1 + random() * 1e5, y0, y1: y0 + 1 + random() * 1e5 };
      plane.setBounds(span, rect);
      plane.fit(span, rect, 20);
      const at = { x: rect.x + random() * rect.width, y: rect.y + random() * rect.height };
      const before = plane.toPlane(at, rect);
      const again = plane.toScreen(before, rect);
      expect(again.x).toBeCloseTo(at.x, 6);
      expect(again.y).toBeCloseTo(at.y, 6);
      const middle = { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 };
      const held = plane.toPlane(middle, rect);
      plane.zoomAt(middle, rect, 1 + random() * 5);
      expect(plane.toPlane(middle, rect).x).toBeCloseTo(held.x, 4);
    }
  });

  it('does not lose itself: not too close, not too far, never away from what there is', () => {
    const plane = new Plane();
    const span = { x0: 0, x1: 10, y0: 0, y1: 10 };
    plane.setBounds(span, rect);
    plane.fit(span, rect, 0);
    const whole = plane.scale;
    for (let i = 0; i < 60; i += 1) {
      plane.zoomAt({ x: 100, y: 100 }, rect, 10);
    }
    expect(plane.scale / whole).toBeLessThan(1e5);
    plane.panBy(-1e9, 1e9);
    const seen = plane.span(rect);
    expect(seen.x0).toBeLessThanOrEqual(10);
    expect(seen.x1).toBeGreaterThanOrEqual(10);
    for (let i = 0; i < 60; i += 1) {
      plane.zoomAt({ x: 100, y: 100 }, rect, 0.1);
    }
    expect(plane.scale / whole).toBeCloseTo(0.25);
  });

  it('shows a single place as well', () => {
    const plane = new Plane();
    const span = spanOf([{ x: 5, y: 7 }])!;
    plane.setBounds(span, rect);
    plane.fit(span, rect, 30);
    expect(plane.toScreen({ x: 5, y: 7 }, rect)).toEqual({ x: 360, y: 160 });
    expect(Number.isFinite(plane.scale)).toBe(true);
  });
});

describe('round values', () => {
  it('are 1, 2 or 5 times a power of ten, as many as there is room for', () => {
    expect(roundTicks(-190, 410, 600, 76).map(t => t.text)).toEqual(['−100', '0', '100', '200', '300', '400']);
    expect(roundTicks(0, 1, 300, 60).map(t => t.text)).toEqual(['0.0', '0.2', '0.4', '0.6', '0.8', '1.0']);
    expect(roundTicks(-0.4, 5, 300, 60).every(t => !Object.is(t.value, -0))).toBe(true);
    expect(roundTicks(3, 3, 300, 60)).toEqual([]);
  });

  it('make a scale bar that is not longer than its room', () => {
    for (const most of [0.3, 1, 7.3, 49, 50, 1234, 6e6]) {
      const length = roundLength(most);
      expect(length).toBeLessThanOrEqual(most * 1.001);
      expect(length).toBeGreaterThan(most / 2.6);
      expect(['1', '2', '5']).toContain(String(Number(length.toPrecision(3)) / 10 ** Math.floor(Math.log10(length) + 1e-9)).slice(0, 1));
    }
    expect([lengthText(0.05), lengthText(345.64), lengthText(25_000)]).toEqual(['5 cm', '345.6 m', '25 km']);
  });
});

describe('projection', () => {
  it('keeps metres when linear', () => {
    const linear = projectionOf('linear', layout.antennas);
    expect(project(3, -4, linear)).toEqual({ x: 3, y: -4 });
  });

  it('keeps directions and order when logarithmic, and goes back', () => {
    const random = randoms(3);
    const log = projectionOf('log', layout.antennas);
    for (let i = 0; i < 300; i += 1) {
      const [e, n] = [(random() - 0.5) * 10 ** (1 + 6 * random()), (random() - 0.5) * 10 ** (1 + 6 * random())];
      const at = project(e, n, log);
      expect(Math.atan2(at.y, at.x)).toBeCloseTo(Math.atan2(n, e), 9);
      const back = unproject(at, log);
      expect(Math.hypot(back.x - e, back.y - n)).toBeLessThan(1e-6 * Math.hypot(e, n) + 1e-9);
      const farther = project(1.5 * e, 1.5 * n, log);
      expect(Math.hypot(farther.x, farther.y)).toBeGreaterThan(Math.hypot(at.x, at.y));
    }
    expect(project(0, 0, log)).toEqual({ x: 0, y: 0 });
  });

  it('has an inner radius that goes with the array', () => {
    expect(projectionOf('log', layout.antennas).inner).toBe(10);
    expect(projectionOf('log', new FakeArray({ stretch: 1000 }).antennas).inner).toBe(10_000);
    expect(projectionOf('log', []).inner).toBe(1);
  });
});

describe('which antennas are drawn', () => {
  it('leaves out zero positions, the excluded, and those without data where asked', () => {
    const linear = projectionOf('linear', layout.antennas);
    expect(place(layout, INITIAL_STATE, linear)).toHaveLength(117);
    const withData = layout.antennas.filter(a => a.has_data).length;
    expect(place(layout, { ...INITIAL_STATE, only_with_data: true }, linear)).toHaveLength(withData);
    const ids = place(layout, { ...INITIAL_STATE, exclude: [0, 5] }, linear).map(p => p.antenna.id);
    expect(ids).not.toContain(0);
    expect(ids).not.toContain(5);
    expect(isDrawn(layout.antennas.at(-1)!, INITIAL_STATE)).toBe(false);
  });

  it('shows core and outriggers by the presets, and all where there is no such antenna', () => {
    const placed = place(layout, INITIAL_STATE, projectionOf('linear', layout.antennas));
    expect(pointsOf('core', placed, layout.core)).toHaveLength(102);
    expect(pointsOf('outriggers', placed, layout.core)).toHaveLength(15);
    expect(pointsOf('outriggers', placed, placed.map(p => p.antenna.id))).toHaveLength(117);
  });

  it('finds the nearest one, and the next in a direction', () => {
    const items = [[0, 0], [10, 0], [10, 3], [0, 40]].map(([x, y]) => ({ at: { x: x!, y: y! }, screen: { x: x!, y: y! } }));
    expect(nearest(items, { x: 9, y: 1 }, 5)).toBe(items[1]);
    expect(nearest(items, { x: 200, y: 1 }, 5)).toBeNull();
    expect(nextTowards(items, { x: 0, y: 0 }, 1, 0)).toBe(items[1]);
    expect(nextTowards(items, { x: 0, y: 0 }, 0, 1)).toBe(items[3]);
    expect(nextTowards(items, { x: 0, y: 0 }, -1, 0)).toBeNull();
  });
});

describe('labels', () => {
  const rect = { x: 0, y: 0, width: 600, height: 400 };

  it('never touch each other, at any density', () => {
    const random = randoms(7);
    for (let round = 0; round < 40; round += 1) {
      const size = 20 + 580 * random();
      const wishes = Array.from({ length: 117 }, (_, id) => ({
        id,
        text: String(id),
        width: 8 + 30 * random(),
        at: { x: random() * size, y: random() * Math.min(size, 400) },
        priority: id === 3 ? 2 : id < 3 ? 1 : 0
      }));
      const placed = placeLabels(wishes, rect, 6).map(({ id, x, y }) => ({ id, x0: x, x1: x + wishes[id]!.width, y0: y + 2 - LABEL_HEIGHT, y1: y + 2 }));
      expect(placed.length).toBeGreaterThan(0);
      placed.forEach((a, i) =>
        placed.slice(i + 1).forEach(b => {
          expect(a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1, `${a.id} and ${b.id}`).toBe(false);
        })
      );
      expect(placed.every(p => p.x0 >= 0 && p.x1 <= 600 && p.y0 >= 0 && p.y1 <= 400)).toBe(true);
      expect(placed.map(p => p.id)).toContain(3);
    }
  });

  it('are more when there is more room', () => {
    const wishes = (step: number): Parameters<typeof placeLabels>[0] =>
      Array.from({ length: 50 }, (_, id) => ({ id, text: String(id), width: 14, at: { x: 20 + id * step, y: 100 }, priority: 0 }));
    const far = placeLabels(wishes(2), { ...rect, width: 4000 }, 6).length;
    const near = placeLabels(wishes(60), { ...rect, width: 4000 }, 6).length;
    expect(far).toBeLessThan(25);
    expect(near).toBe(50);
  });
});

describe('colours by flagged share', () => {
  it('are green below, amber from, red over the thresholds', () => {
    const thresholds = [0.2, 0.5] as const;
    expect([0, 0.199, 0.2, 0.5, 0.501, 1, null].map(share => classOfShare(share, thresholds))).toEqual(['good', 'good', 'fair', 'fair', 'bad', 'bad', 'unknown']);
  });
});

describe('the order of the table', () => {
  const flagged = new FakeArray();
  const antennas = flagged.antennas;

  it('counts names as people do', () => {
    expect(sorted(antennas, 'name', false, INITIAL_STATE).slice(0, 3).map(a => a.name)).toEqual(['1', '2', '3']);
    expect(sorted(antennas, 'name', true, INITIAL_STATE)[0]!.name).toBe('119');
  });

  it('has those without a value last, either way', () => {
    for (const descending of [false, true]) {
      const order = sorted(antennas, 'flagged', descending, INITIAL_STATE);
      const values = order.map(a => (a.has_data ? a.flagged_cross : null));
      const known = values.filter((v): v is number => v !== null);
      expect(values.slice(0, known.length)).not.toContain(null);
      expect(known).toEqual([...known].sort((a, b) => (descending ? b - a : a - b)));
    }
  });
});

describe('a list of antennas', () => {
  it('takes names before ids, and says what it does not know', () => {
    expect(parseAntennas('1, 117; 2', array.antennas)).toEqual({ ids: [0, 116, 1], unknown: null });
    expect(parseAntennas('0', array.antennas)).toEqual({ ids: [0], unknown: null });
    expect(parseAntennas('5 ea99', array.antennas)).toEqual({ ids: [4], unknown: 'ea99' });
    expect(parseAntennas('  ', array.antennas)).toEqual({ ids: [], unknown: null });
  });
});

describe('uv points', () => {
  const result = { n: 2, step: 1, frequency_mhz: null, wavelength_m: null, color_label: '', color_range: null, baselines: 2 };
  const paint = { colours: Uint32Array.from({ length: 256 }, (_, i) => i + 1), limits: [0, 1] as const, scale: 1, x: 5, y: 5, size: 1 };

  it('are drawn with their conjugates, v up, in the colour of their value', () => {
    const pixels = new Uint32Array(11 * 11);
    const points = { result, u: Float32Array.of(3, 100), v: Float32Array.of(2, 0), value: Float32Array.of(1, 0) };
    paintPoints(pixels, 11, 11, points, paint);
    const drawn = [...pixels.keys()].filter(k => pixels[k] !== 0).map(k => [k % 11, Math.floor(k / 11), pixels[k]]);
    expect(drawn).toEqual([[8, 3, 256], [2, 7, 256]]);
  });

  it('are grey without a value, and clipped at the edges', () => {
    const pixels = new Uint32Array(11 * 11);
    paintPoints(pixels, 11, 11, { result, u: Float32Array.of(5), v: Float32Array.of(5), value: Float32Array.of(NaN) }, { ...paint, size: 3 });
    expect(pixels[10]).toBe(0xff8c8c8c);
    expect(pixels.filter(p => p !== 0)).toHaveLength(8);
  });

  it('take their limits from the kernel, else from the values', () => {
    const points = { result, u: new Float32Array(3), v: new Float32Array(3), value: Float32Array.of(4, NaN, -2) };
    expect(limitsOf(points)).toEqual([-2, 4]);
    expect(limitsOf({ ...points, result: { ...result, color_range: [0, 9] } })).toEqual([0, 9]);
    expect(limitsOf({ ...points, value: Float32Array.of(NaN) })).toEqual([0, 1]);
  });

  it('do not hold up the page: 200 000 of them', () => {
    const random = randoms(5);
    const n = 200_000;
    const make = (): Float32Array => Float32Array.from({ length: n }, () => (random() - 0.5) * 1000);
    const points = { result, u: make(), v: make(), value: make() };
    const pixels = new Uint32Array(1000 * 1000);
    const start = performance.now();
    paintPoints(pixels, 1000, 1000, points, { ...paint, limits: [-500, 500], x: 500, y: 500, size: 2 });
    expect(performance.now() - start).toBeLessThan(1000);
    expect(pixels.some(p => p !== 0)).toBe(true);
  });
});

describe('mjdSeconds', () => {
  it('reads what the kernel writes', () => {
    expect(mjdSeconds('1858-11-17 00:00:10')).toBe(10);
    expect(mjdSeconds('2025-09-05 03:23:14.5')).toBeCloseTo(60_923 * 86_400 + 12_194.5, 3);
    expect(mjdSeconds('no time')).toBeNaN();
  });
});
