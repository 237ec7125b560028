/** The tiles of the mask: fetched for what is seen, fetched again only where the mask has changed. */

import { isAbort, asFailure, type Transport } from '../../core/transport';
import { intersects, type Span } from '../../core/view';
import type { ImageInfo, MaskInfo } from '../protocol';
import { type Around, type Bits, unpack } from './bits';

export interface MaskTile extends Span {
  level: number;
  column: number;
  row: number;
  bits: Bits;
  revision: number;
  /** Counts up when what is beside it has changed, so that its edge is found anew. */
  version: number;
}

/** A part of a tile that is drawn, in cells. */
export interface Piece {
  tile: MaskTile;
  span: Span;
}

interface Key {
  plane: number;
  level: number;
  column: number;
  row: number;
}

interface TileResult extends Span {
  level: number;
  column: number;
  row: number;
  nx: number;
  ny: number;
  revision: number;
}

const AT_ONCE = 4;
/** Tiles that are kept. */
const MOST = 320;
/** Changes that are remembered; older tiles are fetched again. */
const MOST_CHANGES = 64;

function textOf({ plane, level, column, row }: Key): string {
  return `${plane}/${level}/${column},${row}`;
}

export class MaskTiles {
  private readonly tiles = new Map<string, MaskTile>();
  private readonly running = new Map<string, AbortController>();
  private readonly failed = new Set<string>();
  private changes: { revision: number; box: MaskInfo['box'] }[] = [];
  /** Tiles of an older revision than this may have changed anywhere. */
  private floor = 0;
  private image: ImageInfo | null = null;
  private mask: MaskInfo | null = null;
  private wanted: Key[] = [];

  constructor(
    private readonly transport: Transport,
    private readonly host: { changed(): void; failed(error: unknown): void },
    private readonly signal: AbortSignal
  ) {
    signal.addEventListener('abort', () => this.drop());
  }

  /** Another image, another plane of it, or another state of its mask. */
  set(image: ImageInfo | null, mask: MaskInfo | null): void {
    const before = this.mask;
    if (image?.generation !== this.image?.generation || !image || !mask) {
      this.drop();
    } else if (before && mask.revision < before.revision) {
      // A new process counts from the beginning.
      this.drop();
    } else if (before && mask.revision > before.revision) {
      this.changes.push({ revision: mask.revision, box: mask.revision === before.revision + 1 ? mask.box : null });
      if (this.changes.length > MOST_CHANGES) {
        this.floor = this.changes.shift()!.revision;
      }
      this.failed.clear();
    }
    this.image = image;
    this.mask = mask;
  }

  /** How many of the tiles that are seen are not there, or out of date. */
  get missing(): number {
    return this.wanted.filter(key => this.lacks(key)).length;
  }

  /** Asks for what is seen. */
  want(view: Span, level: number): void {
    this.wanted = this.keys(view, level);
    const texts = new Set(this.wanted.map(textOf));
    for (const [text, controller] of [...this.running]) {
      if (!texts.has(text)) {
        this.running.delete(text);
        controller.abort();
      }
    }
    this.pump();
  }

  /** What to draw: for a tile that is not there a part of a coarser one, or the finer ones. */
  pieces(view: Span, level: number): Piece[] {
    return this.keys(view, level).flatMap(key => this.piecesOf(key)).filter(({ tile }) => tile.bits.any);
  }

  around({ level, column, row }: MaskTile): Around {
    const plane = this.image?.plane ?? 0;
    const size = (this.image?.tile ?? 1) * 2 ** level;
    const beside = (dx: number, dy: number): Bits | null | undefined => {
      const [c, r] = [column + dx, row + dy];
      const isOutside = c < 0 || r < 0 || c * size >= (this.image?.nx ?? 0) || r * size >= (this.image?.ny ?? 0);
      return isOutside ? null : this.tiles.get(textOf({ plane, level, column: c, row: r }))?.bits;
    };
    return { left: beside(-1, 0), right: beside(1, 0), below: beside(0, -1), above: beside(0, 1) };
  }

  private keys(view: Span, level: number): Key[] {
    const { image, mask } = this;
    if (!image || !mask || mask.n_pixels === 0) {
      return [];
    }
    const size = image.tile * 2 ** level;
    const range = (lo: number, hi: number, n: number): number[] => {
      const first = Math.max(0, Math.floor(lo / size));
      const last = Math.ceil(Math.min(hi, n) / size) - 1;
      return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
    };
    const columns = range(view.x0, view.x1, image.nx);
    return range(view.y0, view.y1, image.ny).flatMap(row => columns.map(column => ({ plane: image.plane, level, column, row })));
  }

  private isFresh(tile: MaskTile): boolean {
    return (
      tile.revision >= this.floor &&
      !this.changes.some(({ revision, box }) => revision > tile.revision && (box === null || intersects(tile, { x0: box[0], x1: box[1], y0: box[2], y1: box[3] })))
    );
  }

  private lacks(key: Key): boolean {
    const text = textOf(key);
    const tile = this.tiles.get(text);
    return !this.failed.has(text) && !(tile ? this.isFresh(tile) : this.isKnownEmpty(key));
  }

  /** Whether a coarser tile says that nothing is set there. */
  private isKnownEmpty(key: Key): boolean {
    const piece = this.coarser(key);
    if (!piece || !this.isFresh(piece.tile)) {
      return false;
    }
    const { tile, span } = piece;
    const bin = 2 ** tile.level;
    const { nx, set } = tile.bits;
    for (let j = Math.floor((span.y0 - tile.y0) / bin); j < Math.ceil((span.y1 - tile.y0) / bin); j += 1) {
      for (let i = Math.floor((span.x0 - tile.x0) / bin); i < Math.ceil((span.x1 - tile.x0) / bin); i += 1) {
        if (set[j * nx + i] === 1) {
          return false;
        }
      }
    }
    return true;
  }

  private coarser({ plane, level, column, row }: Key): Piece | null {
    const image = this.image!;
    const size = image.tile * 2 ** level;
    const span = {
      x0: column * size,
      x1: Math.min(image.nx, (column + 1) * size),
      y0: row * size,
      y1: Math.min(image.ny, (row + 1) * size)
    };
    for (let up = level + 1; up < image.levels; up += 1) {
      const tile = this.tiles.get(textOf({ plane, level: up, column: column >> (up - level), row: row >> (up - level) }));
      if (tile) {
        return { tile, span };
      }
    }
    return null;
  }

  private piecesOf(key: Key): Piece[] {
    const { plane, level, column, row } = key;
    const text = textOf(key);
    const tile = this.tiles.get(text);
    if (tile) {
      // The least recently drawn goes first.
      this.tiles.delete(text);
      this.tiles.set(text, tile);
      return [{ tile, span: tile }];
    }
    const piece = this.coarser(key);
    if (piece) {
      return [piece];
    }
    const finer = [0, 1].flatMap(dy => [0, 1].map(dx => this.tiles.get(textOf({ plane, level: level - 1, column: 2 * column + dx, row: 2 * row + dy }))));
    return finer.flatMap(child => (child ? [{ tile: child, span: child }] : []));
  }

  private pump(): void {
    for (const key of this.wanted) {
      if (this.running.size >= AT_ONCE || this.signal.aborted) {
        return;
      }
      if (!this.running.has(textOf(key)) && this.lacks(key)) {
        void this.load(key);
      }
    }
  }

  private async load(key: Key): Promise<void> {
    const text = textOf(key);
    const controller = new AbortController();
    this.running.set(text, controller);
    const { generation } = this.image!;
    const { plane, level, column, row } = key;
    try {
      const { result, buffers } = await this.transport.request<TileResult>(
        'mask_tile',
        { generation, plane, level, column, row, revision: this.mask!.revision },
        { signal: controller.signal }
      );
      if (!controller.signal.aborted) {
        this.keep(key, result, unpack(buffers[0], result.nx, result.ny));
      }
    } catch (error) {
      if (!controller.signal.aborted && !isAbort(error)) {
        this.failed.add(text);
        // What is stale is asked for again as soon as the new image is there.
        if (asFailure(error).code !== 'stale') {
          this.host.failed(error);
        }
      }
    } finally {
      if (this.running.get(text) === controller) {
        this.running.delete(text);
      }
    }
    if (!controller.signal.aborted && !this.signal.aborted) {
      this.host.changed();
      this.pump();
    }
  }

  private keep(key: Key, { x0, x1, y0, y1, revision }: TileResult, bits: Bits): void {
    const { plane, level, column, row } = key;
    const text = textOf(key);
    const version = (this.tiles.get(text)?.version ?? 0) + 1;
    this.tiles.delete(text);
    this.tiles.set(text, { level, column, row, x0, x1, y0, y1, bits, revision, version });
    for (const [dx, dy] of [[-1, 0], [1, 0], [0, -1], [0, 1]] as const) {
      const other = this.tiles.get(textOf({ plane, level, column: column + dx, row: row + dy }));
      if (other) {
        other.version += 1;
      }
    }
    for (const oldest of this.tiles.keys()) {
      if (this.tiles.size <= MOST) {
        break;
      }
      this.tiles.delete(oldest);
    }
  }

  private drop(): void {
    this.running.forEach(controller => controller.abort());
    this.running.clear();
    this.tiles.clear();
    this.failed.clear();
    this.changes = [];
    this.floor = 0;
    this.wanted = [];
  }
}
