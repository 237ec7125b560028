/** The picture that is shown and the one that will be: the old one stays until the new one is complete. */

import type { Axis } from './axis';
import { TileLoader } from './loader';
import { binning, type Tile, TileCache, type TileKey, tilesFor } from './tiles';
import type { Failure } from './transport';
import { View } from './view';

export interface Panel {
  iteration: number;
  title: string;
}

/** One picture: its axes, and where its tiles come from. */
export interface Scene {
  generation: number;
  x: Axis;
  y: Axis;
  fetch: (key: TileKey, signal: AbortSignal) => Promise<Tile>;
}

export interface Shown {
  scene: Scene;
  cache: TileCache;
  loader: TileLoader;
  view: View;
  panels: readonly Panel[];
  rows: number;
  columns: number;
}

export interface PicturesHost {
  /** Device pixels of one panel; `null` while nothing is laid out. */
  pixels(): { width: number; height: number } | null;
  forget(tile: Tile): void;
  /** Tiles have come, or the next picture is the shown one now. */
  changed(missing: number, swapped: boolean): void;
  /** The shown picture is another one, or has other panels. */
  swapped(newScene: boolean): void;
  failed(failure: Failure): void;
}

/** Whether a zoom, or a selection, of one picture means the same in the other. */
export function sameCells(a: Scene, b: Scene): boolean {
  return (['x', 'y'] as const).every(
    k => a[k].size === b[k].size && a[k].info.name === b[k].info.name && a[k].ends.join() === b[k].ends.join()
  );
}

export class Pictures {
  private current: Shown | null = null;
  private next: Shown | null = null;

  constructor(private readonly host: PicturesHost) {}

  get shown(): Shown | null {
    return this.current;
  }

  /** Shows these panels as soon as their tiles are there. */
  show(scene: Scene, panels: readonly Panel[], rows: number, columns: number): void {
    const last = this.next ?? this.current;
    if (last?.scene === scene) {
      this.next = { ...last, panels, rows, columns };
    } else {
      if (this.next && this.next.scene !== this.current?.scene) {
        this.next.loader.stop();
      }
      const view = last && sameCells(last.scene, scene) ? last.view : new View(scene.x.size, scene.y.size);
      this.next = { ...this.storage(scene), scene, view, panels, rows, columns };
    }
    if (!this.current) {
      this.swap();
    }
    this.request();
  }

  clear(): void {
    this.stop();
    this.current?.cache.clear();
    this.next = null;
    this.current = null;
  }

  stop(): void {
    this.next?.loader.stop();
    this.current?.loader.stop();
  }

  retry(): void {
    (this.next ?? this.current)?.loader.retry();
  }

  /** Asks for the tiles that are missing. */
  request(): void {
    const target = this.next ?? this.current;
    if (!target || !this.host.pixels()) {
      return;
    }
    const { scene, view } = target;
    const { fx, fy } = this.bins(target);
    target.loader.want(
      target.panels.flatMap(panel => tilesFor(panel.iteration, view.range, fx, fy, scene.x.size, scene.y.size))
    );
    this.tilesChanged();
  }

  /** What is there of a panel, in the order it is drawn. */
  tilesOf(panel: Panel): Tile[] {
    if (!this.current) {
      return [];
    }
    const { fx, fy } = this.bins(this.current);
    return this.current.cache.of(panel.iteration, fx, fy);
  }

  private storage(scene: Scene): Pick<Shown, 'cache' | 'loader'> {
    const cache = new TileCache(undefined, tile => this.host.forget(tile));
    const loader = new TileLoader(
      cache,
      (key, signal) => scene.fetch(key, signal),
      () => this.tilesChanged(),
      failure => this.host.failed(failure)
    );
    return { cache, loader };
  }

  private bins({ view }: Shown): { fx: number; fy: number } {
    const { x0, x1, y0, y1 } = view.range;
    const { width, height } = this.host.pixels() ?? { width: 1, height: 1 };
    return { fx: binning(x1 - x0, width), fy: binning(y1 - y0, height) };
  }

  private tilesChanged(): void {
    const target = this.next ?? this.current;
    if (!target) {
      return;
    }
    const { missing } = target.loader;
    const swapped = this.next !== null && missing === 0;
    if (swapped) {
      this.swap();
    }
    this.host.changed(missing, swapped);
  }

  private swap(): void {
    const { next, current } = this;
    if (!next) {
      return;
    }
    const newScene = current?.scene !== next.scene;
    if (current && newScene) {
      current.loader.stop();
      current.cache.clear();
    }
    this.current = next;
    this.next = null;
    this.host.swapped(newScene);
  }
}
