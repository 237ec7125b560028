/** A shape that is being drawn: the points so far, by pointer or by keys, until it is whole. */

import type { Store } from '../../core/store';
import type { Point } from '../../core/view';
import type { Plate } from '../plate';
import type { Kit } from './kit';
import { made, sketched, thinned } from './making';
import type { Shape } from './shapes';
import { type Tool, type ToolName, toolOf } from './tools';

/** How the shape is to be taken: keys that were held. */
export interface Held {
  /** The other of adding and taking away. */
  other: boolean;
}

export interface SketchHost {
  /** The shape is whole. */
  finish(tool: ToolName, shape: Shape, held: Held): void;
  changed(): void;
  say(text: string): void;
}

/** Pixels of the screen that a pointer may move and still be a click. */
const SLOP = 4;
/** Nearer to the first vertex than this a click closes the shape. */
const CLOSES = 8;
/** Distance of the points of a stroke on the screen. */
const GRAIN = 1.5;

export class Sketch {
  private points: Point[] = [];
  private cursor: Point | null = null;
  private square = false;
  /** Points there were before the button went down; `null`: it is up. */
  private pressed: { at: Point; before: number } | null = null;
  private byKeys = false;

  constructor(
    private readonly plate: Plate,
    private readonly kit: Store<Kit>,
    private readonly host: SketchHost
  ) {}

  /** Whether something has been begun. */
  get isBegun(): boolean {
    return this.points.length > 0;
  }

  get vertices(): readonly Point[] {
    return this.tool?.points === 'many' ? this.points : [];
  }

  /** What it looks like now. */
  get shape(): Shape | null {
    const { tool, cursor } = this;
    if (!tool || this.points.length === 0) {
      return null;
    }
    const isStroke = tool.points === 'stroke' && !this.byKeys;
    const points = cursor && !isStroke ? [...this.points, cursor] : this.points;
    return sketched(tool.name, points, this.options);
  }

  /** Where the next point would be. */
  get place(): Point | null {
    return this.cursor;
  }

  // ---- by pointer

  down(event: PointerEvent, at: Point): boolean {
    const { tool } = this;
    if (!tool || tool.points === 0) {
      return false;
    }
    this.byKeys = false;
    this.square = event.shiftKey;
    this.cursor = at;
    this.pressed = { at, before: this.points.length };
    if (this.points.length === 0 || tool.points === 'stroke') {
      this.points = tool.points === 1 ? [] : [...this.points, at];
    } else if (!(tool.points === 'many' && this.isNear(at, this.points[this.points.length - 1]!, SLOP))) {
      this.points.push(at);
    }
    this.host.changed();
    return true;
  }

  move(event: PointerEvent, at: Point): void {
    this.square = event.shiftKey;
    this.cursor = at;
    this.byKeys = false;
    if (this.pressed && this.tool?.points === 'stroke') {
      const last = this.points[this.points.length - 1]!;
      if (!this.isNear(at, last, GRAIN)) {
        this.points.push(at);
      }
    }
    this.host.changed();
  }

  up(event: PointerEvent, at: Point): void {
    const { tool, pressed } = this;
    this.pressed = null;
    if (!tool || !pressed) {
      return;
    }
    this.square = event.shiftKey;
    const held = { other: event.altKey };
    const wasDragged = !this.isNear(at, pressed.at, SLOP);
    if (tool.points === 1) {
      this.points = [at];
      this.finish(held);
    } else if (tool.points === 'stroke') {
      this.points = thinned(this.points, GRAIN / this.plate.scale);
      this.finish(held);
    } else if (tool.points === 'many') {
      if (pressed.before >= 3 && this.isNear(at, this.points[0]!, CLOSES)) {
        this.points.length = pressed.before;
        this.finish(held);
        return;
      }
      if (wasDragged) {
        this.points.push(at);
      }
      this.host.changed();
    } else {
      if (wasDragged && this.points.length < tool.points) {
        this.points.push(at);
      }
      this.finishIfWhole(held);
    }
  }

  /** The pointer moves with no button down. */
  hover(at: Point | null, square: boolean): void {
    this.square = square;
    this.cursor = at;
    this.byKeys = false;
    this.host.changed();
  }

  /** Another finger has come, or the browser took the pointer: what this press began is taken back. */
  release(): void {
    if (this.pressed) {
      this.points.length = Math.min(this.points.length, this.tool?.points === 'stroke' ? 0 : this.pressed.before);
      this.pressed = null;
      this.host.changed();
    }
  }

  close(held: Held): void {
    if (this.isBegun) {
      this.finish(held);
    }
  }

  // ---- by keys

  /** The keys move the cross-hair: the shape follows it, not the pointer. */
  follow(): void {
    this.byKeys = true;
    this.cursor = null;
  }

  /** In each frame: the cross-hair may have moved. */
  update(): void {
    if (this.byKeys) {
      this.cursor = this.plate.at;
    }
  }

  /** Enter: the next point at the cross-hair, or the last was the last. */
  act(held: Held): boolean {
    const { tool } = this;
    const { at } = this.plate;
    if (!tool || tool.points === 0) {
      return false;
    }
    const isOpen = tool.points === 'many' || tool.name === 'lasso';
    const last = this.points[this.points.length - 1];
    if (isOpen && last && (!this.byKeys || !at || this.isNear(at, last, SLOP / 2))) {
      this.finish(held);
      return true;
    }
    if (!at) {
      this.host.say('Move the cross-hair with Shift and the arrow keys');
      return true;
    }
    this.points.push(at);
    if (!isOpen) {
      this.finishIfWhole(held);
    }
    if (this.isBegun) {
      this.host.say(isOpen ? `Corner ${this.points.length}. Enter again at the same place ends.` : `Point ${this.points.length} of ${tool.points}`);
      this.host.changed();
    }
    return true;
  }

  /** Takes the last point back; says whether there was one. */
  back(): boolean {
    if (!this.isBegun || this.pressed) {
      return false;
    }
    this.points.pop();
    this.host.changed();
    return true;
  }

  /** Gives it up; says whether there was anything. */
  cancel(): boolean {
    const had = this.isBegun;
    this.points = [];
    this.pressed = null;
    if (had) {
      this.host.changed();
    }
    return had;
  }

  private get tool(): Tool | null {
    const { tool } = this.kit.value;
    return tool && toolOf(tool);
  }

  private get options(): { square: boolean; annulus: Kit['annulus']; radius: number } {
    const { annulus, radius } = this.kit.value;
    return { square: this.square, annulus, radius };
  }

  private isNear(a: Point, b: Point, pixels: number): boolean {
    return Math.hypot(a.x - b.x, a.y - b.y) * this.plate.scale < pixels;
  }

  private finishIfWhole(held: Held): void {
    const { tool } = this;
    const needed = tool?.points === 'stroke' ? 1 : tool?.points;
    if (typeof needed === 'number' && this.points.length >= needed) {
      this.finish(held);
    } else {
      this.host.changed();
    }
  }

  private finish(held: Held): void {
    const { tool } = this;
    const shape = tool && made(tool.name, this.points, this.options);
    this.points = [];
    this.pressed = null;
    if (shape) {
      this.host.finish(tool.name, shape, held);
    } else if (tool) {
      this.host.say('Too small: nothing was drawn');
    }
    this.host.changed();
  }
}
