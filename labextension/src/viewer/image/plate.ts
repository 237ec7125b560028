/** The seam between the picture and what is drawn on it: places in 0-based image pixels with centres at whole numbers. */

import type { Point, Span } from '../core/view';

export interface Plate {
  readonly element: HTMLElement;
  /** Above the picture, in CSS pixels of `element`. */
  readonly overlay: SVGSVGElement;
  /** Between the picture and the overlay; whoever draws on it sizes it. */
  readonly maskCanvas: HTMLCanvasElement;
  /** Of `element`, in CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** CSS pixels of an image pixel. */
  readonly scale: number;
  /** The pixel under the cross-hair, which pointer and keys move. */
  readonly at: Point | null;
  toScreen(pixel: Point): Point;
  toPixel(screen: Point): Point;
  /** The part seen, in cells: pixel i spans [i, i + 1). */
  span(): Span;
  /** Calls `draw` in the animation frame of each redraw. */
  onFrame(draw: () => void): void;
  /** Asks for a redraw. */
  request(): void;
  /** Who is offered pointer and keys before the picture takes them. */
  setTarget(target: PointerTarget | null): void;
}

/** `at` is in image pixels. */
export interface PointerTarget {
  /** `true`: it is mine until the pointer goes up. */
  down(event: PointerEvent, at: Point): boolean;
  move(event: PointerEvent, at: Point): void;
  up(event: PointerEvent, at: Point): void;
  cancel(): void;
  /** The CSS cursor to show, `null` for the picture's own. */
  hover(event: PointerEvent, at: Point): string | null;
  doubleClick?(event: MouseEvent, at: Point): boolean;
  /** `true`: the key is used up. */
  key(event: KeyboardEvent): boolean;
}
