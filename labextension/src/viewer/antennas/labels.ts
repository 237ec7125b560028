/** Names beside their antennas, as many as fit without touching each other or a marker. */

import type { Point, Rect } from '../core/view';

export interface LabelWish {
  id: number;
  text: string;
  width: number;
  at: Point;
  /** Larger comes first; those above 0 are shown in any case. */
  priority: number;
}

export interface LabelPlace {
  id: number;
  text: string;
  /** Left end of the base line. */
  x: number;
  y: number;
}

interface Box {
  x0: number;
  x1: number;
  y0: number;
  y1: number;
}

export const LABEL_HEIGHT = 11;
const GAP = 2;
/** Pixels of a cell in which boxes are looked up. */
const CELL = 40;

/** Where labels may stand, the best place first: which side, as signs of x and y. */
const PLACES = [[1, 0], [-1, 0], [0, -1], [0, 1], [1, -1], [-1, -1], [1, 1], [-1, 1]] as const;

/** Boxes by the cells they lie in, so that a search does not go through all of them. */
class BoxIndex {
  private readonly cells = new Map<string, Box[]>();

  add(box: Box): void {
    for (const key of cellsOf(box)) {
      const list = this.cells.get(key);
      if (list) {
        list.push(box);
      } else {
        this.cells.set(key, [box]);
      }
    }
  }

  isFree(box: Box): boolean {
    return cellsOf(box).every(key => (this.cells.get(key) ?? []).every(other => !overlap(box, other)));
  }
}

function cellsOf({ x0, x1, y0, y1 }: Box): string[] {
  const keys: string[] = [];
  for (let i = Math.floor(x0 / CELL); i <= Math.floor(x1 / CELL); i += 1) {
    for (let j = Math.floor(y0 / CELL); j <= Math.floor(y1 / CELL); j += 1) {
      keys.push(`${i},${j}`);
    }
  }
  return keys;
}

function overlap(a: Box, b: Box): boolean {
  return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;
}

function boxAt({ at, width }: LabelWish, [sx, sy]: readonly [number, number], radius: number): Box {
  const away = radius + GAP;
  const diagonal = sx !== 0 && sy !== 0 ? 0.7 : 1;
  const cx = at.x + sx * (away * diagonal + width / 2);
  const cy = at.y + sy * (away * diagonal + LABEL_HEIGHT / 2);
  return { x0: cx - width / 2, x1: cx + width / 2, y0: cy - LABEL_HEIGHT / 2, y1: cy + LABEL_HEIGHT / 2 };
}

/** Places labels one after the other; those for which there is no room are left out. */
export function placeLabels(wishes: readonly LabelWish[], rect: Rect, radius: number): LabelPlace[] {
  const markers = new BoxIndex();
  const labels = new BoxIndex();
  for (const { at } of wishes) {
    markers.add({ x0: at.x - radius, x1: at.x + radius, y0: at.y - radius, y1: at.y + radius });
  }
  const inside = ({ x0, x1, y0, y1 }: Box): boolean =>
    x0 >= rect.x && x1 <= rect.x + rect.width && y0 >= rect.y && y1 <= rect.y + rect.height;
  const placed: LabelPlace[] = [];
  for (const wish of [...wishes].sort((p, q) => q.priority - p.priority)) {
    const boxes = PLACES.map(side => boxAt(wish, side, radius)).filter(inside);
    const free = boxes.filter(box => labels.isFree(box));
    // One that must be shown rather covers a marker than another name.
    const box = free.find(candidate => markers.isFree(candidate)) ?? (wish.priority > 0 ? free[0] : undefined);
    if (box) {
      labels.add({ x0: box.x0 - GAP, x1: box.x1 + GAP, y0: box.y0 - 1, y1: box.y1 + 1 });
      placed.push({ id: wish.id, text: wish.text, x: box.x0, y: box.y1 - 2 });
    }
  }
  return placed;
}
