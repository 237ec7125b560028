/** Offers pointer and keys to whoever draws, before the picture takes them. Two fingers are always the picture's. */

import { listen } from '../core/dom';
import type { Point } from '../core/view';
import type { Picture } from './picture';
import type { PointerTarget } from './plate';

export class TargetPointer {
  private target: PointerTarget | null = null;
  private held: { id: number; last: Point } | null = null;

  constructor(
    private readonly picture: Picture,
    signal: AbortSignal
  ) {
    const { element } = picture;
    const first = { capture: true };
    listen(element, 'pointerdown', event => this.down(event), signal, first);
    listen(element, 'pointermove', event => this.move(event), signal, first);
    listen(element, 'pointerup', event => this.up(event), signal, first);
    listen(element, 'pointercancel', event => this.lost(event), signal, first);
    listen(element, 'dblclick', event => this.doubleClick(event), signal, first);
  }

  set(target: PointerTarget | null): void {
    this.cancel();
    this.target = target;
    this.picture.element.style.cursor = '';
  }

  key(event: KeyboardEvent): boolean {
    return this.target?.key(event) === true;
  }

  /** Ends what is being drawn; says whether there was something. */
  cancel(): boolean {
    const had = this.held !== null;
    this.held = null;
    if (had) {
      this.target?.cancel();
    }
    return had;
  }

  private down(event: PointerEvent): void {
    const { picture, target, held } = this;
    const screen = this.screen(event);
    if (held) {
      // A second finger: what the first has begun is given up, and both move the picture.
      this.cancel();
      picture.stage.adopt(held.id, held.last);
      return;
    }
    const onControl = event.target instanceof Element && event.target.closest('button, input, select, a, [role=slider], .dsa-card');
    if (!target || onControl || event.button !== 0 || picture.stage.tool() !== 'pan' || !picture.stage.hit(screen)) {
      return;
    }
    if (target.down(event, picture.toPixel(screen))) {
      this.held = { id: event.pointerId, last: screen };
      picture.element.setPointerCapture(event.pointerId);
      event.stopImmediatePropagation();
      event.preventDefault();
      picture.element.closest<HTMLElement>('.dsa-stage')?.focus({ preventScroll: true });
    }
  }

  private move(event: PointerEvent): void {
    const { picture, target, held } = this;
    if (!target) {
      return;
    }
    const screen = this.screen(event);
    if (held?.id === event.pointerId) {
      held.last = screen;
      event.stopImmediatePropagation();
      target.move(event, picture.toPixel(screen));
      picture.hover(screen, true);
    } else if (!held && event.buttons === 0) {
      const isOver = picture.stage.tool() === 'pan' && picture.stage.hit(screen) !== null;
      picture.element.style.cursor = (isOver ? target.hover(event, picture.toPixel(screen)) : null) ?? '';
    }
  }

  private up(event: PointerEvent): void {
    if (this.held?.id === event.pointerId) {
      const screen = this.screen(event);
      this.held = null;
      event.stopImmediatePropagation();
      this.target?.up(event, this.picture.toPixel(screen));
      this.picture.hover(screen, false);
    }
  }

  private lost(event: PointerEvent): void {
    if (this.held?.id === event.pointerId) {
      this.cancel();
    }
  }

  private doubleClick(event: MouseEvent): void {
    const { picture, target } = this;
    const screen = this.screen(event);
    if (target?.doubleClick && picture.stage.hit(screen) && target.doubleClick(event, picture.toPixel(screen))) {
      event.stopImmediatePropagation();
    }
  }

  private screen(event: MouseEvent): Point {
    const box = this.picture.element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }
}
