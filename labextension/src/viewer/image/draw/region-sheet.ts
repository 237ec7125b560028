/**
 * Thousands of regions, drawn once on a canvas of their own that is larger than the view, a few at a time: while the
 * picture is moved, that canvas is moved with it.
 */

import type { Point, Span } from '../../core/view';
import type { Plate } from '../plate';
import type { Projector } from './outline';
import { MOST_LABELS, paint, type Style, write } from './region-paint';
import type { Region } from './shapes';

/** What a sheet was drawn of; it is out of date when one of these is another. */
export interface Content {
  /** Counts up with each change of the regions. */
  version: number;
  style: Style;
  key: string;
}

/** How far beyond the view it goes, as a share of the view. */
const MARGIN = 0.3;
/** Milliseconds of drawing at a time. */
const SLICE = 9;
/** Regions that are drawn between two looks at the clock. */
const CHUNK = 60;
/** Milliseconds between two pictures of a sheet that is being drawn. */
const PACE = 120;

interface Sheet {
  canvas: HTMLCanvasElement;
  content: Content;
  /** In image pixels. */
  span: Span;
  scale: number;
}

export class RegionSheet {
  private front: Sheet | null = null;
  private back: Sheet | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly plate: Plate,
    /** Those of which a part lies in a span. */
    private readonly find: (span: Span) => readonly Region[],
    signal: AbortSignal
  ) {
    signal.addEventListener('abort', () => this.drop());
  }

  /** Draws what there is, and sees to it that there will be what is wanted. */
  draw(context: CanvasRenderingContext2D, content: Content, ratio: number): void {
    const { plate } = this;
    const view = this.view();
    const fits = (sheet: Sheet | null): boolean => sheet !== null && isSame(sheet.content, content) && sheet.scale === plate.scale && covers(sheet.span, view);
    if (!fits(this.front) && !fits(this.back)) {
      this.begin(content, view, ratio);
    }
    const shown = this.front ?? this.back;
    if (shown) {
      const [a, b] = [plate.toScreen({ x: shown.span.x0, y: shown.span.y1 }), plate.toScreen({ x: shown.span.x1, y: shown.span.y0 })];
      context.drawImage(shown.canvas, a.x, a.y, b.x - a.x, b.y - a.y);
    }
  }

  /** Nothing is to be drawn any more. */
  drop(): void {
    clearTimeout(this.timer);
    this.front = null;
    this.back = null;
  }

  private view(): Span {
    const { x0, x1, y0, y1 } = this.plate.span();
    return { x0: x0 - 0.5, x1: x1 - 0.5, y0: y0 - 0.5, y1: y1 - 0.5 };
  }

  private begin(content: Content, view: Span, ratio: number): void {
    clearTimeout(this.timer);
    const { scale } = this.plate;
    const [dx, dy] = [MARGIN * (view.x1 - view.x0), MARGIN * (view.y1 - view.y0)];
    const span = { x0: view.x0 - dx, x1: view.x1 + dx, y0: view.y0 - dy, y1: view.y1 + dy };
    const canvas = document.createElement('canvas');
    canvas.width = Math.ceil((span.x1 - span.x0) * scale * ratio);
    canvas.height = Math.ceil((span.y1 - span.y0) * scale * ratio);
    // on whole pixels of the canvas
    span.x1 = span.x0 + canvas.width / scale / ratio;
    span.y0 = span.y1 - canvas.height / scale / ratio;
    const context = canvas.getContext('2d');
    if (!context) {
      return;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const sheet: Sheet = { canvas, content, span, scale };
    this.back = sheet;
    const to: Projector = { scale, toScreen: ({ x, y }: Point) => ({ x: (x - span.x0) * scale, y: (span.y1 - y) * scale }) };
    const regions = this.find(span);
    const labelled = regions.filter(({ label }) => label !== '').slice(0, MOST_LABELS);
    let next = 0;
    let told = performance.now();
    const slice = (): void => {
      const start = performance.now();
      while (next < regions.length && performance.now() - start < SLICE) {
        paint(context, regions.slice(next, next + CHUNK), to, content.style);
        next += CHUNK;
      }
      if (next < regions.length) {
        this.timer = setTimeout(slice);
        if (this.front === null && performance.now() - told > PACE) {
          told = performance.now();
          this.plate.request();
        }
        return;
      }
      write(context, labelled, to, content.style.colour);
      this.front = sheet;
      this.back = null;
      this.plate.request();
    };
    this.timer = setTimeout(slice);
  }
}

function isSame(a: Content, b: Content): boolean {
  return a.version === b.version && a.key === b.key;
}

function covers(outer: Span, inner: Span): boolean {
  return outer.x0 <= inner.x0 && outer.x1 >= inner.x1 && outer.y0 <= inner.y0 && outer.y1 >= inner.y1;
}
