/** Regions on the canvas: a few are drawn in each frame, many are drawn once on a sheet. */

import type { Plate } from '../plate';
import { RegionIndex } from './region-index';
import { MOST_LABELS, paint, type Shown, type Style, write } from './region-paint';
import { RegionSheet } from './region-sheet';
import type { Region } from './shapes';

export interface RegionScene {
  selected: readonly string[];
  /** Regions that look otherwise than they were set. */
  overrides: ReadonlyMap<string, Region>;
  /** Regions that were not set yet. */
  coming: readonly Region[];
  shown: Shown;
}

/** As many regions as a frame has time for. */
const AT_ONCE = 350;

export class RegionLayer {
  readonly index = new RegionIndex();
  private readonly sheet: RegionSheet;
  private readonly byId = new Map<string, Region>();
  private version = 0;
  private selected: readonly string[] = [];
  private selectedSet: ReadonlySet<string> = new Set();
  private selections = 0;

  constructor(
    private readonly plate: Plate,
    signal: AbortSignal
  ) {
    this.sheet = new RegionSheet(plate, span => this.index.seen(span), signal);
  }

  set(regions: readonly Region[]): void {
    this.version += 1;
    this.index.set(regions);
    this.byId.clear();
    regions.forEach(region => this.byId.set(region.id, region));
  }

  draw(context: CanvasRenderingContext2D, { selected, overrides, coming, shown }: RegionScene, ratio: number): void {
    const { plate } = this;
    if (selected !== this.selected) {
      this.selected = selected;
      this.selectedSet = new Set(selected);
      this.selections += 1;
    }
    const { x0, x1, y0, y1 } = plate.span();
    const seen = this.index.seen({ x0: x0 - 0.5, x1: x1 - 0.5, y0: y0 - 0.5, y1: y1 - 0.5 });
    const colour = getComputedStyle(plate.element).getPropertyValue('--dsa-region').trim() || '#3ddbff';
    const style: Style = { colour, shown, selected: this.selectedSet, cased: true };
    const changed = [...overrides.values(), ...coming].slice(0, AT_ONCE);
    if (seen.length <= AT_ONCE) {
      this.sheet.drop();
      const all = [...seen.filter(({ id }) => !overrides.has(id)), ...changed];
      paint(context, all, plate, style);
      write(context, all.filter(({ label }) => label !== '').slice(0, MOST_LABELS), plate, colour);
      return;
    }
    // What is selected is drawn over the sheet, unless it is most of it.
    const isFew = selected.length <= AT_ONCE;
    const key = `${colour}/${shown.channel}/${shown.stokes}/${isFew ? '' : this.selections}`;
    this.sheet.draw(context, { version: this.version, key, style: { ...style, selected: isFew ? new Set() : this.selectedSet, cased: false } }, ratio);
    const over = isFew ? selected.flatMap(id => (overrides.has(id) ? [] : (this.byId.get(id) ?? []))) : [];
    paint(context, [...over, ...changed], plate, style);
  }
}
