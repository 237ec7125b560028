/** A small plot of values against one axis, drawn by uPlot in the colours of the theme. */

import uPlot from 'uplot';
import { h } from './dom';
import { formatDate, formatNumber, formatTime, formatValue } from './format';

export interface LinePlotOptions {
  /** What is plotted, without its unit. */
  title: string;
  /** The title over the plot, if more than the quantity is to be said. */
  heading?: string;
  unit: string;
  /** Points are for values that are not joined: phases. */
  points?: boolean;
  /** Fixed ends of the vertical axis. */
  range?: readonly [number, number];
  height?: number;
  x: XAxis;
}

export type XAxis =
  | { kind: 'frequency'; label: string }
  | { kind: 'number'; label: string; unit: string }
  /** Seconds since a start, an MJD in seconds. */
  | { kind: 'time'; start: number; frame: string };

type Values = readonly (number | null)[];

const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];
const ANGLES = [1, 2, 5, 10, 30, 45, 90, 180];
const FONT = '10px';

export class LinePlot {
  readonly element: HTMLElement;
  private readonly plot: uPlot | null = null;

  /** `read` is told what is under the pointer. */
  constructor(options: LinePlotOptions, x: readonly number[], y: Values, width: number, read: (text: string) => void) {
    const { title, unit } = options;
    const xs = options.x.kind === 'time' ? x.map(seconds => seconds + (options.x as { start: number }).start) : [...x];
    const heading = options.heading ?? (unit ? `${title} (${unit})` : title);
    const body = h('div', { class: 'dsa-line-plot' });
    this.element = h(
      'figure',
      { class: 'dsa-figure', role: 'img', 'aria-label': `${heading} against ${xTitle(options.x, xs)}: ${summary(y, unit)}` },
      h('figcaption', { class: 'dsa-figure-title' }, heading),
      body
    );
    const finite = y.some(v => v !== null && Number.isFinite(v));
    if (!finite) {
      body.append(h('p', { class: 'dsa-hint' }, 'No unflagged data.'));
    } else if (document.createElement('canvas').getContext('2d')) {
      this.plot = makePlot(options, xs, y, width, body, read);
      body.after(h('div', { class: 'dsa-figure-axis', 'aria-hidden': 'true' }, xTitle(options.x, xs)));
    }
  }

  resize(width: number): void {
    if (this.plot && this.plot.width !== width) {
      this.plot.setSize({ width, height: this.plot.height });
    }
  }

  destroy(): void {
    this.plot?.destroy();
  }

  /** Draws anew: the theme has changed. */
  redraw(): void {
    this.plot?.redraw(false, true);
  }
}

function makePlot(options: LinePlotOptions, x: number[], y: Values, width: number, body: HTMLElement, read: (text: string) => void): uPlot {
  const colour = (name: string, fallback: string) => (): string => getComputedStyle(body).getPropertyValue(name).trim() || fallback;
  const family = getComputedStyle(body).fontFamily || 'sans-serif';
  const axis = (more: uPlot.Axis): uPlot.Axis => ({
    stroke: colour('--dsa-muted', '#777'),
    font: `${FONT} ${family}`,
    grid: { stroke: colour('--dsa-line', '#ddd'), width: 0.5 },
    ticks: { stroke: colour('--dsa-line', '#ddd'), width: 0.5, size: 3 },
    gap: 2,
    ...more
  });
  const time = options.x.kind === 'time';
  const step = medianStep(x);
  const { points = false, range, unit } = options;
  // What others have put into the read-out is left alone.
  let reading = false;
  return new uPlot(
    {
      width,
      height: options.height ?? 104,
      padding: [6, time ? 26 : 12, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false }, points: { size: 6 } },
      // A single point stands in the middle.
      scales: { x: { time: false, ...(x.length === 1 ? { range: [x[0]! - 1, x[0]! + 1] } : {}) }, y: range ? { range: [...range] } : {} },
      axes: [
        axis({
          size: 20,
          gap: 4,
          space: time ? 60 : 50,
          ...(time ? { incrs: TIME_STEPS, values: (_u, splits, _a, _s, incr) => splits.map(v => formatTime(v, incr)) } : { values: (_u, splits, _a, _s, incr) => splits.map(v => formatNumber(v, incr)) })
        }),
        axis({ size: 40, space: 24, ...(unit === '°' ? { incrs: ANGLES } : {}), values: (_u, splits, _a, _s, incr) => splits.map(v => formatNumber(v, incr)) })
      ],
      series: [
        {},
        {
          stroke: colour('--dsa-accent', '#1565c0'),
          width: 1.2,
          spanGaps: false,
          ...(points ? { paths: () => null, points: { show: true, size: 3, fill: colour('--dsa-accent', '#1565c0') } } : { points: { show: x.length < 40, size: 3 } })
        }
      ],
      hooks: {
        setCursor: [
          (u: uPlot): void => {
            const at = u.cursor.idx ?? null;
            if (at === null && !reading) {
              return;
            }
            reading = at !== null;
            const value = at === null ? null : y[at];
            const where = at === null ? '' : time ? formatTime(x[at]!, Math.min(1, step)) : `${formatNumber(x[at]!, step)}${unitOf(options.x)}`;
            read(at === null ? '' : `${where}  ·  ${options.title} ${value === null || value === undefined ? 'flagged' : formatValue(value, unit)}`);
          }
        ]
      }
    },
    [x, y as number[]],
    body
  );
}

/** The label of the horizontal axis, with the day where it is time. */
function xTitle(axis: XAxis, xs: readonly number[]): string {
  if (axis.kind !== 'time') {
    return axis.label;
  }
  const day = formatDate(xs[0] ?? axis.start);
  return `Time (${[axis.frame, day].filter(Boolean).join(', ')})`;
}

function unitOf(axis: XAxis): string {
  const unit = axis.kind === 'frequency' ? 'MHz' : axis.kind === 'number' ? axis.unit : '';
  return unit && ` ${unit}`;
}

function medianStep(x: readonly number[]): number {
  const steps = x.slice(1).map((v, i) => Math.abs(v - x[i]!)).sort((a, b) => a - b);
  return steps[steps.length >> 1] ?? 1;
}

function summary(y: Values, unit: string): string {
  const values = y.filter((v): v is number => v !== null && Number.isFinite(v));
  if (values.length === 0) {
    return 'no unflagged data';
  }
  const lo = values.reduce((a, b) => Math.min(a, b));
  const hi = values.reduce((a, b) => Math.max(a, b));
  return `from ${formatValue(lo, unit)} to ${formatValue(hi, unit)}, ${values.length} of ${y.length} points`;
}

/** "2025-09-05 03:23:14.5" as an MJD in seconds; NaN where it is something else. */
export function mjdSeconds(text: string): number {
  const unix = Date.parse(`${text.trim().replace(' ', 'T')}Z`);
  return unix / 1000 + 40587 * 86400;
}
