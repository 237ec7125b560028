import { describe, expect, it, vi } from 'vitest';
import { toWorld, type Wcs } from '../dev/fake-sky';
import { lut } from '../src/viewer/core/colormaps';
import type { Tile, TileKey } from '../src/viewer/core/tiles';
import { inverted } from '../src/viewer/image/colours';
import { within } from '../src/viewer/image/looks';
import { angleText, placeText, roundAngle, SkyMesh } from '../src/viewer/image/sky';
import { ImageTiles, levelFor, readTile, type TileSource } from '../src/viewer/image/tiles';
import { shownUnit, valueText } from '../src/viewer/image/units';

function meshOf(wcs: Wcs, box: { x0: number; x1: number; y0: number; y1: number }, n = 33): SkyMesh {
  const [lon, lat] = [new Float64Array(n * n), new Float64Array(n * n)];
  for (let j = 0; j < n; j += 1) {
    for (let i = 0; i < n; i += 1) {
      const [a, d] = toWorld(wcs, box.x0 + ((box.x1 - box.x0) * i) / (n - 1), box.y0 + ((box.y1 - box.y0) * j) / (n - 1));
      lon[j * n + i] = a;
      lat[j * n + i] = d;
    }
  }
  return new SkyMesh('icrs', n, box, lon, lat);
}

describe('sky between the points of a mesh', () => {
  const box = { x0: -100, x1: 900, y0: -50, y1: 950 };

  it.each([
    ['a plain image', 178.4, 52.6, 0],
    ['across RA 0', 0.02, -30, 0],
    ['turned, across RA 0', 359.99, 10, 40],
    ['at a high declination', 12, 85, 0]
  ])('agrees with the projection to a tenth of a pixel: %s', (_name, lon, lat, rotation) => {
    const wcs = { lon, lat, scale: 3 / 3600, x: 400, y: 400, rotation };
    const mesh = meshOf(wcs, box);
    for (let k = 0; k < 200; k += 1) {
      const at = { x: -99 + ((k * 83.7) % 990), y: -49 + ((k * 57.1) % 990) };
      const [a, d] = toWorld(wcs, at.x, at.y);
      const found = mesh.at(at)!;
      const da = ((found.lon - a + 540) % 360) - 180;
      const cos = Math.cos((d * Math.PI) / 180);
      expect(Math.hypot(da * cos, found.lat - d) * 3600).toBeLessThan(0.3);
      expect(found.lon).toBeGreaterThanOrEqual(0);
      expect(found.lon).toBeLessThan(360);
    }
  });

  it('knows nothing outside of the mesh, nor where there is no sky', () => {
    const mesh = meshOf({ lon: 10, lat: 0, scale: 0.001, x: 0, y: 0, rotation: 0 }, box);
    expect(mesh.at({ x: 901, y: 0 })).toBeNull();
    const holes = new SkyMesh('icrs', 2, box, new Float64Array([1, 2, NaN, 2]), new Float64Array(4));
    expect(holes.at({ x: 0, y: 900 })).toBeNull();
  });

  it('has north up and east left on a plain image, and turned on a turned one', () => {
    const plain = meshOf({ lon: 30, lat: 40, scale: 0.001, x: 400, y: 400, rotation: 0 }, box).directions({ x: 400, y: 400 })!;
    expect(plain.north.x).toBeCloseTo(0, 3);
    expect(plain.north.y).toBeCloseTo(1, 3);
    expect(plain.east.x).toBeCloseTo(-1, 3);
    const turned = meshOf({ lon: 30, lat: 40, scale: 0.001, x: 400, y: 400, rotation: 40 }, box).directions({ x: 400, y: 400 })!;
    expect((Math.atan2(turned.north.y, turned.north.x) * 180) / Math.PI).toBeCloseTo(130, 1);
  });
});

describe('places as text', () => {
  it('go to a tenth of a pixel, rounded as a whole', () => {
    expect(placeText({ lon: 178.6285, lat: 52.565 }, 'icrs', 'sexagesimal', 3)).toEqual(['11:54:30.84', '+52:33:54.0']);
    expect(placeText({ lon: 359.9999999, lat: -0.0000001 }, 'icrs', 'sexagesimal', 3)).toEqual(['00:00:00.00', '-00:00:00.0']);
    expect(placeText({ lon: 15 * 11.99999999, lat: 59.99999999 }, 'fk5', 'sexagesimal', 3)[0]).toBe('12:00:00.00');
    expect(placeText({ lon: 30.08, lat: -0.02 }, 'galactic', 'sexagesimal', 36)).toEqual(['30.080°', '-0.020°']);
    expect(placeText({ lon: 178.6285, lat: 52.565 }, 'icrs', 'degrees', 3)).toEqual(['178.62850°', '+52.56500°']);
  });

  it('says lengths as a person does', () => {
    expect([0.004, 0.5, 12, 90, 7200].map(angleText)).toEqual(['4 mas', '0.5″', '12″', '1.5′', '2°']);
    expect([0.07, 7, 59, 61, 4000, 1e6].map(roundAngle)).toEqual([0.05, 5, 30, 60, 3600, 324000]);
  });
});

describe('units', () => {
  it('take the prefix that makes values readable', () => {
    expect(shownUnit('Jy/beam', 0.0012)).toEqual({ unit: 'mJy/beam', factor: 1e3 });
    expect(shownUnit('Jy/beam', 3e-5)).toEqual({ unit: 'µJy/beam', factor: 1e6 });
    expect(shownUnit('Jy', 4200)).toEqual({ unit: 'kJy', factor: 1e-3 });
    expect(shownUnit('JY/BEAM', 0.02)).toEqual({ unit: 'mJy/beam', factor: 1e3 });
    expect(shownUnit('K', 0.02)).toEqual({ unit: 'mK', factor: 1e3 });
  });

  it('leave others alone', () => {
    for (const unit of ['', 'km/s', 'counts', 'Kelvin', 'mJy/beam']) {
      expect(shownUnit(unit, 0.001)).toEqual({ unit, factor: 1 });
    }
    expect(valueText(NaN, { unit: 'Jy', factor: 1 })).toBe('blank');
    expect(valueText(0.0012, shownUnit('Jy/beam', 0.0012))).toBe('1.2 mJy/beam');
  });
});

describe('colours', () => {
  it('are inverted once and back', () => {
    expect(inverted('greys')).toBe('greys_r');
    expect(inverted('greys_r')).toBe('greys');
    expect([...lut('viridis_r').slice(0, 3)]).toEqual([...lut('viridis').slice(-4, -1)]);
  });

  it('have a histogram of what lies around the limits', () => {
    const counts = Array.from({ length: 100 }, (_, i) => i);
    const part = within({ edges: [0, 100], counts }, { lo: 9.5, hi: 30.5 });
    expect(part.edges).toEqual([9, 31]);
    expect(part.counts).toEqual(counts.slice(9, 31));
    expect(within({ edges: [0, 100], counts }, {}).counts).toHaveLength(100);
  });
});

describe('levels', () => {
  it('are never finer than the screen, and as fine as that', () => {
    for (let k = 0; k < 300; k += 1) {
      const scale = 4 ** (-3 + (k / 300) * 4);
      const level = levelFor(scale, 7);
      // Up to what rounding of the scale does.
      expect(2 ** level * scale).toBeGreaterThan(level === 6 ? 0 : 0.99);
      expect(level === 0 || 2 ** (level - 1) * scale < 1).toBe(true);
    }
    expect(levelFor(1 / 4000, 5)).toBe(4);
  });
});

function tile({ iteration, fx, column, row }: TileKey, side = 256): Tile {
  const size = side * fx;
  return { iteration, fx, fy: fx, x0: column * size, x1: (column + 1) * size, y0: row * size, y1: (row + 1) * size, nx: side, ny: side, value: new Float32Array(4), flagged: null };
}

describe('tiles of an image', () => {
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 20; i += 1) {
      await Promise.resolve();
    }
  };

  function setUp(): { tiles: ImageTiles; host: { forget: ReturnType<typeof vi.fn>; changed: ReturnType<typeof vi.fn>; failed: ReturnType<typeof vi.fn> }; source: (plane: number, hold?: Promise<void>) => TileSource } {
    const host = { forget: vi.fn(), changed: vi.fn(), failed: vi.fn() };
    const source = (plane: number, hold: Promise<void> = Promise.resolve()): TileSource => ({
      nx: 2048,
      ny: 2048,
      levels: 4,
      side: 256,
      plane,
      fetch: async key => {
        await hold;
        return tile(key);
      }
    });
    return { tiles: new ImageTiles(host, 1 << 24), host, source };
  }

  const whole = { x0: 0, x1: 2048, y0: 0, y1: 2048 };

  it('are drawn alone where they cover the view, coarse under fine until then', async () => {
    const { tiles, source } = setUp();
    tiles.setSource(source(0));
    tiles.want(whole, 3);
    await settle();
    expect(tiles.isComplete).toBe(true);
    expect(tiles.tiles(whole, 3).map(t => t.fx)).toEqual([8]);
    const part = { x0: 100, x1: 700, y0: 100, y1: 500 };
    expect(tiles.tiles(part, 1).map(t => t.fx)).toEqual([8]);
    tiles.want(part, 1);
    await settle();
    expect(tiles.tiles(part, 1).map(t => t.fx)).toEqual([2, 2]);
  });

  it('of the old plane stay until those of the new one are there', async () => {
    const { tiles, source } = setUp();
    let gate = Promise.resolve();
    let open: () => void = () => undefined;
    const base = source(0);
    const first: TileSource = {
      ...base,
      fetch: async (key, signal) => {
        await gate;
        return base.fetch(key, signal);
      }
    };
    tiles.setSource(first);
    tiles.want(whole, 3);
    await settle();
    gate = new Promise<void>(resolve => (open = resolve));
    tiles.setSource({ ...first, plane: 5 });
    tiles.want(whole, 3);
    await settle();
    expect(tiles.isComplete).toBe(false);
    expect(tiles.tiles(whole, 3).map(t => t.iteration)).toEqual([0]);
    open();
    await settle();
    expect(tiles.isComplete).toBe(true);
    expect(tiles.tiles(whole, 3).map(t => t.iteration)).toEqual([5]);
  });

  it('of the old image stay, too, if the new one has the same size', async () => {
    const { tiles, host, source } = setUp();
    tiles.setSource(source(0));
    tiles.want(whole, 3);
    await settle();
    const [old] = tiles.tiles(whole, 3);
    let open: () => void = () => undefined;
    tiles.setSource(source(0, new Promise<void>(resolve => (open = resolve))));
    tiles.want(whole, 3);
    await settle();
    expect(tiles.isComplete).toBe(false);
    expect(tiles.tiles(whole, 3)).toEqual([old]);
    open();
    await settle();
    expect(tiles.isComplete).toBe(true);
    expect(tiles.tiles(whole, 3)[0]).not.toBe(old);
    expect(host.forget).toHaveBeenCalledWith(old);
  });

  it('say when one cannot be had, and are asked for again', async () => {
    const { tiles, host, source } = setUp();
    let fails = true;
    const base = source(0);
    tiles.setSource({ ...base, fetch: (key, signal) => (fails ? Promise.reject(new Error('no')) : base.fetch(key, signal)) });
    tiles.want(whole, 3);
    await settle();
    expect(host.failed).toHaveBeenCalledWith({ code: 'viewer', message: 'no', hint: '' });
    fails = false;
    tiles.retry();
    await settle();
    expect(tiles.tiles(whole, 3)).toHaveLength(1);
  });

  it('are read from the answer, and refused where it is too short', () => {
    const result = { level: 2, column: 1, row: 0, x0: 1024, x1: 1030, y0: 0, y1: 8, nx: 2, ny: 2 };
    const values = Float32Array.of(1, 2, 3, 4);
    const found = readTile({ result, buffers: [new DataView(values.buffer)] }, 7);
    expect(found).toMatchObject({ iteration: 7, fx: 4, fy: 4, x0: 1024, x1: 1030 });
    expect([...found.value]).toEqual([1, 2, 3, 4]);
    expect(() => readTile({ result, buffers: [new DataView(new ArrayBuffer(12))] }, 7)).toThrow('12 bytes');
  });
});
