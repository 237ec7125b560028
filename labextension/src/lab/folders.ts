/** What a folder is, by its name: looking inside would cost a request for each. */

import { PathExt } from '@jupyterlab/coreutils';
import type { IFileBrowserFactory } from '@jupyterlab/filebrowser';

export interface Folder {
  path: string;
  name: string;
}

/** A folder that ends in `.ms`. */
export function isMeasurementSet(name: string): boolean {
  return /\.ms$/i.test(name);
}

/** A Measurement Set, or a calibration table under one of the names that people give them: `.b`, `.G0`, `.bcal`, ... */
export function hasAntennas(name: string): boolean {
  return isMeasurementSet(name) || /\.(\d?[bdfgkt]\d?|\w*cal\d?|tbl|table)$/i.test(name);
}

/** A CASA image: `.image`, `.image.pbcor`, `.residual.tt0`, ... */
export function isCasaImage(name: string): boolean {
  return /\.(image|residual|model|psf|pb|mask|dirty|weight|sumwt|alpha|im)(\.(pbcor|tt\d|alpha|error|beta))*$/i.test(name);
}

/** What FITS files end in. */
export const FITS_ENDINGS = ['.fits', '.fit', '.fts', '.fits.gz', '.fits.fz'] as const;

/** The one folder that is selected in the file browser, if it is of this kind. */
export function selectedFolder(browsers: IFileBrowserFactory, isKind: (name: string) => boolean): Folder | null {
  const items = [...(browsers.tracker.currentWidget?.selectedItems() ?? [])];
  const [item] = items;
  return items.length === 1 && item?.type === 'directory' && isKind(item.name) ? item : null;
}

/** The same folder always under the same name. */
export function tidyPath(path: string): string {
  return path.trim().replace(/^(\.\/+)+/, '').replace(/(?<=[^/])\/+$/, '');
}

export function nameOf(path: string): string {
  return PathExt.basename(path);
}
