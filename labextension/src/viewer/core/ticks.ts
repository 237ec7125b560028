/** Where ticks go, and what they say. */

import type { Axis } from './axis';
import { DAY, formatDate, formatNumber, formatTime } from './format';
import { type Limits, normalise, type Stretch, stretch, unstretch } from './stretch';

export interface Tick {
  /** Cell position for axes; 0..1 for colour bars. */
  at: number;
  text: string;
}

/** How wide (or high) a label is along its axis, in pixels. */
export type Extent = (text: string) => number;

/** Room between two labels, in pixels. */
const GAP = 8;
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, DAY];
/** No axis is searched with more candidates than this. */
const MOST_CANDIDATES = 3000;

export interface Window {
  from: number;
  to: number;
  pixels: number;
}

/** Ticks of an axis for the visible positions `from`..`to` on that many pixels. */
export function axisTicks(axis: Axis, window: Window, extent: Extent, spacing: number): Tick[] {
  if (window.pixels <= 0 || axis.size === 0) {
    return [];
  }
  return axis.kind === 'category' ? categoryTicks(axis, window, extent) : continuousTicks(axis, window, extent, spacing);
}

/** 1, 2 and 5 times powers of ten, from large to small. */
export function niceSteps(largest: number, smallest: number): number[] {
  const steps: number[] = [];
  for (let power = Math.ceil(Math.log10(largest)); power >= Math.floor(Math.log10(smallest)) - 1; power -= 1) {
    for (const factor of [5, 2, 1]) {
      const step = factor * 10 ** power;
      if (step <= largest * 1.0001 && step >= smallest * 0.9999) {
        steps.push(step);
      }
    }
  }
  return steps;
}

function timeSteps(largest: number, smallest: number): number[] {
  const days = largest > DAY ? niceSteps(largest / DAY, 2).map(n => n * DAY) : [];
  const parts = smallest < 1 ? niceSteps(0.5, Math.max(smallest, 1e-3)) : [];
  return [...days, ...[...TIME_STEPS].reverse(), ...parts].filter(step => step <= largest * 1.0001 && step >= smallest);
}

function continuousTicks(axis: Axis, { from, to, pixels }: Window, extent: Extent, spacing: number): Tick[] {
  const [a, b] = [axis.valueAt(from), axis.valueAt(to)];
  const [lo, hi] = [Math.min(a, b), Math.max(a, b)];
  const range = hi - lo;
  if (!(range > 0)) {
    const middle = (Math.max(0, Math.floor(from)) + Math.min(axis.size, Math.ceil(to))) / 2;
    return [{ at: middle, text: continuousText(axis, lo, axis.step || 1, false) }];
  }
  const scale = pixels / (to - from);
  const target = Math.max(2, Math.floor(pixels / spacing));
  const smallest = range / Math.min(MOST_CANDIDATES, 40 * target);
  const steps = axis.kind === 'time' ? timeSteps(range, smallest) : niceSteps(range, smallest);
  const days = axis.kind === 'time' && formatDate(lo) !== formatDate(hi);
  const gapped = axis.gaps.some(g => g > from && g < to);
  let best: Tick[] = [];
  for (const step of steps) {
    const candidates = multiples(axis, lo, hi, step, from, to, days);
    const kept = thin(candidates, scale, extent);
    if (kept.length < candidates.length && !gapped && best.length >= 2) {
      break;
    }
    if (kept.length > best.length) {
      best = kept;
    }
    if (best.length >= target) {
      break;
    }
  }
  return best;
}

function multiples(axis: Axis, lo: number, hi: number, step: number, from: number, to: number, days: boolean): Tick[] {
  const ticks: Tick[] = [];
  let lastDay = '';
  for (let k = Math.ceil(lo / step - 1e-9); k <= Math.floor(hi / step + 1e-9); k += 1) {
    const value = k * step;
    const at = axis.positionOf(value);
    if (at === null || at < from - 1e-9 || at > to + 1e-9) {
      continue;
    }
    const day = days ? formatDate(value) : '';
    ticks.push({ at, text: continuousText(axis, value, step, day !== lastDay) });
    lastDay = day;
  }
  return ticks;
}

function continuousText(axis: Axis, value: number, step: number, withDay: boolean): string {
  if (axis.kind === 'time') {
    const date = formatDate(value).slice(5);
    if (step >= DAY) {
      return date;
    }
    return withDay ? `${date} ${formatTime(value, step)}` : formatTime(value, step);
  }
  return formatNumber(value, step);
}

/** Keeps, from the first on, those whose labels do not touch the last one kept. */
function thin(ticks: Tick[], scale: number, extent: Extent): Tick[] {
  const kept: Tick[] = [];
  let end = -Infinity;
  for (const tick of [...ticks].sort((p, q) => p.at - q.at)) {
    const half = extent(tick.text) / 2;
    const middle = tick.at * scale;
    if (middle - half >= end + GAP) {
      kept.push(tick);
      end = middle + half;
    }
  }
  return kept;
}

/** Every nth name, so that none touches the next. */
function categoryTicks(axis: Axis, { from, to, pixels }: Window, extent: Extent): Tick[] {
  const scale = pixels / (to - from);
  const first = Math.max(0, Math.ceil(from - 0.5));
  const last = Math.min(axis.size - 1, Math.floor(to - 0.5));
  if (last < first) {
    const cell = Math.min(axis.size - 1, Math.max(0, Math.floor((from + to) / 2)));
    return [{ at: Math.min(Math.max(cell + 0.5, from), to), text: axis.labelOf(cell) }];
  }
  const least = (extent('0') + GAP) / scale;
  for (const every of niceSteps(1e9, 1).reverse()) {
    if (every < least) {
      continue;
    }
    const ticks: Tick[] = [];
    for (let cell = Math.ceil(first / every) * every; cell <= last; cell += every) {
      ticks.push({ at: cell + 0.5, text: axis.labelOf(cell) });
    }
    if (ticks.length <= 1) {
      return ticks.length === 1 ? ticks : [{ at: first + 0.5, text: axis.labelOf(first) }];
    }
    if (thin(ticks, scale, extent).length === ticks.length) {
      return ticks;
    }
  }
  return [];
}

/** Steps of angles in degrees. */
const ANGLES = [90, 60, 45, 30, 15];

/** The smallest round step with no more than `n` steps in a range. */
function linearStep(range: number, n: number, unit: string): number {
  const angles = /^(deg|°)$/.test(unit) && range >= 60 ? ANGLES : [];
  const steps = [...niceSteps(range, range / 100).filter(step => angles.length === 0 || step > 90 || step < 15), ...angles];
  return steps.sort((a, b) => a - b).find(step => range / step <= n + 0.9) ?? range;
}

/** Ticks of a colour bar that shows the whole map: round values, placed where the stretch puts them. */
export function colourTicks(
  limits: Limits,
  kind: Stretch,
  cdf: Float32Array | null,
  pixels: number,
  spacing: number,
  unit = ''
): Tick[] {
  const [lo, hi] = limits;
  if (!(hi > lo) || !Number.isFinite(hi - lo)) {
    return Number.isFinite(lo) ? [{ at: 0.5, text: formatNumber(lo) }] : [];
  }
  const n = Math.max(2, Math.floor(pixels / spacing));
  const ticks: Tick[] = [];
  const place = (value: number): number => stretch(normalise(value, limits), kind, cdf);
  if (kind === 'linear') {
    const step = linearStep(hi - lo, n, unit);
    for (let k = Math.ceil(lo / step - 1e-6); k <= Math.floor(hi / step + 1e-6); k += 1) {
      ticks.push({ at: place(k * step), text: formatNumber(k * step, step) });
    }
    return ticks;
  }
  const value = (u: number): number => lo + unstretch(Math.min(1, Math.max(0, u)), kind, cdf) * (hi - lo);
  let end = -Infinity;
  for (let i = 0; i <= n; i += 1) {
    const u = i / n;
    const around = Math.max(value(u + 0.5 / n) - value(u - 0.5 / n), (hi - lo) * 1e-7);
    const step = niceSteps(around, around / 10)[0] ?? around;
    const rounded = Math.round(value(u) / step) * step;
    const at = place(rounded);
    if (rounded >= lo - 1e-9 * (hi - lo) && rounded <= hi + 1e-9 * (hi - lo) && at * pixels >= end + spacing * 0.6) {
      ticks.push({ at, text: formatNumber(rounded, step).replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '') });
      end = at * pixels;
    }
  }
  return ticks;
}
