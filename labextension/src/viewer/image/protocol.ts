/** What the kernel and the image viewer say to each other. Places are 0-based image pixels, centres at whole numbers. */

import type { BaseHello } from '../core/model';
import type { Limits } from '../core/stretch';

export const FRAMES = ['icrs', 'fk5', 'fk4', 'galactic', 'pixel'] as const;
export type CompareMode = 'off' | 'blink' | 'swipe' | 'difference';
export type Which = 'image' | 'compare' | 'difference';

export interface ImageState {
  path: string;
  channel: number;
  stokes: number;
  stretch: string;
  colormap: string;
  invert: boolean;
  limits_mode: string;
  percentile: number;
  limits: Limits | null;
  /** Empty until the kernel has found the image's own. */
  frame: string;
  style: string;
  grid: boolean;
  beam: boolean;
  contours: boolean;
  /** In units of the noise. */
  contour_levels: readonly number[];
  layer: 'mask' | 'regions';
  planes: 'current' | 'channels' | 'all';
  show_mask: boolean;
  show_regions: boolean;
  compare: string;
  compare_mode: CompareMode;
  swipe: number;
  blink_ms: number;
  show_catalog: boolean;
  title: string | null;
  selected: readonly string[];
}

export type StateKey = keyof ImageState;

export const INITIAL_STATE: ImageState = {
  path: '',
  channel: 0,
  stokes: 0,
  stretch: 'linear',
  colormap: 'cividis',
  invert: false,
  limits_mode: 'zscale',
  percentile: 99.5,
  limits: null,
  frame: '',
  style: 'sexagesimal',
  grid: true,
  beam: true,
  contours: false,
  contour_levels: [-3, 3, 6, 12, 24, 48],
  layer: 'mask',
  planes: 'current',
  show_mask: true,
  show_regions: true,
  compare: '',
  compare_mode: 'off',
  swipe: 0.5,
  blink_ms: 500,
  show_catalog: true,
  title: null,
  selected: []
};

export interface Celestial {
  frame: string;
  projection: string;
  equinox: number | null;
  /** Degrees counter-clockwise; 0 with north up. */
  rotation: number;
  mirrored: boolean;
  /** Of a pixel in the middle. */
  scale_arcsec: number;
}

export interface Beam {
  major_arcsec: number;
  minor_arcsec: number;
  pa_deg: number;
  /** In pixels, where there are celestial coordinates: semi-axes, and the first one's angle counter-clockwise from x. */
  a_px: number | null;
  b_px: number | null;
  angle_deg: number | null;
  area_px: number | null;
}

export interface ImageInfo {
  /** Another file has another one. */
  generation: number;
  nx: number;
  ny: number;
  plane: number;
  n_channels: number;
  n_stokes: number;
  stokes: readonly string[];
  channel_label: string;
  stokes_label: string;
  unit: string;
  quantity: string;
  limits: Limits;
  sigma: number;
  /** Level k has bins of 2^k pixels. */
  levels: number;
  tile: number;
  celestial: Celestial | null;
  frames: readonly string[];
  beam: Beam | null;
  object: string;
  title: string;
}

export interface MaskInfo {
  revision: number;
  n_pixels: number;
  n_planes_with_mask: number;
  /** What has changed, half open; `null`: everything. */
  box: readonly [number, number, number, number] | null;
  can_undo: string | null;
  can_redo: string | null;
  unsaved: boolean;
}

/** A region with the numbers of its shape beside these. */
export interface RegionInfo {
  id: string;
  shape: string;
  frame: string;
  drawn_in: string;
  include: boolean;
  label: string;
  colour: string;
  channels: readonly [number, number] | null;
  stokes: readonly string[] | null;
  [field: string]: unknown;
}

export interface RegionsInfo {
  revision: number;
  regions: readonly RegionInfo[];
}

/** What has become of the regions, or a part of it. */
export interface RegionsEvent {
  /** The revision that this changes; `null`: none, and `added` has all regions. */
  base: number | null;
  revision: number;
  removed: readonly string[];
  changed: readonly RegionInfo[];
  /** Runs of new ones, in ascending order; `at` is the place of the first in the new list. */
  added: readonly { at: number; regions: readonly RegionInfo[] }[];
  /** `false`: more of the same revision is to come. */
  last: boolean;
}

export interface CompareInfo {
  name: string;
  path: string;
  unit: string;
  same_grid: boolean;
  celestial: Celestial | null;
}

export interface CatalogInfo {
  revision: number;
  n: number;
  columns: readonly string[];
  name: string;
}

export interface Choices {
  colormaps?: readonly string[];
  stretches?: readonly string[];
  limits_modes?: readonly string[];
  styles?: readonly string[];
  compare_modes?: readonly string[];
  /** Whether the kernel may write the mask beside the image. */
  can_write?: boolean;
}

/** Regions come as events before it. */
export interface Hello extends BaseHello<ImageState> {
  choices: Choices | null;
  image: ImageInfo | null;
  mask: MaskInfo | null;
  compare: CompareInfo | null;
  catalog: CatalogInfo | null;
}

export interface TileResult {
  level: number;
  column: number;
  row: number;
  /** In cells: pixel i spans [i, i + 1). */
  x0: number;
  x1: number;
  y0: number;
  y1: number;
  nx: number;
  ny: number;
}

export interface ValueResult {
  value: number | null;
  world: readonly [string, string] | null;
  mask: boolean;
  compare: number | null;
}

export interface GridLabel {
  edge: 'left' | 'bottom' | 'right' | 'top';
  /** Pixel coordinate along the edge. */
  at: number;
  text: string;
}

export interface GraticuleResult {
  lines: readonly { kind: 'lon' | 'lat'; text: string; start: number; count: number }[];
  labels: readonly GridLabel[];
  titles: { bottom?: string; left?: string };
}

export interface HistogramResult {
  edges: Limits;
  counts: readonly number[];
}

export interface ContoursResult {
  levels: readonly { value: number; sigma: number; paths: readonly number[] }[];
  sigma: number;
  unit: string;
}

export interface ProfileResult {
  title: string;
  x_label: string;
  y_label: string;
  x_unit?: string;
}

export const SAVE_FORMATS = [
  ['png', 'PNG picture'],
  ['svg', 'SVG drawing'],
  ['pdf', 'PDF document'],
  ['mask.fits', 'Mask as FITS image'],
  ['ds9', 'Regions for DS9'],
  ['crtf', 'Regions for CASA (CRTF)'],
  ['json', 'Regions as JSON']
] as const;

export type SaveFormat = (typeof SAVE_FORMATS)[number][0];
