/** Changing regions: selecting, moving, handles, vertices, copying. A drag is one change. */

import type { Point, Span } from '../../core/view';
import type { Plate } from '../plate';
import type { Edits } from './edits';
import { cursorOf, dragged, type Handle, handlesOf, withoutVertex, withSideSplit } from './handles';
import { where } from './hits';
import type { DrawModel } from './kit';
import type { RegionIndex } from './region-index';
import { halves, isPossible, moved, nameOf, type Region } from './shapes';

export interface EditingHost {
  readonly plate: Plate;
  readonly model: DrawModel;
  readonly edits: Edits;
  readonly index: RegionIndex;
  /** All of them, as they are shown. */
  regions(): readonly Region[];
  /** Those that are selected, as they are shown. */
  selected(): readonly Region[];
  changed(): void;
  say(text: string): void;
}

type Drag =
  | { kind: 'handle'; from: Point; grip: Handle; region: Region }
  | { kind: 'move'; from: Point; by: Point; regions: readonly Region[]; clicked: Region; toggles: boolean; wasSelected: boolean }
  | { kind: 'band'; from: Point; adds: boolean };

const SLOP = 4;
/** Reach of a pointer around lines and handles, in pixels of the screen. */
const REACH = { mouse: 6, coarse: 16 };
/** Regions that are seen to move while more of them are dragged: the rest follow at the end. */
const MOST_PREVIEWS = 300;
/** Half the size of what is small, in pixels of the screen. */
const SMALL = 16;
const PASTE_SHIFT = 14;
/** Milliseconds without another nudge after which they are one change. */
const NUDGE_PAUSE = 500;

export class Editing {
  /** Regions as the drag has them now. */
  readonly preview = new Map<string, Region>();
  /** The box that is drawn to select, in image pixels. */
  band: Span | null = null;
  /** The vertex that Delete takes away. */
  vertex: number | null = null;
  private drag: Drag | null = null;
  private hasMoved = false;
  private copied: readonly Region[] = [];
  private pastes = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly host: EditingHost,
    signal: AbortSignal
  ) {
    signal.addEventListener('abort', () => clearTimeout(this.timer));
  }

  get isDragging(): boolean {
    return this.drag !== null;
  }

  // ---- by pointer

  /** `onlyHandles`: a drawing tool is in hand, which may begin anywhere else. */
  down(event: PointerEvent, at: Point, onlyHandles: boolean): boolean {
    this.settle();
    this.hasMoved = false;
    const grip = this.handleAt(event, at);
    const [only] = this.host.selected();
    if (grip && only) {
      this.vertex = grip.kind === 'vertex' ? grip.index : null;
      this.drag = { kind: 'handle', from: at, grip, region: only };
      this.host.changed();
      return true;
    }
    if (onlyHandles) {
      return false;
    }
    this.vertex = null;
    const region = this.host.index.at(at, this.reach(event));
    if (region) {
      const ids = this.ids;
      const wasSelected = ids.includes(region.id);
      if (!wasSelected) {
        this.select(event.shiftKey ? [...ids, region.id] : [region.id]);
      }
      const regions = wasSelected || event.shiftKey ? [...this.host.selected()] : [region];
      this.drag = { kind: 'move', from: at, by: { x: 0, y: 0 }, regions, clicked: region, toggles: event.shiftKey, wasSelected };
    } else {
      this.drag = { kind: 'band', from: at, adds: event.shiftKey };
    }
    this.host.changed();
    return true;
  }

  move(event: PointerEvent, at: Point): void {
    const { drag } = this;
    if (!drag || (!this.hasMoved && this.distance(at, drag.from) < SLOP)) {
      return;
    }
    this.hasMoved = true;
    if (drag.kind === 'handle') {
      const shape = dragged(drag.region, drag.grip, at, { steady: event.shiftKey, other: event.altKey });
      this.preview.set(drag.region.id, shape);
    } else if (drag.kind === 'move') {
      let [dx, dy] = [at.x - drag.from.x, at.y - drag.from.y];
      if (event.shiftKey && !drag.toggles) {
        [dx, dy] = Math.abs(dx) > Math.abs(dy) ? [dx, 0] : [0, dy];
      }
      drag.by = { x: dx, y: dy };
      drag.regions.slice(0, MOST_PREVIEWS).forEach(region => this.preview.set(region.id, moved(region, dx, dy)));
    } else {
      const { from } = drag;
      this.band = { x0: Math.min(from.x, at.x), x1: Math.max(from.x, at.x), y0: Math.min(from.y, at.y), y1: Math.max(from.y, at.y) };
    }
    this.host.changed();
  }

  up(): void {
    const { drag } = this;
    this.drag = null;
    if (!drag) {
      return;
    }
    if (this.hasMoved && drag.kind !== 'band') {
      if (drag.kind === 'move') {
        drag.regions.slice(MOST_PREVIEWS).forEach(region => this.preview.set(region.id, moved(region, drag.by.x, drag.by.y)));
      }
      this.commit(drag.kind === 'move' ? 'moved' : drag.grip.kind === 'rotate' ? 'turned' : 'changed');
    } else if (drag.kind === 'band') {
      const found = this.band ? this.host.index.within(this.band).map(({ id }) => id) : [];
      this.band = null;
      this.select(drag.adds ? [...new Set([...this.ids, ...found])] : found);
    } else if (drag.kind === 'move') {
      if (drag.toggles && drag.wasSelected) {
        this.select(this.ids.filter(id => id !== drag.clicked.id));
      } else if (!drag.toggles && drag.wasSelected) {
        this.select([drag.clicked.id]);
      }
    }
    this.host.changed();
  }

  /** A drag is given up; says whether there was one. */
  cancel(): boolean {
    const had = this.drag !== null;
    this.drag = null;
    this.band = null;
    this.preview.clear();
    clearTimeout(this.timer);
    this.host.changed();
    return had;
  }

  hover(event: PointerEvent, at: Point, onlyHandles: boolean): string | null {
    const grip = this.handleAt(event, at);
    const [only] = this.host.selected();
    if (grip && only) {
      return cursorOf(grip, 'angle' in only ? only.angle : 0);
    }
    return onlyHandles ? null : this.host.index.at(at, this.reach(event)) ? 'move' : 'default';
  }

  /** On a side of the selected polygon: another vertex. Says whether the click was on a region at all. */
  doubleClick(event: MouseEvent, at: Point): boolean {
    const reach = this.reach(event);
    const [only, ...more] = this.host.selected();
    const onVertex = only && handlesOf(only, this.host.plate.scale).some(grip => grip.kind === 'vertex' && this.distance(grip.at, at) <= reach * this.host.plate.scale);
    const split = only && more.length === 0 && !onVertex ? withSideSplit(only, at, reach) : null;
    if (split) {
      void this.host.edits.replace([split], 'has another vertex');
      return true;
    }
    return this.host.index.at(at, reach) !== null;
  }

  // ---- by keys

  select(ids: readonly string[]): void {
    this.vertex = null;
    this.host.model.set({ selected: [...ids] });
    const chosen = this.host.selected();
    if (chosen.length === 1) {
      const [region] = chosen;
      this.host.say(`Selected: ${[nameOf(region!.shape), region!.label].filter(Boolean).join(' ')}`);
    } else if (chosen.length > 1) {
      this.host.say(`${chosen.length} regions selected`);
    }
  }

  selectAll(): void {
    this.select(this.host.regions().map(({ id }) => id));
  }

  /** Selects the region after the selected one, or before it. */
  step(by: 1 | -1): void {
    const all = this.host.regions();
    if (all.length > 0) {
      const now = all.findIndex(({ id }) => id === this.ids[0]);
      const next = now < 0 ? (by > 0 ? 0 : all.length - 1) : (now + by + all.length) % all.length;
      this.select([all[next]!.id]);
      this.host.say(`Region ${next + 1} of ${all.length}: ${[nameOf(all[next]!.shape), all[next]!.label].filter(Boolean).join(' ')}`);
    }
  }

  /** Moves what is selected by pixels; presses in a row are one change. */
  nudge(dx: number, dy: number): boolean {
    const selected = this.host.selected();
    if (selected.length === 0 || this.drag) {
      return false;
    }
    selected.forEach(region => this.preview.set(region.id, moved(this.preview.get(region.id) ?? region, dx, dy)));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.settle(), NUDGE_PAUSE);
    this.host.changed();
    return true;
  }

  /** Nudges that wait are made. */
  settle(): void {
    clearTimeout(this.timer);
    if (!this.drag && this.preview.size > 0) {
      this.commit('moved');
    }
  }

  /** Deletes the vertex that was touched last, or what is selected. */
  remove(): boolean {
    const selected = this.host.selected();
    const [only] = selected;
    if (!only) {
      return false;
    }
    const less = this.vertex !== null && selected.length === 1 ? withoutVertex(only, this.vertex) : null;
    this.vertex = null;
    if (less) {
      void this.host.edits.replace([less], 'has a vertex less');
    } else {
      this.preview.clear();
      void this.host.edits.remove(selected.map(({ id }) => id));
    }
    return true;
  }

  /** Includes what was excluded, and the other way round. */
  toggleInclude(): boolean {
    const selected = this.host.selected();
    if (selected.length === 0) {
      return false;
    }
    const include = !selected.every(region => region.include);
    void this.host.edits.replace(selected.map(region => ({ ...region, include })), include ? 'included' : 'excluded');
    return true;
  }

  copy(): boolean {
    const selected = this.host.selected();
    if (selected.length > 0) {
      this.copied = selected;
      this.pastes = 0;
      this.host.say(`${selected.length === 1 ? nameOf(selected[0]!.shape) : `${selected.length} regions`} copied`);
    }
    return selected.length > 0;
  }

  cut(): boolean {
    return this.copy() && this.remove();
  }

  paste(): boolean {
    if (this.copied.length === 0) {
      return false;
    }
    this.pastes += 1;
    const shift = (this.pastes * PASTE_SHIFT) / this.host.plate.scale;
    void this.host.edits.add(this.copied.map(region => ({ ...moved(region, shift, -shift), id: '' })));
    return true;
  }

  // ---- inside

  private get ids(): readonly string[] {
    return this.host.model.state.value.selected;
  }

  private commit(said: string): void {
    const changed = [...this.preview.values()].filter(isPossible);
    this.preview.clear();
    if (changed.length > 0) {
      void this.host.edits.replace(changed, said);
    }
  }

  private handleAt(event: PointerEvent, at: Point): Handle | null {
    const selected = this.host.selected();
    const [only] = selected;
    if (!only || selected.length > 1 || (this.isSmall(only) && where(only, at, 0) === 'inside')) {
      return null;
    }
    const reach = 1.5 * this.reach(event);
    let nearest: Handle | null = null;
    let least = reach;
    for (const grip of handlesOf(only, this.host.plate.scale)) {
      const distance = Math.hypot(grip.at.x - at.x, grip.at.y - at.y);
      if (distance <= least) {
        nearest = grip;
        least = distance;
      }
    }
    return nearest;
  }

  /** So small on the screen that its handles would leave no place to take hold of it. */
  private isSmall(region: Region): boolean {
    const half = halves(region);
    return half !== null && Math.min(half.u, half.v) * this.host.plate.scale < SMALL;
  }

  private reach(event: MouseEvent): number {
    const isCoarse = 'pointerType' in event && event.pointerType === 'touch';
    return (isCoarse ? REACH.coarse : REACH.mouse) / this.host.plate.scale;
  }

  private distance(a: Point, b: Point): number {
    return Math.hypot(a.x - b.x, a.y - b.y) * this.host.plate.scale;
  }
}
