import { describe, expect, it, vi } from 'vitest';
import { TileLoader } from '../src/viewer/core/loader';
import { binning, keyText, spanOf, TILE, type Tile, TileCache, type TileKey, tilesFor, valueAt } from '../src/viewer/core/tiles';
import { readTile, tileRequest } from '../src/viewer/raster/tile';

function tile(key: TileKey, n = 4): Tile {
  const span = { x0: key.column * 2 * key.fx, x1: (key.column + 1) * 2 * key.fx, y0: 0, y1: 2 * key.fy };
  return { ...span, iteration: key.iteration, nx: 2, ny: 2, fx: key.fx, fy: key.fy, value: new Float32Array(n), flagged: null };
}

function key(column: number, fx = 1, iteration = 0): TileKey {
  return { iteration, fx, fy: fx, column, row: 0 };
}

describe('binning', () => {
  it('is never finer than the screen and at most half as coarse again', () => {
    for (let cells = 1; cells < 20000; cells = Math.ceil(cells * 1.13)) {
      const f = binning(cells, 500);
      expect(cells / f).toBeLessThanOrEqual(500 * 1.002);
      if (f > 2) {
        expect(cells / f).toBeGreaterThan(500 / 1.51);
      }
    }
    expect(binning(4656, 900)).toBe(6);
    expect(binning(500, 500)).toBe(1);
    expect(binning(10, 0)).toBe(12);
  });
});

describe('tilesFor', () => {
  it('covers the view and nothing more, nearest first', () => {
    const view = { x0: 600, x1: 1500, y0: 0, y1: 300 };
    const keys = tilesFor(0, view, 1, 1, 4656, 768);
    expect(keys.map(k => k.column).sort()).toEqual([1, 2]);
    for (const one of keys) {
      expect(spanOf(one, 4656, 768).x1).toBeGreaterThan(view.x0);
    }
    const wide = tilesFor(0, { x0: 0, x1: 4656, y0: 0, y1: 768 }, 1, 1, 4656, 768);
    expect(wide).toHaveLength(10 * 2);
    expect(wide[0]!.column).toBeGreaterThan(2);
    expect(wide[0]!.column).toBeLessThan(7);
  });
  it('covers every cell once', () => {
    const covered = new Uint8Array(1300);
    for (const one of tilesFor(0, { x0: 0, x1: 1300, y0: 0, y1: 1 }, 2, 1, 1300, 1)) {
      const { x0, x1 } = spanOf(one, 1300, 1);
      for (let x = x0; x < x1; x += 1) {
        covered[x]! += 1;
      }
    }
    expect(covered.every(n => n === 1)).toBe(true);
  });
  it('stays within the size of a message', () => {
    expect(TILE * TILE * 8).toBeLessThanOrEqual(4 << 20);
  });
});

describe('TileCache', () => {
  it('drops the least recently used and says so', () => {
    const dropped: Tile[] = [];
    const cache = new TileCache(40, t => dropped.push(t));
    const [a, b, c] = [0, 1, 2].map(i => tile(key(i)));
    cache.set(key(0), a!);
    cache.set(key(1), b!);
    cache.get(key(0));
    cache.set(key(2), c!);
    expect(dropped).toEqual([b]);
    expect(cache.has(key(0))).toBe(true);
    cache.clear();
    expect(dropped).toHaveLength(3);
  });
  it('keeps a tile larger than itself', () => {
    const cache = new TileCache(1);
    cache.set(key(0), tile(key(0)));
    expect(cache.size).toBe(1);
  });
  it('draws the wanted binning last', () => {
    const cache = new TileCache();
    for (const fx of [1, 8, 2]) {
      cache.set(key(0, fx), tile(key(0, fx)));
    }
    cache.set(key(0, 4, 1), tile(key(0, 4, 1)));
    expect(cache.of(0, 2, 2).map(t => t.fx)).toEqual([8, 1, 2]);
  });
});

describe('valueAt', () => {
  const coarse: Tile = { iteration: 0, x0: 0, x1: 5, y0: 0, y1: 4, nx: 3, ny: 2, fx: 2, fy: 2, value: Float32Array.of(1, 2, 3, 4, 5, 6), flagged: null };
  const fine: Tile = { ...coarse, x0: 4, x1: 5, y0: 0, y1: 1, nx: 1, ny: 1, fx: 1, fy: 1, value: Float32Array.of(NaN), flagged: Float32Array.of(9) };
  it('takes the bin of the cell, the last one short', () => {
    expect(valueAt([coarse], 4, 3)).toEqual({ value: 6, flagged: NaN, exact: false });
    expect(valueAt([coarse], 1, 0)?.value).toBe(1);
    expect(valueAt([coarse], 5, 0)).toBeNull();
  });
  it('takes the tile drawn last', () => {
    expect(valueAt([coarse, fine], 4, 0)).toEqual({ value: NaN, flagged: 9, exact: true });
  });
});

describe('TileLoader', () => {
  const flush = async (): Promise<void> => {
    for (let i = 0; i < 6; i += 1) {
      await Promise.resolve();
    }
  };

  function setUp(): {
    cache: TileCache;
    loader: TileLoader;
    running: Map<string, { signal: AbortSignal; resolve: () => void; reject: (e: Error) => void }>;
    failures: string[];
  } {
    const cache = new TileCache();
    const running = new Map<string, { signal: AbortSignal; resolve: () => void; reject: (e: Error) => void }>();
    const failures: string[] = [];
    const loader = new TileLoader(
      cache,
      (k, signal) =>
        new Promise((resolve, reject) => {
          running.set(keyText(k), { signal, resolve: () => resolve(tile(k)), reject });
        }),
      vi.fn(),
      failure => failures.push(failure.message)
    );
    return { cache, loader, running, failures };
  }

  it('asks a few at a time and goes on', async () => {
    const { loader, running, cache } = setUp();
    loader.want([0, 1, 2, 3, 4, 5].map(i => key(i)));
    expect(running.size).toBe(4);
    expect(loader.missing).toBe(6);
    running.get(keyText(key(0)))!.resolve();
    await flush();
    expect(running.size).toBe(5);
    expect(cache.has(key(0))).toBe(true);
    expect(loader.missing).toBe(5);
  });

  it('cancels what is not wanted any more, and drops its answer', async () => {
    const { loader, running, cache } = setUp();
    loader.want([key(0), key(1)]);
    loader.want([key(1), key(2)]);
    expect(running.get(keyText(key(0)))!.signal.aborted).toBe(true);
    expect(running.get(keyText(key(1)))!.signal.aborted).toBe(false);
    running.get(keyText(key(0)))!.resolve();
    await flush();
    expect(cache.has(key(0))).toBe(false);
  });

  it('reports a failure once and asks again only when told', async () => {
    const { loader, running, failures } = setUp();
    loader.want([key(0)]);
    running.get(keyText(key(0)))!.reject(new Error('no'));
    await flush();
    expect(failures).toEqual(['no']);
    expect(loader.missing).toBe(0);
    running.clear();
    loader.want([key(0)]);
    expect(running.size).toBe(0);
    loader.retry();
    expect(running.size).toBe(1);
  });
});

describe('tiles of the raster protocol', () => {
  it('are asked for in whole bins', () => {
    const request = tileRequest({ iteration: 3, fx: 6, fy: 2, column: 1, row: 0 }, 7, 4656, 768);
    expect(request).toEqual({ generation: 7, iteration: 3, x0: 3072, x1: 4656, y0: 0, y1: 768, width: 264, height: 384, fx: 6, fy: 2 });
  });
  it('are read from buffers, aligned or not', () => {
    const bytes = new ArrayBuffer(20);
    new DataView(bytes).setFloat32(6, 2.5, true);
    const result = { generation: 1, iteration: 0, x0: 0, x1: 5, y0: 0, y1: 1, nx: 2, ny: 1 };
    const read = readTile({ result, buffers: [new DataView(bytes, 2, 8), new DataView(bytes, 0, 8)] });
    expect([...read.value]).toEqual([0, 2.5]);
    expect(read.fx).toBe(3);
    expect(read.flagged).not.toBeNull();
  });
  it('say so when the bytes are missing', () => {
    const result = { generation: 1, iteration: 0, x0: 0, x1: 2, y0: 0, y1: 2, nx: 2, ny: 2 };
    expect(() => readTile({ result, buffers: [] })).toThrow('2 × 2 values came with 0 bytes');
  });
});
