/** One axis of a picture: from cell positions to values a person reads, and back. */

import { formatDate, formatNumber, formatTime } from './format';

export type AxisKind = 'number' | 'time' | 'category';

/** An axis as the kernel describes it. Times are MJD seconds in the frame that the unit names. */
export interface AxisInfo {
  name: string;
  label: string;
  unit: string;
  kind: AxisKind;
  size: number;
  values: readonly number[];
  labels: readonly string[] | null;
}

/** Units as a person says them: [unit that comes, from this size on, unit shown, factor]. */
const SHOWN_UNITS: readonly [string, number, string, number][] = [
  ['Hz', 1e5, 'MHz', 1e-6],
  ['Hz', 0, 'Hz', 1],
  ['m', 2e4, 'km', 1e-3],
  ['lambda', 1e4, 'kλ', 1e-3],
  ['lambda', 0, 'λ', 1],
  ['klambda', 0, 'kλ', 1]
];

/** A step this many times the usual one is a gap. */
const GAP = 1.75;

export class Axis {
  readonly size: number;
  readonly kind: AxisKind;
  readonly unit: string;
  /** Cell boundaries where time or frequency jumps: between cell g - 1 and cell g. */
  readonly gaps: readonly number[];
  /** How far apart two neighbouring cells usually are, in shown units. */
  readonly step: number;
  private readonly values: Float64Array;
  private readonly labels: readonly string[] | null;
  private readonly gapSet: ReadonlySet<number>;
  private readonly sign: number;

  constructor(readonly info: AxisInfo) {
    this.size = info.size;
    let scale = 1;
    this.unit = info.unit;
    if (info.kind === 'number') {
      const largest = info.values.reduce((a, v) => (Number.isFinite(v) ? Math.max(a, Math.abs(v)) : a), 0);
      const shown = SHOWN_UNITS.find(([unit, from]) => unit === info.unit && largest >= from);
      if (shown) {
        [, , this.unit, scale] = shown;
      }
    }
    this.values = Float64Array.from(info.values, v => v * scale);
    this.sign = direction(this.values);
    const numeric = this.values.length === info.size && this.sign !== 0;
    this.kind = info.kind !== 'category' && numeric ? info.kind : 'category';
    this.labels = info.labels;
    const steps = differences(this.values);
    this.step = median(steps);
    this.gaps =
      this.kind !== 'category' && (this.kind === 'time' || /freq/i.test(info.name)) ? findGaps(steps, this.step) : [];
    this.gapSet = new Set(this.gaps);
  }

  /** The name with its unit, and the date where the axis is time. */
  get title(): string {
    const { label } = this.info;
    if (this.info.kind === 'time') {
      const dates = this.values.length > 0 ? this.dates() : '';
      return dates ? `${label} (${this.info.unit}, ${dates})` : `${label} (${this.info.unit})`;
    }
    return this.unit ? `${label} (${this.unit})` : label;
  }

  /** The value at a position, straight between the cell centres, straight on beyond the ends. */
  valueAt(position: number): number {
    const { values } = this;
    if (values.length === 1) {
      return values[0]!;
    }
    const k = Math.min(Math.max(Math.floor(position - 0.5), 0), values.length - 2);
    const from = values[k]!;
    const to = values[k + 1]!;
    if (this.gapSet.has(k + 1)) {
      // Inside a jump the value follows the cell one is in.
      const near = position < k + 1 ? from : to;
      return near + (position - (near === from ? k + 0.5 : k + 1.5)) * this.step * this.sign;
    }
    return from + (position - 0.5 - k) * (to - from);
  }

  /** The position of a value; `null` beyond the ends or inside a gap. */
  positionOf(value: number): number | null {
    const { values, sign } = this;
    const n = values.length;
    if (n === 0) {
      return null;
    }
    if (n === 1) {
      return value === values[0] ? 0.5 : null;
    }
    let lo = 0;
    let hi = n - 1;
    while (hi - lo > 1) {
      const middle = (lo + hi) >> 1;
      if (sign * (value - values[middle]!) >= 0) {
        lo = middle;
      } else {
        hi = middle;
      }
    }
    const d = values[hi]! - values[lo]!;
    let position = lo + 0.5 + (value - values[lo]!) / d;
    if (this.gapSet.has(hi) && value !== values[lo]) {
      const half = 0.5 + 1e-9;
      const before = (value - values[lo]!) / (this.step * sign);
      const after = (values[hi]! - value) / (this.step * sign);
      if (before >= 0 && before <= half) {
        position = lo + 0.5 + before;
      } else if (after >= 0 && after <= half) {
        position = hi + 0.5 - after;
      } else if (before >= 0 && after >= 0) {
        return null;
      }
    }
    return position >= -1e-9 && position <= n + 1e-9 ? position : null;
  }

  /** The name of a cell of a category axis. */
  labelOf(cell: number): string {
    return this.labels?.[cell] ?? (cell < this.values.length ? formatNumber(this.values[cell]!) : String(cell));
  }

  /** What a cell is, in full: for the read-out. */
  textOf(cell: number): string {
    if (cell < 0 || cell >= this.size) {
      return '';
    }
    if (this.info.kind === 'time' && cell < this.values.length) {
      return formatTime(this.values[cell]!, Math.min(1, this.step || 1));
    }
    if (this.kind === 'category' || this.labels) {
      return this.labelOf(cell);
    }
    const text = formatNumber(this.values[cell]!, this.step);
    return this.unit ? `${text} ${this.unit}` : text;
  }

  /** The largest and smallest value, in shown units. */
  get ends(): [number, number] {
    return [this.values[0] ?? 0, this.values[this.values.length - 1] ?? 0];
  }

  private dates(): string {
    const [a, b] = [formatDate(this.ends[0]), formatDate(this.ends[1])];
    return a === b ? a : `${a} to ${b}`;
  }
}

function differences(values: Float64Array): Float64Array {
  const steps = new Float64Array(Math.max(0, values.length - 1));
  for (let i = 0; i < steps.length; i += 1) {
    steps[i] = Math.abs(values[i + 1]! - values[i]!);
  }
  return steps;
}

/** 1 where the values ascend, -1 where they descend, 0 where they do neither (or are not numbers). */
function direction(values: Float64Array): number {
  if (values.length === 0 || !Number.isFinite(values[0])) {
    return 0;
  }
  let sign = values.length === 1 ? 1 : 0;
  for (let i = 1; i < values.length; i += 1) {
    const now = Math.sign(values[i]! - values[i - 1]!);
    if (Number.isNaN(now) || now === 0 || (sign !== 0 && now !== sign)) {
      return 0;
    }
    sign = now;
  }
  return sign;
}

function median(values: Float64Array): number {
  if (values.length === 0) {
    return 0;
  }
  const sorted = values.slice().sort();
  return sorted[sorted.length >> 1]!;
}

function findGaps(steps: Float64Array, usual: number): number[] {
  const gaps: number[] = [];
  for (let i = 0; i < steps.length; i += 1) {
    const near = Math.min(steps[i - 1] ?? Infinity, steps[i + 1] ?? Infinity);
    if (steps[i]! > GAP * usual && (near === Infinity || steps[i]! > 1.5 * near || near > GAP * usual)) {
      gaps.push(i + 1);
    }
  }
  return gaps;
}
