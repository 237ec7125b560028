/** The mask on its canvas: a tint with hatching, and a line around it. */

import type { Point } from '../../core/view';
import type { Plate } from '../plate';
import { levelFor } from '../tiles';
import { edges, rim } from './bits';
import type { MaskTile, MaskTiles, Piece } from './mask-tiles';

/** Pixels of the screen for a bin from which on its edge is a line, and not the outermost bins. */
const LINES_FROM = 3;
/** Opacities, of 255. */
const INSIDE = 150;
const RIM = 235;
/** Width of a stripe of the hatching and of the gap beside it. */
const HATCH = 7;

interface Painted {
  version: number;
  inside: HTMLCanvasElement | null;
  /** The edge: as a line, or as the outermost bins. */
  edge: Path2D | HTMLCanvasElement | null;
  isLined: boolean;
}

export class MaskPaint {
  private readonly painted = new WeakMap<MaskTile, Painted>();
  private gaps: CanvasPattern | null = null;

  constructor(
    private readonly plate: Plate,
    private readonly tiles: MaskTiles
  ) {}

  /** Draws on an empty canvas whose unit is a CSS pixel. */
  draw(context: CanvasRenderingContext2D, levels: number, ratio: number): void {
    const { plate } = this;
    const pieces = this.tiles.pieces(plate.span(), levelFor(plate.scale * ratio, levels));
    if (pieces.length === 0) {
      return;
    }
    context.save();
    context.imageSmoothingEnabled = false;
    const painted = pieces.map(({ tile }) => this.paint(tile, 2 ** tile.level * plate.scale >= LINES_FROM));
    pieces.forEach((piece, i) => this.put(context, piece, painted[i]!.inside));
    this.cutGaps(context, ratio);
    pieces.forEach((piece, i) => {
      const { edge } = painted[i]!;
      if (edge instanceof HTMLCanvasElement) {
        this.put(context, piece, edge);
      } else if (edge) {
        this.line(context, piece.tile, edge, ratio);
      }
    });
    // All of it was white so far.
    context.globalCompositeOperation = 'source-in';
    context.fillStyle = getComputedStyle(plate.element).getPropertyValue('--dsa-mask').trim() || '#ff4f9a';
    context.fillRect(0, 0, plate.width, plate.height);
    context.restore();
  }

  private put(context: CanvasRenderingContext2D, { tile, span }: Piece, picture: HTMLCanvasElement | null): void {
    if (picture) {
      const bin = 2 ** tile.level;
      const top = tile.y0 + tile.bits.ny * bin;
      const [a, b] = [this.corner(span.x0, span.y1), this.corner(span.x1, span.y0)];
      const [w, h] = [(span.x1 - span.x0) / bin, (span.y1 - span.y0) / bin];
      context.drawImage(picture, (span.x0 - tile.x0) / bin, (top - span.y1) / bin, w, h, a.x, a.y, b.x - a.x, b.y - a.y);
    }
  }

  /** The hatching stays with the image. */
  private cutGaps(context: CanvasRenderingContext2D, ratio: number): void {
    const { plate } = this;
    this.gaps ??= gapPattern(context, ratio);
    if (this.gaps) {
      const { x, y } = plate.toScreen({ x: 0, y: 0 });
      this.gaps.setTransform(new DOMMatrix().translate(x % HATCH, y % HATCH).scale(1 / ratio));
      context.globalCompositeOperation = 'destination-out';
      context.fillStyle = this.gaps;
      context.fillRect(0, 0, plate.width, plate.height);
      context.globalCompositeOperation = 'source-over';
    }
  }

  private line(context: CanvasRenderingContext2D, tile: MaskTile, path: Path2D, ratio: number): void {
    const size = 2 ** tile.level * this.plate.scale;
    const { x, y } = this.corner(tile.x0, tile.y0);
    context.setTransform(ratio * size, 0, 0, -ratio * size, ratio * x, ratio * y);
    context.strokeStyle = '#fff';
    context.lineWidth = 1.8 / size;
    context.lineCap = 'square';
    context.stroke(path);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  private paint(tile: MaskTile, isLined: boolean): Painted {
    const known = this.painted.get(tile);
    if (known?.version === tile.version && known.isLined === isLined) {
      return known;
    }
    const around = this.tiles.around(tile);
    const { nx, ny, set } = tile.bits;
    let edge: Painted['edge'];
    if (isLined) {
      const path = new Path2D();
      edges(tile.bits, around, (x0, y0, x1, y1) => {
        path.moveTo(x0, y0);
        path.lineTo(x1, y1);
      });
      edge = path;
    } else {
      edge = pictureOf(rim(tile.bits, around), nx, ny, RIM);
    }
    const painted = { version: tile.version, inside: known?.inside ?? pictureOf(set, nx, ny, INSIDE), edge, isLined };
    this.painted.set(tile, painted);
    return painted;
  }

  /** The corner of a cell on the screen. */
  private corner(x: number, y: number): Point {
    return this.plate.toScreen({ x: x - 0.5, y: y - 0.5 });
  }
}

/** White of one opacity where a bin is set. */
function pictureOf(set: Uint8Array, nx: number, ny: number, alpha: number): HTMLCanvasElement | null {
  const canvas = document.createElement('canvas');
  canvas.width = nx;
  canvas.height = ny;
  const context = canvas.getContext('2d');
  if (!context) {
    return null;
  }
  const image = context.createImageData(nx, ny);
  const pixels = new Uint32Array(image.data.buffer);
  const white = ((alpha << 24) | 0xffffff) >>> 0;
  for (let j = 0; j < ny; j += 1) {
    // Pictures have their top row first.
    const [from, to] = [j * nx, (ny - 1 - j) * nx];
    for (let i = 0; i < nx; i += 1) {
      pixels[to + i] = set[from + i] === 1 ? white : 0;
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** What lies between the stripes. */
function gapPattern(context: CanvasRenderingContext2D, ratio: number): CanvasPattern | null {
  const canvas = document.createElement('canvas');
  const size = Math.round(HATCH * ratio);
  canvas.width = size;
  canvas.height = size;
  const pen = canvas.getContext('2d');
  if (!pen) {
    return null;
  }
  pen.fillStyle = 'rgb(0 0 0 / 68%)';
  pen.fillRect(0, 0, size, size);
  pen.globalCompositeOperation = 'destination-out';
  pen.lineWidth = 1.3 * ratio;
  for (const offset of [-size, 0, size]) {
    pen.moveTo(offset - 1, size + 1);
    pen.lineTo(offset + size + 1, -1);
  }
  pen.stroke();
  return context.createPattern(canvas, 'repeat');
}
