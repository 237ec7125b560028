/** What a renderer draws: tiles of float values in panels, through one colour scale. */

import type { Limits, Stretch } from './stretch';
import type { Tile } from './tiles';
import type { Rect, Span } from './view';

export interface ColourScale {
  limits: Limits;
  stretch: Stretch;
  /** Needed by the stretch 'histogram'. */
  cdf: Float32Array | null;
  lut: Uint8Array;
  flaggedLut: Uint8Array;
  showFlagged: boolean;
}

export interface PanelPicture {
  /** In CSS pixels from the top left of the canvas. */
  rect: Rect;
  view: Span;
  /** Drawn in this order; a later tile replaces what is under it, its empty cells too. */
  tiles: readonly Tile[];
}

export interface Renderer {
  readonly kind: 'webgl2' | 'canvas2d';
  readonly canvas: HTMLCanvasElement;
  resize(width: number, height: number, ratio: number): void;
  draw(panels: readonly PanelPicture[], colours: ColourScale): void;
  /** Frees what belongs to a tile that is not needed any more. */
  forget(tile: Tile): void;
  dispose(): void;
}

/** The panel's rectangle in whole device pixels, y from the top. */
export function deviceRect(rect: Rect, ratio: number): Rect {
  const x = Math.round(rect.x * ratio);
  const y = Math.round(rect.y * ratio);
  return {
    x,
    y,
    width: Math.round((rect.x + rect.width) * ratio) - x,
    height: Math.round((rect.y + rect.height) * ratio) - y
  };
}
