import { describe, expect, it } from 'vitest';
import { colourTile } from '../src/viewer/core/canvas-renderer';
import { COLORMAP_NAMES, cssColours, CYCLIC_COLORMAPS, findColormap, lut } from '../src/viewer/core/colormaps';
import type { ColourScale } from '../src/viewer/core/renderer';
import { cumulative, normalise, STRETCHES, stretch, unstretch } from '../src/viewer/core/stretch';
import type { Tile } from '../src/viewer/core/tiles';

describe('colour maps', () => {
  it('have the first and last colours of matplotlib', () => {
    expect([...lut('viridis').slice(0, 4)]).toEqual([68, 1, 84, 255]);
    expect([...lut('viridis').slice(-4)]).toEqual([253, 231, 37, 255]);
    expect([...lut('Greys').slice(0, 4)]).toEqual([255, 255, 255, 255]);
  });
  it('are found whatever the case, and reversed', () => {
    expect(findColormap('greys')).toEqual({ name: 'Greys', reversed: false });
    expect(findColormap('inferno_r')).toEqual({ name: 'inferno', reversed: true });
    expect(findColormap('jet')).toBeNull();
    expect([...lut('viridis_r').slice(0, 3)]).toEqual([...lut('viridis').slice(-4, -1)]);
  });
  it('are 256 opaque colours each', () => {
    for (const name of COLORMAP_NAMES) {
      const table = lut(name);
      expect(table.length).toBe(1024);
      expect(table.filter((_, i) => i % 4 === 3).every(a => a === 255)).toBe(true);
    }
  });
  it('meet at their ends where they are cyclic', () => {
    for (const name of CYCLIC_COLORMAPS) {
      const table = lut(name);
      for (let c = 0; c < 3; c += 1) {
        expect(Math.abs(table[c]! - table[1020 + c]!)).toBeLessThan(8);
      }
    }
  });
  it('make gradients', () => {
    expect(cssColours('gray', 3)).toEqual(['rgb(0,0,0)', 'rgb(128,128,128)', 'rgb(255,255,255)']);
  });
});

describe('stretch', () => {
  const cdf = cumulative({ edges: [0, 1], counts: [10, 5, 1, 1] }, [0, 1]);
  it('goes from 0 to 1, upwards, and back', () => {
    for (const kind of STRETCHES) {
      expect(stretch(0, kind, cdf), kind).toBeCloseTo(0, 6);
      expect(stretch(1, kind, cdf), kind).toBeCloseTo(1, 6);
      let last = -1;
      for (let t = 0; t <= 1; t += 0.05) {
        const u = stretch(t, kind, cdf);
        expect(u).toBeGreaterThan(last);
        expect(unstretch(u, kind, cdf)).toBeCloseTo(t, 4);
        last = u;
      }
    }
  });
  it('has the values of astropy', () => {
    expect(stretch(0.1, 'log')).toBeCloseTo(Math.log(101) / Math.log(1001), 12);
    expect(stretch(0.1, 'asinh')).toBeCloseTo(Math.asinh(1) / Math.asinh(10), 12);
    expect(stretch(0.5, 'power')).toBeCloseTo((Math.sqrt(1000) - 1) / 999, 12);
  });
  it('clips, and leaves NaN alone', () => {
    expect(normalise(-5, [0, 2])).toBe(0);
    expect(normalise(5, [0, 2])).toBe(1);
    expect(normalise(0.5, [0, 2])).toBe(0.25);
    expect(normalise(NaN, [0, 2])).toBeNaN();
    expect(normalise(3, [3, 3])).toBe(0.5);
  });
});

describe('cumulative', () => {
  it('counts shares between the limits only', () => {
    const cdf = cumulative({ edges: [0, 4], counts: [100, 1, 1, 100] }, [1, 3])!;
    expect(cdf[0]).toBe(0);
    expect(cdf[cdf.length - 1]).toBe(1);
    expect(stretch(0.5, 'histogram', cdf)).toBeCloseTo(0.5, 2);
  });
  it('is null where there is nothing', () => {
    expect(cumulative({ edges: [0, 1], counts: [0, 0] }, [0, 1])).toBeNull();
    expect(cumulative({ edges: [0, 1], counts: [1, 1] }, [1, 1])).toBeNull();
    expect(stretch(0.3, 'histogram', null)).toBe(0.3);
  });
});

describe('colourTile', () => {
  const tile: Tile = {
    iteration: 0, x0: 0, x1: 2, y0: 0, y1: 2, nx: 2, ny: 2, fx: 1, fy: 1,
    value: Float32Array.of(0, 1, NaN, NaN),
    flagged: Float32Array.of(NaN, NaN, 1, NaN)
  };
  const scale: ColourScale = { limits: [0, 1], stretch: 'linear', cdf: null, lut: lut('gray'), flaggedLut: lut('Reds'), showFlagged: true };
  const paint = (colours: ColourScale): number[][] => {
    const out = new Uint8ClampedArray(16);
    colourTile(tile, colours, out);
    return [0, 4, 8, 12].map(i => [...out.slice(i, i + 4)]);
  };
  it('has the lowest row last, flagged cells in their own colours, the rest empty', () => {
    const [topLeft, topRight, bottomLeft, bottomRight] = paint(scale);
    expect(bottomLeft).toEqual([0, 0, 0, 255]);
    expect(bottomRight).toEqual([255, 255, 255, 255]);
    expect(topLeft).toEqual([...lut('Reds').slice(-4)]);
    expect(topRight).toEqual([0, 0, 0, 0]);
  });
  it('can leave flagged cells out', () => {
    expect(paint({ ...scale, showFlagged: false })[0]).toEqual([0, 0, 0, 0]);
  });
});
