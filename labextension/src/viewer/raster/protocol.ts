/** What the kernel and the raster viewer say to each other. */

import type { AxisInfo } from '../core/axis';
import type { BaseHello } from '../core/model';
import type { Limits } from '../core/stretch';

export interface RasterState {
  path: string;
  preset: string | null;
  x: string;
  y: string;
  quantity: string;
  column: string | null;
  aggregator: string;
  averaging: string;
  weighted: boolean;
  autocorrelations: boolean;
  baseline_order: string;
  selection: Readonly<Record<string, string>>;
  iterate: string | null;
  iteration: number;
  subplots: readonly [number, number];
  colormap: string;
  flagged_colormap: string;
  show_flagged: boolean;
  stretch: string;
  limits_mode: string;
  percentile: number;
  limits: Limits | null;
  title: string | null;
}

export type StateKey = keyof RasterState;

export const INITIAL_STATE: RasterState = {
  path: '',
  preset: null,
  x: 'baseline',
  y: 'time',
  quantity: 'amp',
  column: null,
  aggregator: 'mean',
  averaging: 'scalar',
  weighted: false,
  autocorrelations: false,
  baseline_order: 'id',
  selection: {},
  iterate: null,
  iteration: 0,
  subplots: [1, 1],
  colormap: 'viridis',
  flagged_colormap: 'reds',
  show_flagged: true,
  stretch: 'linear',
  limits_mode: 'auto',
  percentile: 99,
  limits: null,
  title: null
};

/** A name, or a name with what to show for it. */
export type Named = string | { name: string; label: string };

export interface Choices {
  axes?: Named[];
  quantities?: Named[];
  columns?: Named[];
  aggregators?: Named[];
  averagings?: Named[];
  baseline_orders?: Named[];
  colormaps?: Named[];
  stretches?: Named[];
  limits_modes?: Named[];
  presets?: Named[];
  correlations?: string[];
  suggestions?: Record<string, string[]>;
}

export interface Located {
  n: number;
  boxes: [number, number, number, number][];
  points: [number, number][];
  iteration?: number;
}

export interface Hello extends BaseHello<RasterState> {
  choices: Choices | null;
  located?: Located | null;
}

export interface Picture {
  generation: number;
  x: AxisInfo;
  y: AxisInfo;
  iterate: AxisInfo | null;
  iteration: number;
  quantity_label: string;
  unit: string;
  title: string;
  limits: Limits;
  flagged_pct: number;
  column: string | null;
  warnings: string[];
}

export interface TileRequest {
  generation: number;
  iteration: number;
  x0: number;
  x1: number;
  y0: number;
  y1: number;
  width: number;
  height: number;
  /** The bins wanted, in cells: the kernel may choose larger ones. */
  fx: number;
  fy: number;
}

export interface TileResult {
  generation: number;
  iteration: number;
  x0: number;
  x1: number;
  y0: number;
  y1: number;
  nx: number;
  ny: number;
  fx?: number;
  fy?: number;
}

export interface Probe {
  value: number | null;
  count: number;
  flagged: number;
  flagged_pct: number;
  value_text: string;
  lines: [string, string][];
}

export interface HistogramResult {
  edges: Limits;
  counts: number[];
  auto: Limits;
}

export const SAVE_FORMATS = [
  ['png', 'PNG picture'],
  ['svg', 'SVG drawing'],
  ['pdf', 'PDF document'],
  ['html', 'HTML page, interactive, works offline']
] as const;

export type SaveFormat = (typeof SAVE_FORMATS)[number][0];
