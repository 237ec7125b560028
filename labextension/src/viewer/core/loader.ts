/** Fetches the tiles a view needs: a few at a time, nearest first, aborted when not wanted any more. */

import { asFailure, type Failure, isAbort } from './transport';
import { keyText, type Tile, type TileCache, type TileKey } from './tiles';

export type FetchTile = (key: TileKey, signal: AbortSignal) => Promise<Tile>;

const AT_ONCE = 4;

export class TileLoader {
  private readonly running = new Map<string, AbortController>();
  private readonly failed = new Set<string>();
  private wanted: TileKey[] = [];
  private stopped = false;

  constructor(
    private readonly cache: TileCache,
    private readonly fetch: FetchTile,
    private readonly changed: () => void,
    private readonly onFailure: (failure: Failure) => void
  ) {}

  /** What is wanted now: everything else that runs is cancelled. */
  want(keys: readonly TileKey[]): void {
    this.wanted = [...keys];
    const texts = new Set(keys.map(keyText));
    for (const [text, controller] of [...this.running]) {
      if (!texts.has(text)) {
        this.running.delete(text);
        controller.abort();
      }
    }
    this.pump();
  }

  /** How many of the wanted tiles are neither there nor failed. */
  get missing(): number {
    return this.wanted.filter(key => !this.cache.has(key) && !this.failed.has(keyText(key))).length;
  }

  retry(): void {
    this.failed.clear();
    this.pump();
  }

  stop(): void {
    this.stopped = true;
    this.want([]);
  }

  private pump(): void {
    if (this.stopped) {
      return;
    }
    for (const key of this.wanted) {
      if (this.running.size >= AT_ONCE) {
        return;
      }
      const text = keyText(key);
      if (!this.running.has(text) && !this.failed.has(text) && !this.cache.has(key)) {
        void this.load(key, text);
      }
    }
  }

  private async load(key: TileKey, text: string): Promise<void> {
    const controller = new AbortController();
    this.running.set(text, controller);
    try {
      const tile = await this.fetch(key, controller.signal);
      if (!controller.signal.aborted && !this.stopped) {
        this.cache.set(key, tile);
      }
    } catch (error) {
      if (!controller.signal.aborted && !isAbort(error) && !this.stopped) {
        this.failed.add(text);
        this.onFailure(asFailure(error));
      }
    } finally {
      if (this.running.get(text) === controller) {
        this.running.delete(text);
      }
    }
    if (!controller.signal.aborted && !this.stopped) {
      this.changed();
      this.pump();
    }
  }
}
