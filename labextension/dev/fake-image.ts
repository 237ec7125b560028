/** A kernel that is not there, with an image of a sky that is not there: for the harness and the tests of the image viewer. */

import type { Port } from '../src/viewer/core/channel';
import { type ImageInfo, type ImageState, INITIAL_STATE } from '../src/viewer/image/protocol';
import { dms, grid, hms, noise, type Source, sources, toPixel, toWorld, type Wcs, type Window } from './fake-sky';

export interface FakeImageOptions {
  /** 'ready' answers; the others stay in a state. */
  mode: 'ready' | 'loading' | 'error' | 'empty' | 'offline' | 'stale';
  size: number;
  channels: number;
  stokes: number;
  rotation: number;
  /** Without sky coordinates and beam. */
  plain: boolean;
  catalog: boolean;
  state: Partial<ImageState>;
  delay: number;
}

interface Message {
  kind: string;
  id: string;
  op: string;
  params: Record<string, unknown>;
}

type Numbers = Record<string, number>;
const TILE = 256;
const SIGMA = 1.2e-4;

export class FakeImage implements Port {
  readonly asked: { op: string; params: Record<string, unknown> }[] = [];
  state: ImageState;
  generation = 1;
  /** Operations that fail from now on, with their errors as "code|message|hint". */
  readonly failing = new Map<string, string>();
  readonly options: FakeImageOptions;
  readonly wcs: Wcs;
  readonly sources: Source[];
  private readonly buckets = new Map<number, Source[]>();
  private handler: ((message: unknown, buffers: DataView[]) => void) | null = null;

  constructor(options: Partial<FakeImageOptions> = {}) {
    this.options = { mode: 'ready', size: 1200, channels: 1, stokes: 1, rotation: 0, plain: false, catalog: false, state: {}, delay: 15, ...options };
    const { size, rotation, mode, plain } = this.options;
    this.wcs = { lon: 178.4, lat: 52.6, scale: 3 / 3600, x: size / 2, y: size / 2, rotation };
    this.state = { ...INITIAL_STATE, path: mode === 'empty' ? '' : '/data/m81_tile.fits', frame: plain ? 'pixel' : 'icrs', ...this.options.state };
    this.sources = sources(size, size, Math.round((size / 100) ** 2));
    for (const source of this.sources) {
      const key = bucket(source.x, source.y);
      this.buckets.set(key, [...(this.buckets.get(key) ?? []), source]);
    }
  }

  listen(handler: (message: unknown, buffers: DataView[]) => void): () => void {
    this.handler = handler;
    return () => {
      this.handler = null;
    };
  }

  send(message: object): void {
    const { kind, id, op, params } = message as Message;
    if (kind !== 'request' || this.options.mode === 'offline') {
      return;
    }
    this.asked.push({ op, params });
    setTimeout(() => {
      try {
        const [result, buffers] = this.answer(op, params);
        this.emitRaw({ kind: 'response', id, ok: true, result }, buffers);
      } catch (error) {
        const [code, text, hint] = (error instanceof Error ? error.message : String(error)).split('|');
        this.emitRaw({ kind: 'response', id, ok: false, error: { code, message: text, hint } });
      }
    }, this.options.delay);
  }

  event(event: string, data: unknown): void {
    this.emitRaw({ kind: 'event', event, data });
  }

  /** The value of a pixel; NaN in one corner and outside of a disc, as imagers leave it. */
  value(x: number, y: number, plane: number, which = 'image'): number {
    const { size } = this.options;
    if (Math.hypot(x - size / 2, y - size / 2) > 0.7 * size || (x < 0.1 * size && y < 0.1 * size)) {
      return NaN;
    }
    if (which === 'difference') {
      return this.value(x, y, plane) - this.value(x, y, plane, 'compare');
    }
    const second = which === 'compare';
    let value = SIGMA * 1.7 * (noise(x + 31 * plane, y + (second ? 777 : 0)) + noise(y, x + plane) + noise(x - y, 5) - 1.5);
    const dx = second ? x - 3 : x;
    for (const i of [-1, 0, 1]) {
      for (const j of [-1, 0, 1]) {
        for (const source of this.buckets.get(bucket(dx + 64 * i, y + 64 * j)) ?? []) {
          const r = ((dx - source.x) / 2.6) ** 2 + ((y - source.y) / 1.9) ** 2;
          if (r < 24) {
            value += source.flux * (1 - 0.12 * plane) * (second ? 0.7 : 1) * Math.exp(-r / 2);
          }
        }
      }
    }
    return value;
  }

  image(): ImageInfo {
    const { size, channels, stokes, plain, rotation } = this.options;
    const { channel, stokes: s } = this.state;
    const names = ['I', 'Q', 'U', 'V'].slice(0, stokes);
    const limits = this.state.limits_mode === 'minmax' ? ([-5e-4, 0.1] as const) : ([-1.5 * SIGMA, 8 * SIGMA] as const);
    return {
      generation: this.generation,
      nx: size,
      ny: size,
      plane: s * channels + channel,
      n_channels: channels,
      n_stokes: stokes,
      stokes: names,
      channel_label: channels > 1 ? `${(1.28 + 0.02 * channel).toFixed(3)} GHz` : '',
      stokes_label: stokes > 1 ? names[s]! : 'I',
      unit: 'Jy/beam',
      quantity: 'Intensity',
      limits,
      sigma: SIGMA,
      levels: Math.max(0, Math.ceil(Math.log2(size / TILE))) + 1,
      tile: TILE,
      celestial: plain ? null : { frame: 'icrs', projection: 'TAN', equinox: null, rotation, mirrored: false, scale_arcsec: 3 },
      frames: plain ? ['pixel'] : ['icrs', 'fk5', 'fk4', 'galactic', 'pixel'],
      beam: plain ? null : { major_arcsec: 18.4, minor_arcsec: 13.4, pa_deg: -90, a_px: 3.06, b_px: 2.24, angle_deg: 25, area_px: 31 },
      object: 'M81 tile',
      title: 'm81_tile.fits · M81 tile · DSA-110'
    };
  }

  private compare(): object | null {
    const { compare } = this.state;
    return compare ? { name: compare.split('/').pop(), path: compare, unit: 'Jy/beam', same_grid: true, celestial: this.image().celestial } : null;
  }

  private catalog(): object | null {
    return this.options.catalog ? { revision: 1, n: this.sources.length, columns: ['name', 'flux'], name: 'FIRST' } : null;
  }

  private emitRaw(message: object, buffers: ArrayBuffer[] = []): void {
    this.handler?.(message, buffers.map(buffer => new DataView(buffer)));
  }

  private answer(op: string, params: Record<string, unknown>): [unknown, ArrayBuffer[]?] {
    const failure = this.failing.get(op);
    if (failure) {
      throw new Error(failure);
    }
    const p = params as Numbers;
    if (p.generation !== undefined && p.generation !== this.generation) {
      throw new Error('stale|This image is not shown any more.|Ask about the new one.');
    }
    const has = ['ready', 'stale'].includes(this.options.mode);
    switch (op) {
      case 'hello':
        setTimeout(() => this.story(), 30);
        return [
          {
            state: this.state,
            choices: { colormaps: ['cividis', 'viridis', 'inferno', 'greys', 'turbo'], can_write: true },
            source: this.options.mode === 'empty' ? {} : { name: 'm81_tile.fits', path: this.state.path, title: 'm81_tile.fits · M81 tile · DSA-110' },
            image: has ? this.image() : null,
            mask: has ? { revision: 1, n_pixels: 0, n_planes_with_mask: 0, box: null, can_undo: null, can_redo: null, unsaved: false } : null,
            compare: has ? this.compare() : null,
            catalog: has ? this.catalog() : null
          }
        ];
      case 'set':
        this.set((params as { changes: Partial<ImageState> }).changes);
        return [{}];
      case 'tile':
        return this.tile(p, params.which as string);
      case 'value':
        return [this.exact(p.x!, p.y!, p.plane!)];
      case 'mesh':
        return this.mesh(p);
      case 'graticule': {
        const [result, points] = grid(this.wcs, params as unknown as Window);
        return [result, [points.buffer]];
      }
      case 'histogram':
        return [this.histogram(p.lo ?? -4 * SIGMA, p.hi ?? 0.1)];
      case 'contours':
        return this.contours();
      case 'profile':
        return this.profile(params.kind as string, p.x ?? 20, p.y ?? 20);
      case 'catalog_points':
        return [
          { n: this.sources.length, revision: 1 },
          [
            Float32Array.from(this.sources, source => source.x).buffer,
            Float32Array.from(this.sources, source => source.y).buffer,
            Int32Array.from(this.sources, (_, k) => k).buffer
          ]
        ];
      case 'catalog_row':
        return [{ values: { name: `FIRST J${p.index}`, flux: this.sources[p.index!]!.flux.toPrecision(4) } }];
      case 'save':
        return [{ filename: 'm81_tile.png', mime: 'image/png' }, [new ArrayBuffer(8)]];
      case 'code':
        return [{ code: 'MaskDraw("/data/m81_tile.fits")' }];
      default:
        return [{}];
    }
  }

  /** What happens after hello in the modes that tell something. */
  private story(): void {
    const { mode } = this.options;
    if (mode === 'loading') {
      this.event('busy', { busy: true });
      this.event('progress', { fraction: 0.3, text: 'Reading m81_tile.fits' });
    } else if (mode === 'stale') {
      setTimeout(() => {
        this.event('busy', { busy: true });
        this.event('progress', { fraction: 0.3, text: 'Reading m81_tile_v2.fits' });
      }, 600);
    } else if (mode === 'error') {
      this.event('failure', {
        code: 'not-an-image',
        message: '/data/m81_tile.fits is not an image: it ends after 2880 bytes.',
        hint: 'Give a FITS file or the folder of a CASA image.'
      });
    }
  }

  private set(changes: Partial<ImageState>): void {
    if ((changes.channel ?? 0) >= this.options.channels) {
      this.event('state', { changes: { channel: this.state.channel } });
      throw new Error(`bad-option|channel cannot be ${changes.channel}.|It has ${this.options.channels}, counted from 0.`);
    }
    const other = changes.path !== undefined && changes.path !== this.state.path;
    Object.assign(this.state, changes);
    if (changes.limits && !changes.limits_mode) {
      this.state.limits_mode = 'manual';
    }
    this.event('state', { changes });
    this.generation += other ? 1 : 0;
    if (other || 'channel' in changes || 'stokes' in changes || 'limits_mode' in changes) {
      this.event('image', this.image());
    }
    if ('compare' in changes) {
      this.event('compare', this.compare());
    }
  }

  /** The value of largest size in each bin, as the real one. */
  private tile(p: Numbers, which: string): [unknown, ArrayBuffer[]] {
    if (p.plane !== this.image().plane) {
      throw new Error('stale|This image is not shown any more.|Ask about the new one.');
    }
    const { level, column, row, plane } = p as { level: number; column: number; row: number; plane: number };
    const { size } = this.options;
    const bin = 2 ** level;
    const [x0, y0] = [column * TILE * bin, row * TILE * bin];
    const [x1, y1] = [Math.min(size, x0 + TILE * bin), Math.min(size, y0 + TILE * bin)];
    const [nx, ny] = [Math.ceil((x1 - x0) / bin), Math.ceil((y1 - y0) / bin)];
    const values = new Float32Array(nx * ny);
    // Not every pixel of a large bin: this is a fake.
    const step = Math.max(1, bin / 2);
    for (let j = 0; j < ny; j += 1) {
      for (let i = 0; i < nx; i += 1) {
        let best = NaN;
        for (let y = y0 + j * bin; y < Math.min(y1, y0 + (j + 1) * bin); y += step) {
          for (let x = x0 + i * bin; x < Math.min(x1, x0 + (i + 1) * bin); x += step) {
            const value = this.value(x, y, plane, which);
            if (!(Math.abs(value) <= Math.abs(best))) {
              best = Number.isNaN(value) ? best : value;
            }
          }
        }
        values[j * nx + i] = best;
      }
    }
    return [{ level, column, row, x0, x1, y0, y1, nx, ny }, [values.buffer]];
  }

  private exact(x: number, y: number, plane: number): object {
    const [lon, lat] = toWorld(this.wcs, x, y);
    const { plain } = this.options;
    const none = (value: number): number | null => (Number.isNaN(value) ? null : value);
    return {
      value: none(this.value(x, y, plane)),
      world: plain ? null : [hms(lon, 2), dms(lat, 1)],
      mask: false,
      compare: this.state.compare ? none(this.value(x, y, plane, 'compare')) : null
    };
  }

  private mesh({ x0, x1, y0, y1, n }: Numbers): [unknown, ArrayBuffer[]] {
    const [lon, lat] = [new Float64Array(n! * n!), new Float64Array(n! * n!)];
    for (let j = 0; j < n!; j += 1) {
      for (let i = 0; i < n!; i += 1) {
        [lon[j * n! + i], lat[j * n! + i]] = toWorld(this.wcs, x0! + ((x1! - x0!) * i) / (n! - 1), y0! + ((y1! - y0!) * j) / (n! - 1));
      }
    }
    return [{ frame: this.state.frame, n, box: [x0, x1, y0, y1] }, [lon.buffer, lat.buffer]];
  }

  private histogram(lo: number, hi: number): object {
    const edges = [Math.max(lo, -4 * SIGMA), Math.min(hi, 0.1)] as const;
    const at = (i: number): number => (edges[0] + ((i + 0.5) / 512) * (edges[1] - edges[0])) / SIGMA;
    return { edges, counts: Array.from({ length: 512 }, (_, i) => Math.round(1e4 * Math.exp(-(at(i) ** 2) / 2) + 40 / (1 + Math.abs(at(i))))) };
  }

  /** Ellipses around the sources where they reach the levels. */
  private contours(): [unknown, ArrayBuffer[]] {
    const points: number[] = [];
    const levels = this.state.contour_levels.map(sigma => {
      const paths: number[] = [];
      for (const { x, y, flux } of this.sources) {
        const r = Math.sqrt(2 * Math.log(flux / (Math.abs(sigma) * SIGMA)));
        if (r > 0) {
          paths.push(25);
          for (let i = 0; i < 25; i += 1) {
            const a = (2 * Math.PI * i) / 24;
            points.push(x + 2.6 * r * Math.cos(a) + (sigma < 0 ? 12 : 0), y + 1.9 * r * Math.sin(a));
          }
        }
      }
      return { value: sigma * SIGMA, sigma, paths };
    });
    return [{ levels, sigma: SIGMA, unit: 'Jy/beam' }, [Float32Array.from(points).buffer]];
  }

  private profile(kind: string, x: number, y: number): [unknown, ArrayBuffer[]] {
    const { size, channels } = this.options;
    const plane = this.image().plane;
    const n = kind === 'spectrum' ? channels : size;
    const at = (i: number): number => (kind === 'row' ? this.value(i, y, plane) : kind === 'column' ? this.value(x, i, plane) : this.value(x, y, i));
    const title = kind === 'row' ? `Row ${y}` : kind === 'column' ? `Column ${x}` : `Spectrum at ${x}, ${y}`;
    const label = kind === 'spectrum' ? 'Frequency (GHz)' : kind === 'row' ? 'x (pixels)' : 'y (pixels)';
    const xs = Float64Array.from({ length: n }, (_, i) => (kind === 'spectrum' ? 1.28 + 0.02 * i : i));
    return [{ title, x_label: label, y_label: 'Intensity (Jy/beam)' }, [xs.buffer, Float32Array.from({ length: n }, (_, i) => at(i)).buffer]];
  }

  /** Where a place in the sky is, for tests. */
  pixelOf(lon: number, lat: number): [number, number] {
    return toPixel(this.wcs, lon, lat);
  }
}

function bucket(x: number, y: number): number {
  return Math.floor(x / 64) * 4096 + Math.floor(y / 64);
}
