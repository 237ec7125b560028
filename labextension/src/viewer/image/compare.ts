/** Two images in one place: in turns, on both sides of a line that can be moved, or one less the other. */

import { h, listen, setAttributes, setText } from '../core/dom';
import type { Picture } from './picture';
import type { CompareMode, ImageState, Which } from './protocol';

export interface CompareHost {
  /** The line has moved, and is let go of when `done`. */
  swipe(share: number, done: boolean): void;
  redraw(): void;
}

export interface Names {
  first: string;
  second: string;
}

const STEP = 0.01;

export class Compare {
  private readonly divider = h('div', {
    class: 'dsa-divider',
    role: 'slider',
    tabindex: 0,
    hidden: true,
    'aria-label': 'Where the second image begins',
    'aria-orientation': 'horizontal',
    'aria-valuemin': 0,
    'aria-valuemax': 100
  });
  private readonly left = h('div', { class: 'dsa-which', hidden: true });
  private readonly right = h('div', { class: 'dsa-which', hidden: true });
  private mode: CompareMode = 'off';
  private share = 0.5;
  private names: Names = { first: '', second: '' };
  private period = 0;
  private timer: ReturnType<typeof setInterval> | undefined;
  private isSecond = false;
  private dragged = false;

  constructor(
    private readonly picture: Picture,
    private readonly host: CompareHost,
    signal: AbortSignal
  ) {
    picture.element.append(this.left, this.right, this.divider);
    listen(this.divider, 'pointerdown', event => this.down(event), signal);
    listen(this.divider, 'pointermove', event => this.dragged && this.move(event, false), signal);
    listen(this.divider, 'pointerup', event => this.up(event), signal);
    listen(this.divider, 'pointercancel', () => (this.dragged = false), signal);
    listen(this.divider, 'keydown', event => this.key(event), signal);
    signal.addEventListener('abort', () => clearInterval(this.timer));
  }

  /** `has` says whether there is a second image. */
  set(state: ImageState, has: boolean, names: Names): void {
    this.mode = has ? state.compare_mode : 'off';
    this.share = state.swipe;
    this.names = names;
    const period = this.mode === 'blink' ? state.blink_ms : 0;
    if (period !== this.period) {
      this.period = period;
      clearInterval(this.timer);
      this.isSecond = false;
      if (period > 0) {
        this.timer = setInterval(() => {
          this.isSecond = !this.isSecond;
          this.host.redraw();
        }, period);
      }
    }
    this.divider.hidden = this.mode !== 'swipe';
    this.host.redraw();
  }

  /** Which images have to be there. */
  get needed(): readonly Which[] {
    return this.mode === 'off' ? ['image'] : this.mode === 'difference' ? ['image', 'difference'] : ['image', 'compare'];
  }

  /** What is seen from left to right, and where each part ends; the second one of a pair only when it is there. */
  parts(hasSecond: boolean): readonly { which: Which; until: number }[] {
    const { mode, share, isSecond } = this;
    if (mode === 'swipe') {
      return [
        { which: 'image', until: share },
        { which: 'compare', until: 1 }
      ];
    }
    const which = !hasSecond ? 'image' : mode === 'difference' ? 'difference' : mode === 'blink' && isSecond ? 'compare' : 'image';
    return [{ which, until: 1 }];
  }

  /** Puts the line and the names where they belong. */
  draw(hasSecond: boolean): void {
    const { rect } = this.picture.stage;
    const { mode, share, names, left, right, divider } = this;
    const at = rect.x + share * rect.width;
    if (mode === 'swipe') {
      setAttributes(divider, { 'aria-valuenow': Math.round(100 * share), 'aria-valuetext': `${Math.round(100 * share)} %` });
      Object.assign(divider.style, { transform: `translateX(${at}px)`, top: `${rect.y}px`, height: `${rect.height}px` });
    }
    left.hidden = mode === 'off';
    right.hidden = mode !== 'swipe';
    const { which } = this.parts(hasSecond)[0]!;
    setText(left, which === 'difference' ? `${names.first} − ${names.second}` : which === 'compare' ? names.second : names.first);
    left.dataset.which = which;
    setText(right, names.second);
    // Names that do not fit their side are cut off there.
    Object.assign(left.style, { left: `${rect.x + 6}px`, top: `${rect.y + 6}px`, maxWidth: `${Math.max(0, (mode === 'swipe' ? at - rect.x : rect.width) - 12)}px` });
    Object.assign(right.style, { left: `${at + 6}px`, top: `${rect.y + 6}px`, maxWidth: `${Math.max(0, rect.x + rect.width - at - 12)}px` });
  }

  private down(event: PointerEvent): void {
    event.preventDefault();
    event.stopPropagation();
    this.dragged = true;
    this.divider.setPointerCapture(event.pointerId);
    this.divider.focus();
  }

  private up(event: PointerEvent): void {
    if (this.dragged) {
      this.dragged = false;
      this.move(event, true);
    }
  }

  private move(event: PointerEvent, done: boolean): void {
    const { rect } = this.picture.stage;
    const x = event.clientX - this.picture.element.getBoundingClientRect().left;
    this.host.swipe(Math.min(1, Math.max(0, (x - rect.x) / rect.width)), done);
  }

  private key(event: KeyboardEvent): void {
    const direction = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (direction) {
      event.preventDefault();
      event.stopPropagation();
      const share = this.share + direction * STEP * (event.shiftKey ? 10 : 1);
      this.host.swipe(Math.round(100 * Math.min(1, Math.max(0, share))) / 100, true);
    }
  }
}
