/** The colour scale of the picture: state, limits and histogram put together. */

import { DEFAULT_COLORMAP, findColormap, lut } from '../core/colormaps';
import type { ColourBarState } from '../core/colourbar';
import type { ColourScale } from '../core/renderer';
import { cumulative, type Histogram, isStretch, type Limits, type Stretch } from '../core/stretch';
import type { Picture, RasterState } from './protocol';

export interface Colours {
  scale: ColourScale;
  bar: ColourBarState;
  colormap: string;
  stretch: Stretch;
  /** Names this viewer cannot draw. */
  unknown: string[];
}

/** By hand what the state says; else what the kernel has found for this picture. */
export function limitsOf(state: RasterState, picture: Picture): Limits {
  return state.limits_mode === 'manual' && state.limits ? state.limits : picture.limits;
}

let remembered: { histogram: Histogram; limits: Limits; cdf: Float32Array | null } | null = null;

function cdfOf(histogram: Histogram | null, limits: Limits): Float32Array | null {
  if (!histogram) {
    return null;
  }
  if (remembered?.histogram !== histogram || remembered.limits[0] !== limits[0] || remembered.limits[1] !== limits[1]) {
    remembered = { histogram, limits, cdf: cumulative(histogram, limits) };
  }
  return remembered.cdf;
}

export function coloursOf(state: RasterState, picture: Picture, histogram: Histogram | null): Colours {
  const limits = limitsOf(state, picture);
  const stretch: Stretch = isStretch(state.stretch) ? state.stretch : 'linear';
  const cdf = stretch === 'histogram' ? cdfOf(histogram, limits) : null;
  const unknown = [state.colormap, state.flagged_colormap].filter(name => findColormap(name) === null);
  if (!isStretch(state.stretch)) {
    unknown.push(state.stretch);
  }
  const colormap = findColormap(state.colormap) ? state.colormap : DEFAULT_COLORMAP;
  const flagged = findColormap(state.flagged_colormap) ? state.flagged_colormap : 'Reds';
  const showFlagged = state.show_flagged;
  return {
    scale: { limits, stretch, cdf, lut: lut(colormap), flaggedLut: lut(flagged), showFlagged },
    bar: {
      limits,
      stretch,
      cdf,
      colormap,
      flaggedColormap: showFlagged && picture.flagged_pct > 0 ? flagged : null,
      title: picture.quantity_label,
      unit: picture.unit
    },
    colormap,
    stretch,
    unknown
  };
}
