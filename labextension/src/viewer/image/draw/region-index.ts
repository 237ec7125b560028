/** Regions by where they are. */

import type { Point, Span } from '../../core/view';
import { where } from './hits';
import { boundsOf, type Region } from './shapes';

export class RegionIndex {
  private regions: readonly Region[] = [];
  private bounds = new Float64Array(0);

  set(regions: readonly Region[]): void {
    this.regions = regions;
    this.bounds = new Float64Array(4 * regions.length);
    regions.forEach((region, i) => {
      const { x0, x1, y0, y1 } = boundsOf(region);
      this.bounds.set([x0, x1, y0, y1], 4 * i);
    });
  }

  /** The topmost of the smallest regions at a place. */
  at(point: Point, reach: number): Region | null {
    const near = { x0: point.x - 1.5 * reach, x1: point.x + 1.5 * reach, y0: point.y - 1.5 * reach, y1: point.y + 1.5 * reach };
    let best: Region | null = null;
    let least = Infinity;
    for (const region of this.seen(near)) {
      const hit = where(region, point, reach);
      if (hit) {
        const { x0, x1, y0, y1 } = boundsOf(region);
        // A line is aimed at; an area may only be what lies under it.
        const size = (x1 - x0) * (y1 - y0) * (hit === 'edge' ? 1e-6 : 1);
        if (size <= least) {
          best = region;
          least = size;
        }
      }
    }
    return best;
  }

  /** Those that lie in a box as a whole. */
  within({ x0, x1, y0, y1 }: Span): Region[] {
    const { bounds } = this;
    return this.regions.filter((_, i) => {
      const k = 4 * i;
      return bounds[k]! >= x0 && bounds[k + 1]! <= x1 && bounds[k + 2]! >= y0 && bounds[k + 3]! <= y1;
    });
  }

  /** Those of which a part may lie in a box, in their order. */
  seen({ x0, x1, y0, y1 }: Span): Region[] {
    const { bounds } = this;
    return this.regions.filter((_, i) => {
      const k = 4 * i;
      return bounds[k]! <= x1 && bounds[k + 1]! >= x0 && bounds[k + 2]! <= y1 && bounds[k + 3]! >= y0;
    });
  }
}
