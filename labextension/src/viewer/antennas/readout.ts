/** Antennas and the array in words: for the hover card, the side panel and the status line. */

import { formatCount, formatMany, formatNumber, formatPercent, formatValue } from '../core/format';
import type { Line } from '../core/hover-card';
import type { Antenna, AntennaState, Layout } from './protocol';
import { shareOf } from './geometry';

/** Everything about an antenna, line by line. */
export function antennaLines(antenna: Antenna, layout: Layout): Line[] {
  const { name, station, e, n, u, zero_position: zero, has_data: data } = antenna;
  const metres = (value: number | null): string => (value === null ? '–' : `${formatNumber(value, 0.01)} m`);
  const share = (value: number | null): string => (value === null ? (layout.flags ? '–' : 'being read') : formatPercent(100 * value));
  const lines: Line[] = [['Antenna', `${name}  (id ${antenna.id})`]];
  if (station && station !== name) {
    lines.push(['Station', station]);
  }
  if (zero) {
    lines.push(['Position', 'zero in the table of antennas']);
  } else {
    lines.push(['East', metres(e)], ['North', metres(n)], ['Up', metres(u)]);
  }
  if (!data) {
    return [...lines, ['Data', 'none']];
  }
  lines.push(['Flagged', `${share(antenna.flagged_cross)} (cross)`], ['', `${share(antenna.flagged)} (all)`]);
  if (layout.kind === 'ms') {
    lines.push(['Baselines', formatCount(antenna.n_baselines)]);
  }
  if (antenna.mean_amp !== null) {
    lines.push(['Mean amplitude', formatValue(antenna.mean_amp, layout.amp_unit)]);
  }
  return lines;
}

/** An antenna in one line. */
export function antennaText(antenna: Antenna, state: AntennaState): string {
  const share = shareOf(antenna, state.flags_of);
  const flagged = !antenna.has_data ? 'no data' : share === null ? '' : `${formatPercent(100 * share)} flagged`;
  const baselines = antenna.n_baselines > 0 ? formatMany(antenna.n_baselines, 'baseline') : '';
  const picked = state.selected.includes(antenna.id) ? 'selected' : '';
  return [`Antenna ${antenna.name}`, antenna.station === antenna.name ? '' : antenna.station, flagged, baselines, picked].filter(Boolean).join('  ·  ');
}

/** The array in one line. */
export function layoutText({ antennas, kind, n_baselines: baselines, flagged, column }: Layout): string {
  const withData = antennas.filter(antenna => antenna.has_data).length;
  const count = withData === antennas.length ? formatCount(withData) : `${formatCount(withData)} of ${formatCount(antennas.length)}`;
  const parts = [`${count} antennas with data`];
  if (kind === 'ms') {
    parts.push(formatMany(baselines, 'baseline'));
  }
  if (flagged !== null) {
    parts.push(`${formatPercent(100 * flagged)} flagged`);
  }
  if (column) {
    parts.push(column);
  }
  return parts.join('  ·  ');
}
