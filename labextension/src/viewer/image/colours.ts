/** The colour scale of the image: state, limits and histogram put together. */

import { DEFAULT_COLORMAP, findColormap, lut } from '../core/colormaps';
import type { ColourScale } from '../core/renderer';
import { cumulative, type Histogram, isStretch, type Limits, type Stretch } from '../core/stretch';
import type { ImageInfo, ImageState } from './protocol';

export interface Colours {
  scale: ColourScale;
  colormap: string;
  stretch: Stretch;
  /** Names this viewer cannot draw. */
  unknown: string[];
}

/** By hand what the state says; else what the kernel has found for this plane. */
export function limitsOf(state: ImageState, image: ImageInfo): Limits {
  return state.limits_mode === 'manual' && state.limits ? state.limits : image.limits;
}

/** The same map from its other end. */
export function inverted(colormap: string): string {
  return findColormap(colormap)?.reversed === true ? colormap.slice(0, -2) : `${colormap}_r`;
}

export class ColourMaker {
  private known: { histogram: Histogram; limits: Limits; cdf: Float32Array | null } | null = null;

  make(state: ImageState, image: ImageInfo, histogram: Histogram | null): Colours {
    const limits = limitsOf(state, image);
    const stretch: Stretch = isStretch(state.stretch) ? state.stretch : 'linear';
    const unknown = [...(findColormap(state.colormap) ? [] : [state.colormap]), ...(isStretch(state.stretch) ? [] : [state.stretch])];
    const plain = findColormap(state.colormap) ? state.colormap : DEFAULT_COLORMAP;
    const colormap = state.invert ? inverted(plain) : plain;
    const table = lut(colormap);
    const cdf = stretch === 'histogram' ? this.cdf(histogram, limits) : null;
    return { scale: { limits, stretch, cdf, lut: table, flaggedLut: table, showFlagged: false }, colormap, stretch, unknown };
  }

  private cdf(histogram: Histogram | null, limits: Limits): Float32Array | null {
    if (!histogram) {
      return null;
    }
    const { known } = this;
    if (known?.histogram === histogram && known.limits[0] === limits[0] && known.limits[1] === limits[1]) {
      return known.cdf;
    }
    this.known = { histogram, limits, cdf: cumulative(histogram, limits) };
    return this.known.cdf;
  }
}
