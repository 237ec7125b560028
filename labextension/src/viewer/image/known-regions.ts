/** The regions as the kernel has told them, change by change. */

import type { RegionInfo, RegionsEvent, RegionsInfo } from './protocol';

const NONE: readonly RegionInfo[] = [];

export class KnownRegions {
  private draft: RegionsInfo | null = null;

  /** The regions after a change of those known; `more`: the rest is to come, `lost`: it is a change of others. */
  take(known: RegionsInfo | null, event: RegionsEvent): RegionsInfo | 'more' | 'lost' {
    const { base, revision, last } = event;
    const from = base === null ? NONE : [this.draft, known].find(state => state?.revision === base)?.regions;
    if (!from) {
      return 'lost';
    }
    const whole = { revision, regions: changed(from, event) };
    this.draft = last ? null : whole;
    return last ? whole : 'more';
  }
}

function changed(from: readonly RegionInfo[], { removed, changed: others, added }: RegionsEvent): readonly RegionInfo[] {
  const gone = new Set(removed);
  const now = new Map(others.map(region => [region.id, region]));
  const kept = from.filter(({ id }) => !gone.has(id)).map(region => now.get(region.id) ?? region);
  const list: RegionInfo[] = [];
  let next = 0;
  for (const { at, regions } of added) {
    while (list.length < at && next < kept.length) {
      list.push(kept[next]!);
      next += 1;
    }
    regions.forEach(region => list.push(region));
  }
  return next === 0 && list.length === 0 ? kept : list.concat(kept.slice(next));
}
