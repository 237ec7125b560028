/** Where antennas are drawn: metres as they are, or by the logarithm of their distance from the centre. */

import type { Point } from '../core/view';
import type { Antenna, AntennaState, Layout, Zoom } from './protocol';

export interface Placed {
  antenna: Antenna;
  /** In the plane of the map. */
  at: Point;
}

export interface Projection {
  kind: 'linear' | 'log';
  /** Metres within which the logarithmic scale is nearly linear. */
  inner: number;
}

/** The inner radius of the logarithmic scale: the power of ten below the nearest tenth of the antennas. */
export function projectionOf(scale: 'linear' | 'log', antennas: readonly Antenna[]): Projection {
  const distances = antennas
    .flatMap(({ e, n }) => (e === null || n === null ? [] : [Math.hypot(e, n)]))
    .filter(r => r > 0)
    .sort((a, b) => a - b);
  const near = distances[Math.floor(distances.length / 10)] ?? 1;
  return { kind: scale, inner: Math.max(1, 10 ** Math.floor(Math.log10(near) + 1e-9)) };
}

/** The radius at which a distance is drawn. */
export function radiusOf(metres: number, { kind, inner }: Projection): number {
  return kind === 'linear' ? metres : Math.log10(1 + metres / inner);
}

export function project(e: number, n: number, projection: Projection): Point {
  const metres = Math.hypot(e, n);
  const factor = projection.kind === 'linear' || metres === 0 ? 1 : radiusOf(metres, projection) / metres;
  return { x: e * factor, y: n * factor };
}

/** Metres east and north of a place on the map. */
export function unproject({ x, y }: Point, { kind, inner }: Projection): Point {
  const radius = Math.hypot(x, y);
  if (kind === 'linear' || radius === 0) {
    return { x, y };
  }
  const factor = (inner * (10 ** radius - 1)) / radius;
  return { x: x * factor, y: y * factor };
}

/** Whether an antenna has a place on the map and is wanted there. */
export function isDrawn(antenna: Antenna, { exclude, only_with_data }: Pick<AntennaState, 'exclude' | 'only_with_data'>): boolean {
  const placed = antenna.e !== null && antenna.n !== null && !antenna.zero_position;
  return placed && !exclude.includes(antenna.id) && (antenna.has_data || !only_with_data);
}

/** The antennas on the map, those with the worst news last, so that they are not hidden by others. */
export function place(layout: Layout, state: AntennaState, projection: Projection): Placed[] {
  return layout.antennas
    .filter(antenna => isDrawn(antenna, state))
    .map(antenna => ({ antenna, at: project(antenna.e!, antenna.n!, projection) }))
    .sort((p, q) => (shareOf(p.antenna, state.flags_of) ?? -1) - (shareOf(q.antenna, state.flags_of) ?? -1));
}

/** The points that a zoom preset shows; all where it would show nothing. */
export function pointsOf(zoom: Zoom, placed: readonly Placed[], core: readonly number[]): Point[] {
  const within = new Set(core);
  const wanted = placed.filter(({ antenna }) => zoom === 'all' || within.has(antenna.id) === (zoom === 'core'));
  return (wanted.length > 0 ? wanted : placed).map(({ at }) => at);
}

/** The flagged share that gives the colour. */
export function shareOf(antenna: Antenna, flagsOf: AntennaState['flags_of']): number | null {
  return flagsOf === 'cross' ? antenna.flagged_cross : antenna.flagged;
}

/** The nearest antenna within so many pixels. */
export function nearest<T extends { screen: Point }>(items: readonly T[], at: Point, within: number): T | null {
  let best: T | null = null;
  let least = within;
  for (const item of items) {
    const distance = Math.hypot(item.screen.x - at.x, item.screen.y - at.y);
    if (distance <= least) {
      least = distance;
      best = item;
    }
  }
  return best;
}

/** The next one in a direction: near, and not too far to the side. */
export function nextTowards<T extends { at: Point }>(items: readonly T[], from: Point, dx: number, dy: number): T | null {
  let best: T | null = null;
  let least = Infinity;
  for (const item of items) {
    const [x, y] = [item.at.x - from.x, item.at.y - from.y];
    const along = x * dx + y * dy;
    const aside = Math.abs(x * dy - y * dx);
    if (along > 1e-9 && aside <= 2 * along) {
      const cost = along + 2 * aside;
      if (cost < least) {
        least = cost;
        best = item;
      }
    }
  }
  return best;
}
