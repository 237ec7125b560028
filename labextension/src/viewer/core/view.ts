/** Which cells are seen: pan and zoom in cell index space, where cell i spans [i, i + 1) and y grows upwards. */

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A range of cells, as real numbers. */
export interface Span {
  x0: number;
  x1: number;
  y0: number;
  y1: number;
}

export interface Point {
  x: number;
  y: number;
}

/** The smallest span that can be zoomed to, in cells. */
export const MIN_SPAN = 1;

export class View {
  private span: Span;

  constructor(
    readonly nx: number,
    readonly ny: number,
    span?: Span
  ) {
    this.span = { x0: 0, x1: nx, y0: 0, y1: ny };
    if (span) {
      this.set(span);
    }
  }

  get range(): Readonly<Span> {
    return this.span;
  }

  get isWhole(): boolean {
    const { x0, x1, y0, y1 } = this.span;
    return x0 <= 0 && y0 <= 0 && x1 >= this.nx && y1 >= this.ny;
  }

  /** How many times each axis is magnified against the whole. */
  get zoom(): Point {
    return { x: this.nx / (this.span.x1 - this.span.x0), y: this.ny / (this.span.y1 - this.span.y0) };
  }

  reset(): void {
    this.span = { x0: 0, x1: this.nx, y0: 0, y1: this.ny };
  }

  /** Shows this range, kept inside the picture and not smaller than one cell. */
  set(span: Span): void {
    const [x0, x1] = clampRange(span.x0, span.x1, this.nx);
    const [y0, y1] = clampRange(span.y0, span.y1, this.ny);
    this.span = { x0, x1, y0, y1 };
  }

  /** Moves by a number of cells. */
  panBy(dx: number, dy: number): void {
    const { x0, x1, y0, y1 } = this.span;
    const [nx0, nx1] = shiftRange(x0, x1, dx, this.nx);
    const [ny0, ny1] = shiftRange(y0, y1, dy, this.ny);
    this.span = { x0: nx0, x1: nx1, y0: ny0, y1: ny1 };
  }

  /** Magnifies by `fx`, `fy` (> 1 is closer) so that the cell under `at` stays where it is. */
  zoomAt(at: Point, fx: number, fy: number): void {
    const { x0, x1, y0, y1 } = this.span;
    this.span = {
      ...this.span,
      ...named('x', scaleRange(x0, x1, at.x, fx, this.nx)),
      ...named('y', scaleRange(y0, y1, at.y, fy, this.ny))
    };
  }

  /** Cell coordinates of a place on the screen. */
  toCell(point: Point, rect: Rect): Point {
    const { x0, x1, y0, y1 } = this.span;
    return {
      x: x0 + ((point.x - rect.x) / rect.width) * (x1 - x0),
      y: y1 - ((point.y - rect.y) / rect.height) * (y1 - y0)
    };
  }

  /** The place on the screen of cell coordinates. */
  toScreen(cell: Point, rect: Rect): Point {
    const { x0, x1, y0, y1 } = this.span;
    return {
      x: rect.x + ((cell.x - x0) / (x1 - x0)) * rect.width,
      y: rect.y + ((y1 - cell.y) / (y1 - y0)) * rect.height
    };
  }

  contains(cell: Point): boolean {
    return cell.x >= 0 && cell.y >= 0 && cell.x < this.nx && cell.y < this.ny;
  }
}

function named(axis: 'x' | 'y', [lo, hi]: [number, number]): Partial<Span> {
  return axis === 'x' ? { x0: lo, x1: hi } : { y0: lo, y1: hi };
}

function clampRange(a: number, b: number, size: number): [number, number] {
  let lo = Math.min(a, b);
  let hi = Math.max(a, b);
  const least = Math.min(MIN_SPAN, size);
  if (hi - lo < least) {
    const middle = (lo + hi) / 2;
    lo = middle - least / 2;
    hi = middle + least / 2;
  }
  if (hi - lo >= size) {
    return [0, size];
  }
  return shiftRange(lo, hi, 0, size);
}

function shiftRange(lo: number, hi: number, by: number, size: number): [number, number] {
  const length = hi - lo;
  const start = Math.min(Math.max(lo + by, 0), Math.max(0, size - length));
  return [start, start + length];
}

function scaleRange(lo: number, hi: number, at: number, factor: number, size: number): [number, number] {
  const length = Math.min(size, Math.max(Math.min(MIN_SPAN, size), (hi - lo) / factor));
  const share = (at - lo) / (hi - lo);
  const start = at - share * length;
  return shiftRange(start, start + length, 0, size);
}

export function intersects(a: Span, b: Span): boolean {
  return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;
}

/** The cells a dragged box covers, half-open integers inside the picture; `null` where it covers none. */
export function cellsOf(a: Point, b: Point, view: View): Span | null {
  const x0 = Math.max(0, Math.floor(Math.min(a.x, b.x)));
  const x1 = Math.min(view.nx, Math.ceil(Math.max(a.x, b.x)));
  const y0 = Math.max(0, Math.floor(Math.min(a.y, b.y)));
  const y1 = Math.min(view.ny, Math.ceil(Math.max(a.y, b.y)));
  return x1 > x0 && y1 > y0 ? { x0, x1, y0, y1 } : null;
}
