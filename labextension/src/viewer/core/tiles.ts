/** Which tiles a view needs, and what is kept of those that came. */

import type { Span } from './view';

/** Output pixels along one side of a raster's tile: 512 × 512 values and flagged values are 2 MiB. */
export const TILE = 512;
/** What the cache may hold. */
export const CACHE_BYTES = 96 << 20;

/** One tile of a grid: its bins are `fx` × `fy` cells. */
export interface TileKey {
  iteration: number;
  fx: number;
  fy: number;
  column: number;
  row: number;
}

/** A tile as it came: `nx` × `ny` bins of `fx` × `fy` cells from cell (x0, y0) on, row 0 lowest. */
export interface Tile extends Span {
  iteration: number;
  nx: number;
  ny: number;
  fx: number;
  fy: number;
  value: Float32Array;
  flagged: Float32Array | null;
}

/** Cells per bin along one axis: 1, 2, 3, 4, 6, 8, 12, 16, ...: the smallest that is not finer than the screen. */
export function binning(cells: number, pixels: number): number {
  const least = cells / Math.max(1, pixels);
  if (least <= 1.001) {
    return 1;
  }
  for (let power = 2; ; power *= 2) {
    if (power >= least * 0.999) {
      return power;
    }
    if (power * 1.5 >= least * 0.999) {
      return power * 1.5;
    }
  }
}

export function keyText(key: TileKey): string {
  return `${key.iteration}/${key.fx}x${key.fy}/${key.column},${key.row}`;
}

/** The cells of a tile, inside a picture of nx × ny cells. */
export function spanOf(key: TileKey, nx: number, ny: number): Span {
  const [w, h] = [TILE * key.fx, TILE * key.fy];
  return {
    x0: key.column * w,
    x1: Math.min(nx, (key.column + 1) * w),
    y0: key.row * h,
    y1: Math.min(ny, (key.row + 1) * h)
  };
}

/** The tiles that cover `view`, nearest to its middle first. */
export function tilesFor(iteration: number, view: Span, fx: number, fy: number, nx: number, ny: number, side = TILE): TileKey[] {
  const [w, h] = [side * fx, side * fy];
  const keys: TileKey[] = [];
  const lastColumn = Math.ceil(Math.min(view.x1, nx) / w) - 1;
  const lastRow = Math.ceil(Math.min(view.y1, ny) / h) - 1;
  for (let row = Math.floor(Math.max(0, view.y0) / h); row <= lastRow; row += 1) {
    for (let column = Math.floor(Math.max(0, view.x0) / w); column <= lastColumn; column += 1) {
      keys.push({ iteration, fx, fy, column, row });
    }
  }
  const [mx, my] = [(view.x0 + view.x1) / 2 / w - 0.5, (view.y0 + view.y1) / 2 / h - 0.5];
  const distance = (key: TileKey): number => (key.column - mx) ** 2 + (key.row - my) ** 2;
  return keys.sort((a, b) => distance(a) - distance(b));
}

/** Tiles by key, the least recently used dropped first. */
export class TileCache {
  private readonly tiles = new Map<string, Tile>();
  private bytes = 0;

  constructor(
    private readonly limit = CACHE_BYTES,
    private readonly dropped: (tile: Tile) => void = () => undefined
  ) {}

  get size(): number {
    return this.tiles.size;
  }

  get(key: TileKey): Tile | undefined {
    const text = keyText(key);
    const tile = this.tiles.get(text);
    if (tile) {
      this.tiles.delete(text);
      this.tiles.set(text, tile);
    }
    return tile;
  }

  has(key: TileKey): boolean {
    return this.tiles.has(keyText(key));
  }

  set(key: TileKey, tile: Tile): void {
    const text = keyText(key);
    this.remove(text);
    this.tiles.set(text, tile);
    this.bytes += bytesOf(tile);
    for (const oldest of this.tiles.keys()) {
      if (this.bytes <= this.limit || oldest === text) {
        break;
      }
      this.remove(oldest);
    }
  }

  /**
   * The tiles of an iteration in the order they are drawn: other binnings first, coarse before fine, then those of
   * the binning that the view asks for, which so win.
   */
  of(iteration: number, fx: number, fy: number): Tile[] {
    const wanted = (tile: Tile): number => (tile.fx === fx && tile.fy === fy ? 1 : 0);
    return [...this.tiles.values()]
      .filter(tile => tile.iteration === iteration)
      .sort((a, b) => wanted(a) - wanted(b) || b.fx * b.fy - a.fx * a.fy);
  }

  clear(): void {
    for (const text of [...this.tiles.keys()]) {
      this.remove(text);
    }
  }

  private remove(text: string): void {
    const tile = this.tiles.get(text);
    if (tile) {
      this.tiles.delete(text);
      this.bytes -= bytesOf(tile);
      this.dropped(tile);
    }
  }
}

function bytesOf(tile: Tile): number {
  return tile.value.byteLength + (tile.flagged?.byteLength ?? 0);
}

/** Value and flagged value of the bin that holds a cell, from the tile drawn last there. */
export function valueAt(tiles: readonly Tile[], x: number, y: number): { value: number; flagged: number; exact: boolean } | null {
  for (let i = tiles.length - 1; i >= 0; i -= 1) {
    const tile = tiles[i]!;
    if (x >= tile.x0 && x < tile.x1 && y >= tile.y0 && y < tile.y1) {
      const k = Math.floor((y - tile.y0) / tile.fy) * tile.nx + Math.floor((x - tile.x0) / tile.fx);
      return {
        value: tile.value[k] ?? NaN,
        flagged: tile.flagged?.[k] ?? NaN,
        exact: tile.fx === 1 && tile.fy === 1
      };
    }
  }
  return null;
}
