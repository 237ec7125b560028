/** The tiles of one image: which are drawn, which are still wanted. Old ones stay until the new are there. */

import { float32s } from '../core/buffers';
import { TileLoader } from '../core/loader';
import { type Tile, TileCache, type TileKey, tilesFor } from '../core/tiles';
import type { Answer, Failure } from '../core/transport';
import { intersects, type Span } from '../core/view';
import type { TileResult } from './protocol';

/** Where tiles come from; `plane` may change, all else makes another source. */
export interface TileSource {
  nx: number;
  ny: number;
  levels: number;
  side: number;
  plane: number;
  fetch: (key: TileKey, signal: AbortSignal) => Promise<Tile>;
}

export interface TilesHost {
  forget(tile: Tile): void;
  /** A tile has come; `missing` are still to come. */
  changed(missing: number): void;
  failed(failure: Failure): void;
}

/** The coarsest level that is not finer than the screen would show: a finer one would drop peaks between its pixels. */
export function levelFor(devicePixels: number, levels: number): number {
  return Math.min(levels - 1, Math.max(0, Math.ceil(-Math.log2(devicePixels) - 0.01)));
}

export function readTile({ result, buffers }: Answer<TileResult>, plane: number): Tile {
  const { level, x0, x1, y0, y1, nx, ny } = result;
  const value = float32s(buffers[0], nx * ny);
  if (!value) {
    throw new Error(`A tile of ${nx} × ${ny} values came with ${buffers[0]?.byteLength ?? 0} bytes.`);
  }
  const bin = 2 ** level;
  return { iteration: plane, x0, x1, y0, y1, nx, ny, fx: bin, fy: bin, value, flagged: null };
}

interface Store {
  source: TileSource;
  cache: TileCache;
  loader: TileLoader;
  /** The plane whose tiles are complete. */
  plane: number | null;
}

export class ImageTiles {
  private current: Store | null = null;
  /** What was shown before, for as long as the new one is not complete. */
  private before: Store | null = null;
  private asked = '';
  private listed = '';
  private list: readonly Tile[] = [];
  private version = 0;
  /** The level that was asked for last. */
  level: number | null = null;

  constructor(
    private readonly host: TilesHost,
    private readonly bytes: number
  ) {}

  /** Another source, the same with another plane, or none. */
  setSource(source: TileSource | null): void {
    const { current } = this;
    if (current && source?.fetch === current.source.fetch) {
      if (source.plane !== current.source.plane) {
        current.source = source;
        current.loader.retry();
        this.asked = '';
      }
      return;
    }
    this.asked = '';
    this.version += 1;
    current?.loader.stop();
    const keeps = current !== null && source !== null && current.source.nx === source.nx && current.source.ny === source.ny;
    if (keeps && current.plane !== null) {
      this.drop(this.before);
      this.before = current;
    } else {
      this.drop(current);
    }
    if (!keeps) {
      this.drop(this.before);
      this.before = null;
    }
    this.current = source && this.store(source);
  }

  get missing(): number {
    return this.current?.loader.missing ?? 0;
  }

  /** Whether the tiles for what was last wanted are all there. */
  get isComplete(): boolean {
    const { current } = this;
    return current !== null && this.asked !== '' && current.plane === current.source.plane && current.loader.missing === 0;
  }

  retry(): void {
    this.current?.loader.retry();
  }

  stop(): void {
    this.current?.loader.stop();
  }

  /** Asks for the tiles of a view, if they are not what was asked for last. */
  want(view: Span, level: number): void {
    const { current } = this;
    const key = this.key(view, level);
    if (!current || key === this.asked) {
      return;
    }
    this.asked = key;
    this.level = level;
    const { nx, ny, plane, side } = current.source;
    const bin = 2 ** level;
    current.loader.want(tilesFor(plane, view, bin, bin, nx, ny, side));
    this.arrived(current);
  }

  /** What to draw, in this order: coarse under fine, and nothing under what covers the view by itself. */
  tiles(view: Span, level: number): readonly Tile[] {
    const shown = this.before ?? this.current;
    if (!shown) {
      return [];
    }
    const key = `${this.key(view, level)}/${this.version}`;
    if (key !== this.listed) {
      this.listed = key;
      this.list = this.find(shown, view, level);
    }
    return this.list;
  }

  private find({ source, cache, plane }: Store, view: Span, level: number): readonly Tile[] {
    const { nx, ny, side } = source;
    const shown = plane ?? source.plane;
    const bin = 2 ** level;
    const keys = tilesFor(shown, view, bin, bin, nx, ny, side);
    const tiles = keys.map(key => cache.get(key));
    if (tiles.every(tile => tile !== undefined)) {
      return tiles;
    }
    // The whole tiles around the view: the list holds until others are needed.
    const around = keys.reduce(
      (a, { column, row }) => ({
        x0: Math.min(a.x0, column * side * bin),
        x1: Math.max(a.x1, (column + 1) * side * bin),
        y0: Math.min(a.y0, row * side * bin),
        y1: Math.max(a.y1, (row + 1) * side * bin)
      }),
      { x0: Infinity, x1: -Infinity, y0: Infinity, y1: -Infinity }
    );
    return cache.of(shown, bin, bin).filter(tile => intersects(tile, around));
  }

  /** Which tiles a view needs, as text. */
  private key(view: Span, level: number): string {
    const { nx, ny, side, plane } = this.current?.source ?? { nx: 0, ny: 0, side: 1, plane: 0 };
    const size = side * 2 ** level;
    const first = (v: number): number => Math.floor(Math.max(0, v) / size);
    const last = (v: number, n: number): number => Math.ceil(Math.min(v, n) / size) - 1;
    return `${plane}/${level}/${first(view.x0)},${last(view.x1, nx)},${first(view.y0)},${last(view.y1, ny)}`;
  }

  private store(source: TileSource): Store {
    const cache = new TileCache(this.bytes, tile => this.host.forget(tile));
    const loader = new TileLoader(
      cache,
      (key, signal) => source.fetch(key, signal),
      () => this.current === store && this.arrived(store),
      failure => this.host.failed(failure)
    );
    const store: Store = { source, cache, loader, plane: null };
    return store;
  }

  private arrived(store: Store): void {
    this.version += 1;
    const { missing } = store.loader;
    if (missing === 0) {
      store.plane = store.source.plane;
      this.drop(this.before);
      this.before = null;
    }
    this.host.changed(missing);
  }

  private drop(store: Store | null): void {
    store?.loader.stop();
    store?.cache.clear();
  }
}
