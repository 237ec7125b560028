/** Canvas 2D, where there is no WebGL2: the same picture, coloured on the CPU. */

import { type ColourScale, deviceRect, type PanelPicture, type Renderer } from './renderer';
import { normalise, stretch } from './stretch';
import type { Tile } from './tiles';

interface Painted {
  canvas: HTMLCanvasElement;
  colours: ColourScale;
}

export class CanvasRenderer implements Renderer {
  readonly kind = 'canvas2d';
  private readonly context: CanvasRenderingContext2D | null;
  private readonly painted = new Map<Tile, Painted>();
  private ratio = 1;

  constructor(readonly canvas: HTMLCanvasElement) {
    this.context = canvas.getContext('2d');
  }

  resize(width: number, height: number, ratio: number): void {
    this.ratio = ratio;
    this.canvas.width = Math.max(1, Math.round(width * ratio));
    this.canvas.height = Math.max(1, Math.round(height * ratio));
  }

  draw(panels: readonly PanelPicture[], colours: ColourScale): void {
    const { context } = this;
    if (!context) {
      return;
    }
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.imageSmoothingEnabled = false;
    for (const panel of panels) {
      const r = deviceRect(panel.rect, this.ratio);
      const { x0, x1, y0, y1 } = panel.view;
      const [sx, sy] = [r.width / (x1 - x0), r.height / (y1 - y0)];
      context.save();
      context.beginPath();
      context.rect(r.x, r.y, r.width, r.height);
      context.clip();
      for (const tile of panel.tiles) {
        if (tile.x0 < x1 && tile.x1 > x0 && tile.y0 < y1 && tile.y1 > y0) {
          const left = r.x + (tile.x0 - x0) * sx;
          const top = r.y + (y1 - tile.y1) * sy;
          const [width, height] = [(tile.x1 - tile.x0) * sx, (tile.y1 - tile.y0) * sy];
          context.clearRect(left, top, width, height);
          // The last bins may be short: their part of the bitmap is cut off.
          const cut = tile.ny - (tile.y1 - tile.y0) / tile.fy;
          context.drawImage(
            this.paint(tile, colours),
            0,
            cut,
            (tile.x1 - tile.x0) / tile.fx,
            tile.ny - cut,
            left,
            top,
            width,
            height
          );
        }
      }
      context.restore();
    }
  }

  forget(tile: Tile): void {
    this.painted.delete(tile);
  }

  dispose(): void {
    this.painted.clear();
  }

  private paint(tile: Tile, colours: ColourScale): HTMLCanvasElement {
    const old = this.painted.get(tile);
    if (old && sameColours(old.colours, colours)) {
      return old.canvas;
    }
    const canvas = old?.canvas ?? document.createElement('canvas');
    canvas.width = tile.nx;
    canvas.height = tile.ny;
    const context = canvas.getContext('2d')!;
    const image = context.createImageData(tile.nx, tile.ny);
    colourTile(tile, colours, image.data);
    context.putImageData(image, 0, 0);
    this.painted.set(tile, { canvas, colours });
    return canvas;
  }
}

function sameColours(a: ColourScale, b: ColourScale): boolean {
  return (
    a.limits[0] === b.limits[0] &&
    a.limits[1] === b.limits[1] &&
    a.stretch === b.stretch &&
    a.cdf === b.cdf &&
    a.lut === b.lut &&
    a.flaggedLut === b.flaggedLut &&
    a.showFlagged === b.showFlagged
  );
}

/** Writes the RGBA of a tile, top row first; cells without a value stay transparent. */
export function colourTile(tile: Tile, colours: ColourScale, out: Uint8ClampedArray): void {
  const { nx, ny, value, flagged } = tile;
  for (let row = 0; row < ny; row += 1) {
    let to = (ny - 1 - row) * nx * 4;
    for (let column = 0; column < nx; column += 1, to += 4) {
      const from = row * nx + column;
      let v = value[from]!;
      let table = colours.lut;
      if (Number.isNaN(v)) {
        v = colours.showFlagged && flagged ? flagged[from]! : NaN;
        table = colours.flaggedLut;
      }
      if (!Number.isNaN(v)) {
        const u = stretch(normalise(v, colours.limits), colours.stretch, colours.cdf);
        const k = 4 * Math.min(255, Math.max(0, Math.floor(u * 255 + 0.5)));
        out[to] = table[k]!;
        out[to + 1] = table[k + 1]!;
        out[to + 2] = table[k + 2]!;
        out[to + 3] = 255;
      }
    }
  }
}
