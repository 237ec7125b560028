/** Mouse, pen and touch on the stage: one path for all, by pointer events. */

import { listen } from './dom';
import type { Point } from './view';

export const TOOLS = ['pan', 'zoom', 'box', 'point'] as const;
export type Tool = (typeof TOOLS)[number];

/** A panel, or the axis of the panels under or beside it. */
export interface Hit {
  panel: number;
  zone: 'picture' | 'x' | 'y';
}

export interface GestureTarget {
  /** What is at a place on the stage. */
  hit(point: Point): Hit | null;
  tool(): Tool;
  pan(panel: number, dx: number, dy: number): void;
  zoom(panel: number, at: Point, fx: number, fy: number): void;
  /** The box being dragged; `null` when it ends. */
  band(panel: number, from: Point, to: Point | null): void;
  box(panel: number, from: Point, to: Point, add: boolean): void;
  tap(panel: number, at: Point, add: boolean): void;
  reset(): void;
  hover(at: Point | null, dragging: boolean): void;
}

/** Pixels a pointer may move and still be a tap. */
const SLOP = 4;
const WHEEL_SPEED = 0.0016;
/** Milliseconds of rest that end a scroll of the page. */
const SCROLL_PAUSE = 300;

interface Drag {
  panel: number;
  id: number;
  start: Point;
  last: Point;
  moved: boolean;
  pans: boolean;
}

export class Gestures {
  private readonly pointers = new Map<number, Point>();
  private drag: Drag | null = null;
  /** When the page was last scrolled by the wheel: such a scroll goes on over the stage, and does not zoom. */
  private scrolled = -Infinity;

  constructor(
    private readonly stage: HTMLElement,
    private readonly target: GestureTarget,
    signal: AbortSignal
  ) {
    listen(stage, 'pointerdown', event => this.down(event), signal);
    listen(stage, 'pointermove', event => this.move(event), signal);
    listen(stage, 'pointerup', event => this.up(event), signal);
    listen(stage, 'pointercancel', event => this.cancelled(event), signal);
    listen(
      stage,
      'pointerleave',
      () => {
        if (!this.drag) {
          this.target.hover(null, false);
        }
      },
      signal
    );
    listen(stage, 'wheel', event => this.wheel(event), signal, { passive: false });
    listen(
      document,
      'wheel',
      event => {
        if (!event.composedPath().includes(stage)) {
          this.scrolled = event.timeStamp;
        }
      },
      signal,
      { passive: true, capture: true }
    );
    listen(stage, 'dblclick', () => target.tool() !== 'point' && target.reset(), signal);
  }

  /** Ends a drag without a result; says whether there was one. */
  cancel(): boolean {
    if (!this.drag) {
      return false;
    }
    this.target.band(this.drag.panel, this.drag.start, null);
    this.drag = null;
    return true;
  }

  /** A pointer that was somebody else's is the first of two fingers now. */
  adopt(id: number, at: Point): void {
    this.pointers.set(id, at);
  }

  private at(event: MouseEvent): Point {
    const box = this.stage.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  private inside(at: Point): number | null {
    const hit = this.target.hit(at);
    return hit?.zone === 'picture' ? hit.panel : null;
  }

  private down(event: PointerEvent): void {
    const at = this.at(event);
    const panel = this.inside(at);
    if (panel === null || (event.button !== 0 && event.button !== 1)) {
      return;
    }
    if (event.target instanceof Element && event.target.closest('button, input, select, a, .dsa-card')) {
      return;
    }
    this.pointers.set(event.pointerId, at);
    this.stage.setPointerCapture(event.pointerId);
    if (event.button === 1) {
      event.preventDefault();
    }
    if (this.pointers.size === 2) {
      this.cancel();
      return;
    }
    const pans = event.button === 1 || this.target.tool() === 'pan' || this.target.tool() === 'point';
    this.drag = { panel, id: event.pointerId, start: at, last: at, moved: false, pans };
    this.target.hover(at, false);
  }

  private move(event: PointerEvent): void {
    const at = this.at(event);
    if (this.pointers.size === 2 && this.pointers.has(event.pointerId)) {
      this.pinch(event.pointerId, at);
      return;
    }
    const { drag } = this;
    if (drag?.id !== event.pointerId) {
      this.target.hover(this.inside(at) === null ? null : at, false);
      return;
    }
    if (!drag.moved && Math.hypot(at.x - drag.start.x, at.y - drag.start.y) < SLOP) {
      return;
    }
    drag.moved = true;
    if (drag.pans) {
      this.target.pan(drag.panel, at.x - drag.last.x, at.y - drag.last.y);
    } else {
      this.target.band(drag.panel, drag.start, at);
    }
    drag.last = at;
    this.pointers.set(event.pointerId, at);
    this.target.hover(at, true);
  }

  private up(event: PointerEvent): void {
    const { drag } = this;
    this.pointers.delete(event.pointerId);
    if (drag?.id !== event.pointerId) {
      return;
    }
    const at = this.at(event);
    this.drag = null;
    if (!drag.moved) {
      this.target.tap(drag.panel, at, event.shiftKey);
    } else if (!drag.pans) {
      this.target.band(drag.panel, drag.start, null);
      this.target.box(drag.panel, drag.start, at, event.shiftKey);
    }
    this.target.hover(this.inside(at) === null ? null : at, false);
  }

  private cancelled(event: PointerEvent): void {
    this.pointers.delete(event.pointerId);
    if (this.drag?.id === event.pointerId) {
      this.cancel();
    }
  }

  private pinch(id: number, at: Point): void {
    const [other] = [...this.pointers.entries()].filter(([key]) => key !== id).map(([, point]) => point);
    const before = this.pointers.get(id)!;
    this.pointers.set(id, at);
    const middle = { x: (before.x + other!.x) / 2, y: (before.y + other!.y) / 2 };
    const now = { x: (at.x + other!.x) / 2, y: (at.y + other!.y) / 2 };
    const panel = this.target.hit(middle)?.panel;
    if (panel === undefined) {
      return;
    }
    const factor = Math.hypot(at.x - other!.x, at.y - other!.y) / Math.max(1, Math.hypot(before.x - other!.x, before.y - other!.y));
    this.target.pan(panel, now.x - middle.x, now.y - middle.y);
    this.target.zoom(panel, now, factor, factor);
  }

  private wheel(event: WheelEvent): void {
    const at = this.at(event);
    const hit = this.target.hit(at);
    if (!hit) {
      return;
    }
    if (event.timeStamp - this.scrolled < SCROLL_PAUSE && !event.ctrlKey && !event.metaKey) {
      this.scrolled = event.timeStamp;
      return;
    }
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    const delta = (event.deltaY || event.deltaX) * unit;
    const factor = Math.exp(-Math.max(-240, Math.min(240, delta)) * WHEEL_SPEED * (event.ctrlKey ? 4 : 1));
    const onlyX = event.shiftKey || hit.zone === 'x';
    const onlyY = event.altKey || hit.zone === 'y';
    this.target.zoom(hit.panel, at, onlyY ? 1 : factor, onlyX ? 1 : factor);
  }
}
