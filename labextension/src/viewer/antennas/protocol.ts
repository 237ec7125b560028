/** What the kernel and the viewer of the array say to each other. */

import type { BaseHello } from '../core/model';

export const TABS = ['map', 'uv', 'lengths'] as const;
export type Tab = (typeof TABS)[number];
export const ZOOMS = ['all', 'core', 'outriggers'] as const;
export type Zoom = (typeof ZOOMS)[number];
export const LABELS = ['name', 'id', 'none'] as const;
export type Labels = (typeof LABELS)[number];

export interface AntennaState {
  path: string;
  /** Ids, in the order in which they were picked. */
  selected: readonly number[];
  color_by: 'class' | 'fraction';
  /** Which flagged share gives the colour: without or with autocorrelations. */
  flags_of: 'cross' | 'all';
  thresholds: readonly [number, number];
  colormap: string;
  labels: Labels;
  scale: 'linear' | 'log';
  zoom: Zoom;
  /** Ids of antennas that are not drawn. */
  exclude: readonly number[];
  only_with_data: boolean;
  tab: Tab;
  uv_color: 'baseline' | 'time' | 'flagged';
  title: string | null;
}

export type StateKey = keyof AntennaState;

export const INITIAL_STATE: AntennaState = {
  path: '',
  selected: [],
  color_by: 'class',
  flags_of: 'cross',
  thresholds: [0.2, 0.5],
  colormap: 'cividis',
  labels: 'name',
  scale: 'linear',
  zoom: 'all',
  exclude: [],
  only_with_data: false,
  tab: 'map',
  uv_color: 'baseline',
  title: null
};

export interface Antenna {
  id: number;
  name: string;
  station: string;
  /** Metres east, north and up of the centre; `null` where the position is not known. */
  e: number | null;
  n: number | null;
  u: number | null;
  has_data: boolean;
  zero_position: boolean;
  /** Flagged shares with and without autocorrelations, `null` while they are not known. */
  flagged: number | null;
  flagged_cross: number | null;
  n_baselines: number;
  mean_amp: number | null;
}

export interface Layout {
  generation: number;
  kind: 'ms' | 'caltable';
  telescope: string;
  centre: { lon_deg: number; lat_deg: number; height_m: number } | null;
  /** Whether the flagged shares, and the mean amplitudes, are known. */
  flags: boolean;
  amplitudes: boolean;
  antennas: readonly Antenna[];
  core: readonly number[];
  n_baselines: number;
  flagged: number | null;
  amp_unit: string;
  column: string | null;
}

export interface Choices {
  colormaps?: string[];
}

export interface Hello extends BaseHello<AntennaState> {
  choices: Choices | null;
}

export interface BaselineShare {
  /** The antenna at the other end. */
  id: number;
  name: string;
  length_m: number | null;
  flagged: number | null;
}

export interface AntennaDetails {
  id: number;
  name: string;
  baselines: readonly BaselineShare[];
  frequency_mhz: readonly number[];
  flagged_by_frequency: readonly (number | null)[];
  /** Seconds since `time_start`. */
  time_s: readonly number[];
  time_start: string;
  time_frame: string;
  flagged_by_time: readonly (number | null)[];
}

export interface Profile {
  x: readonly number[];
  amp: readonly (number | null)[];
  phase: readonly (number | null)[];
}

export interface BaselineDetails {
  a: number;
  b: number;
  name: string;
  length_m: number | null;
  azimuth_deg: number | null;
  east_m: number | null;
  north_m: number | null;
  up_m: number | null;
  flagged: number | null;
  frequency: Profile;
  time: Profile;
  time_start: string;
  time_frame: string;
  amp_unit: string;
  column: string | null;
}

export interface UvResult {
  n: number;
  /** Every `step`-th point was sent. */
  step: number;
  frequency_mhz: number | null;
  wavelength_m: number | null;
  color_label: string;
  color_range: readonly [number, number] | null;
  baselines: number;
}

export interface Lengths {
  edges_m: readonly number[];
  counts: readonly number[];
  shortest_m: number | null;
  longest_m: number | null;
}

export const SAVE_FORMATS = [
  ['png', 'PNG picture'],
  ['svg', 'SVG drawing'],
  ['pdf', 'PDF document'],
  ['csv', 'CSV table of the antennas']
] as const;

export type SaveFormat = (typeof SAVE_FORMATS)[number][0];
