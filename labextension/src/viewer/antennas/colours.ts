/** Colours by flagged share: three classes that also differ in lightness and mark, or a colour map. */

import { DEFAULT_COLORMAP, findColormap, lut } from '../core/colormaps';
import { h, s } from '../core/dom';
import { formatNumber } from '../core/format';
import { shareOf } from './geometry';
import type { Antenna, AntennaState } from './protocol';

export const CLASSES = ['good', 'fair', 'bad', 'unknown', 'vacant'] as const;
export type FlagClass = (typeof CLASSES)[number];

/** What stands in the marker, so that the classes can be told apart without colour. */
export const MARKS: Readonly<Record<FlagClass, string>> = {
  good: '',
  fair: 'M-1.3 0a1.3 1.3 0 1 0 2.6 0a1.3 1.3 0 1 0-2.6 0z',
  bad: 'M-3-1.1h6v2.2h-6z',
  unknown: '',
  vacant: ''
};

/** Exactly at a threshold the share is in the middle class. */
export function classOfShare(share: number | null, [fair, bad]: readonly [number, number]): FlagClass {
  if (share === null) {
    return 'unknown';
  }
  return share > bad ? 'bad' : share >= fair ? 'fair' : 'good';
}

export function classOf(antenna: Antenna, state: AntennaState): FlagClass {
  return antenna.has_data ? classOfShare(shareOf(antenna, state.flags_of), state.thresholds) : 'vacant';
}

/** The colour of a share in the colour map, as CSS; an unknown share has none. */
export function colourOf(share: number | null, colormap: string): string | null {
  if (share === null) {
    return null;
  }
  const table = lut(findColormap(colormap) ? colormap : DEFAULT_COLORMAP);
  const k = 4 * Math.round(Math.min(1, Math.max(0, share)) * 255);
  return `rgb(${table[k]},${table[k + 1]},${table[k + 2]})`;
}

/** A marker of the legend. */
function sample(kind: FlagClass): SVGSVGElement {
  return s(
    'svg',
    { class: `dsa-legend-mark dsa-antenna dsa-class-${kind}`, width: 14, height: 14, viewBox: '-7 -7 14 14', 'aria-hidden': 'true' },
    s('circle', { class: 'dsa-dot', r: 5 }),
    s('path', { class: 'dsa-mark', d: MARKS[kind] })
  );
}

/** What the markers mean, in one line. */
export function legend(state: AntennaState, flagsKnown: boolean, vacant: boolean): HTMLElement {
  const [fair, bad] = state.thresholds.map(share => formatNumber(100 * share, undefined, 3));
  const entries: [FlagClass, string][] = [];
  if (!flagsKnown) {
    entries.push(['unknown', 'flags are being read']);
  } else if (state.color_by === 'class') {
    entries.push(
      ['good', `under ${fair}\u202f%`],
      ['fair', `${fair} to ${bad}\u202f%`],
      ['bad', `over ${bad}\u202f%`]
    );
  }
  if (vacant) {
    entries.push(['vacant', 'no data']);
  }
  const title = state.flags_of === 'cross' ? 'Flagged' : 'Flagged, with autocorrelations';
  return h(
    'div',
    { class: 'dsa-legend' },
    flagsKnown && state.color_by === 'class' ? h('span', { class: 'dsa-legend-title' }, title) : null,
    ...entries.map(([kind, text]) => h('span', { class: 'dsa-legend-entry' }, sample(kind), text))
  );
}
