/** The kinds of panels there are. */

import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import { mountAntennaLayout, mountImage, type MountOptions, mountRaster, type Transport } from '../viewer';
import { hasAntennas, isCasaImage, isMeasurementSet } from './folders';
import { antennasIcon, imageIcon, rasterIcon } from './icons';

export interface PanelKind {
  /** What the server calls the view. */
  view: 'ms-raster' | 'antenna-layout' | 'mask-draw';
  command: string;
  label(trans: TranslationBundle): string;
  caption(trans: TranslationBundle): string;
  /** What is asked for where no folder is selected. */
  wanted(trans: TranslationBundle): string;
  icon: LabIcon;
  shows(name: string): boolean;
  mount(el: HTMLElement, transport: Transport, signal: AbortSignal, options: MountOptions): void;
}

export const PANEL_KINDS: readonly PanelKind[] = [
  {
    view: 'ms-raster',
    command: 'dsa110-vis:open-raster',
    label: trans => trans.__('MS raster'),
    caption: trans => trans.__('Show the visibilities of the Measurement Set'),
    wanted: trans => trans.__('Measurement Set, as the file browser names it, or with its full path'),
    icon: rasterIcon,
    shows: isMeasurementSet,
    mount: mountRaster
  },
  {
    view: 'antenna-layout',
    command: 'dsa110-vis:open-antennas',
    label: trans => trans.__('Antenna layout'),
    caption: trans => trans.__('Show the antennas of the Measurement Set or calibration table'),
    wanted: trans => trans.__('Measurement Set or calibration table, as the file browser names it, or with its full path'),
    icon: antennasIcon,
    shows: hasAntennas,
    mount: mountAntennaLayout
  },
  {
    view: 'mask-draw',
    command: 'dsa110-vis:open-image',
    label: trans => trans.__('Image with mask and regions'),
    caption: trans => trans.__('Show the image, and draw masks and regions on it'),
    wanted: trans => trans.__('FITS file or CASA image, as the file browser names it, or with its full path'),
    icon: imageIcon,
    shows: isCasaImage,
    mount: mountImage
  }
];
