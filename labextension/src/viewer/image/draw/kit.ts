/** What the drawing is set to: the tool in hand and how it is used. It is the view's own, not the kernel's. */

import { Store } from '../../core/store';
import type { ImageModel } from '../model';
import type { AnnulusKind, ToolName } from './tools';

/** What a shape does to the mask; on regions, whether a new one excludes. */
export type Mode = 'add' | 'subtract' | 'intersect';

/** What becomes of the mask by what is above a threshold. */
export type ThresholdMode = Mode | 'replace';

export interface Kit {
  /** `null`: the pointer moves the picture. */
  tool: ToolName | null;
  mode: Mode;
  annulus: AnnulusKind;
  /** Of the brush, in image pixels. */
  radius: number;
  /** In units of the noise. */
  sigma: number;
  found: ThresholdMode;
  /** By how much the mask grows or shrinks. */
  pixels: number;
}

export function newKit(): Store<Kit> {
  return new Store<Kit>({ tool: null, mode: 'add', annulus: 'circle_annulus', radius: 5, sigma: 5, found: 'add', pixels: 1 });
}

/** What drawing needs of the model of the image viewer. */
export type DrawModel = Pick<ImageModel, 'state' | 'session' | 'transport' | 'set' | 'settled' | 'request' | 'failed' | 'onNotice'>;
