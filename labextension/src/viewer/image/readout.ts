/** What is under the pointer: at once from tile and mesh, exactly from the kernel a moment later. */

import { type HoverCard, type Line } from '../core/hover-card';
import type { StatusLine } from '../core/states';
import { type Tile, valueAt } from '../core/tiles';
import { asFailure } from '../core/transport';
import type { Point } from '../core/view';
import type { ImageModel } from './model';
import type { ImageInfo, ValueResult } from './protocol';
import { FRAME_LABELS, placeText, type SkyMesh } from './sky';
import { type ShownUnit, valueText } from './units';

/** Milliseconds between two questions to the kernel. */
const PACE = 60;

export interface Reading {
  image: ImageInfo;
  frame: string;
  style: string;
  unit: ShownUnit;
  mesh: SkyMesh | null;
  tiles: readonly Tile[];
  /** The second image's, `null` where there is none. */
  second: { tiles: readonly Tile[]; isDifference: boolean } | null;
}

interface Exact {
  key: string;
  value: ValueResult;
}

export class Readout {
  private at: Point | null = null;
  private screen: Point = { x: 0, y: 0 };
  private reading: Reading | null = null;
  private exact: Exact | null = null;
  private isAsking = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private last = 0;
  /** What else is under the pointer. */
  extra: readonly Line[] | null = null;

  constructor(
    private readonly model: ImageModel,
    private readonly card: HoverCard,
    private readonly status: StatusLine,
    private readonly stage: HTMLElement,
    private readonly signal: AbortSignal
  ) {
    signal.addEventListener('abort', () => clearTimeout(this.timer));
  }

  show(at: Point | null, screen: Point, reading: Reading | null): void {
    this.at = at;
    this.screen = screen;
    this.reading = reading;
    this.write();
    if (at && reading && this.exact?.key !== keyOf(at, reading)) {
      this.timer ??= setTimeout(() => void this.ask(), Math.max(0, this.last + PACE - performance.now()));
    }
  }

  /** Draws the card anew: it was switched on or off, or there is something else to say. */
  refresh(): void {
    this.write();
  }

  private write(): void {
    const { at, reading } = this;
    if (!at || !reading) {
      this.status.read('');
      this.card.hide();
      return;
    }
    const known = this.exact?.key === keyOf(at, reading) ? this.exact.value : null;
    const [value, second] = values(at, reading, known);
    const place = placeOf(at, reading, known);
    const where = place ? `${place[0]} ${place[1]}` : '';
    const other = second === null ? '' : `${reading.second?.isDifference ? 'difference' : 'second'} ${second}`;
    this.status.read([value, other, where, `x ${at.x}  y ${at.y}`].filter(Boolean).join('  ·  '));
    const lines: Line[] = [
      [reading.image.quantity, value],
      ...(second === null ? [] : [[reading.second?.isDifference ? 'Difference' : 'Second image', second] as Line]),
      ...(place ? [[FRAME_LABELS[reading.frame] ?? reading.frame, where] as Line] : []),
      ['Pixel', `${at.x}, ${at.y}`]
    ];
    if (this.extra) {
      // A source of the catalogue says so even where the card is switched off.
      const { enabled } = this.card;
      this.card.enabled = true;
      this.card.show(this.screen, enabled ? [...this.extra, ...lines] : this.extra, this.stage);
      this.card.enabled = enabled;
    } else {
      this.card.show(this.screen, lines, this.stage);
    }
  }

  private async ask(): Promise<void> {
    this.timer = undefined;
    const { at, reading } = this;
    if (this.isAsking || !at || !reading || this.exact?.key === keyOf(at, reading)) {
      return;
    }
    this.isAsking = true;
    this.last = performance.now();
    const key = keyOf(at, reading);
    const { generation, plane } = reading.image;
    try {
      const { result } = await this.model.transport.request<ValueResult>('value', { generation, plane, ...at }, { signal: this.signal });
      this.exact = { key, value: result };
    } catch (error) {
      // Without an exact answer the value of the tile stays; what it means to be offline is told elsewhere.
      this.exact = asFailure(error).code === 'stale' ? this.exact : { key, value: NO_VALUE };
    } finally {
      this.isAsking = false;
    }
    if (!this.signal.aborted) {
      this.show(this.at, this.screen, this.reading);
    }
  }
}

const NO_VALUE: ValueResult = { value: NaN, world: null, mask: false, compare: null };

function keyOf({ x, y }: Point, { image, frame, style, second }: Reading): string {
  return `${image.generation}/${image.plane}/${frame}/${style}/${second !== null}/${x},${y}`;
}

function placeOf(at: Point, { image, frame, style, mesh }: Reading, known: ValueResult | null): readonly [string, string] | null {
  if (frame === 'pixel' || !image.celestial) {
    return null;
  }
  if (known?.world) {
    return known.world;
  }
  const place = mesh?.frame === frame ? mesh.at(at) : null;
  return place && placeText(place, frame, style, image.celestial.scale_arcsec);
}

/** The value, and the second image's. */
function values(at: Point, { tiles, second, unit }: Reading, known: ValueResult | null): [string, string | null] {
  const asked = known && known !== NO_VALUE ? known : null;
  const local = (from: readonly Tile[]): string => {
    const found = valueAt(from, at.x + 0.5, at.y + 0.5);
    return found ? `${found.exact || Number.isNaN(found.value) ? '' : '≈ '}${valueText(found.value, unit)}` : '…';
  };
  const first = asked ? valueText(asked.value, unit) : local(tiles);
  if (!second) {
    return [first, null];
  }
  if (!asked) {
    return [first, local(second.tiles)];
  }
  const { value, compare } = asked;
  return [first, valueText(second.isDifference ? (value === null || compare === null ? null : value - compare) : compare, unit)];
}
