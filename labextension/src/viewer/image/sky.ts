/** Where in the sky a pixel is, between the points of a mesh that the kernel has worked out; and how that is written. */

import type { Point, Span } from '../core/view';

/** Points along one side of the mesh. */
export const MESH = 33;

export interface Place {
  lon: number;
  lat: number;
}

/** Longitudes without jumps from one point to the next: rows from the middle one on, each from its middle. */
function unwrapped(lon: Float64Array, n: number): Float64Array {
  const out = lon.slice();
  const near = (value: number, to: number): number => (Number.isFinite(to) ? value - 360 * Math.round((value - to) / 360) : value);
  const middle = n >> 1;
  const rows = Array.from({ length: n }, (_, j) => j).sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle));
  for (const j of rows) {
    const row = j * n;
    const towards = row + n * Math.sign(middle - j);
    out[row + middle] = near(out[row + middle]!, j === middle ? NaN : out[towards + middle]!);
    for (let i = middle + 1; i < n; i += 1) {
      out[row + i] = near(out[row + i]!, out[row + i - 1]!);
    }
    for (let i = middle - 1; i >= 0; i -= 1) {
      out[row + i] = near(out[row + i]!, out[row + i + 1]!);
    }
  }
  return out;
}

export class SkyMesh {
  private readonly lon: Float64Array;

  /** n × n points at equal distances over the box, the lowest row first. */
  constructor(
    readonly frame: string,
    private readonly n: number,
    private readonly box: Span,
    lon: Float64Array,
    private readonly lat: Float64Array
  ) {
    this.lon = unwrapped(lon, n);
  }

  /** Degrees, the longitude from 0 to 360; `null` where there is no sky, or that is not known. */
  at({ x, y }: Point): Place | null {
    const { n, box, lon, lat } = this;
    const u = ((x - box.x0) / (box.x1 - box.x0)) * (n - 1);
    const v = ((y - box.y0) / (box.y1 - box.y0)) * (n - 1);
    if (!(u >= 0 && v >= 0 && u <= n - 1 && v <= n - 1)) {
      return null;
    }
    const [i, j] = [Math.min(n - 2, Math.floor(u)), Math.min(n - 2, Math.floor(v))];
    const [p, q] = [u - i, v - j];
    const k = j * n + i;
    const mix = (a: Float64Array): number =>
      (a[k]! * (1 - p) + a[k + 1]! * p) * (1 - q) + (a[k + n]! * (1 - p) + a[k + n + 1]! * p) * q;
    const place = { lon: mix(lon), lat: mix(lat) };
    return Number.isFinite(place.lon) && Number.isFinite(place.lat) ? { lon: modulo(place.lon, 360), lat: place.lat } : null;
  }

  /** Directions of north and east in pixels, of length 1; `null` where they are not known. */
  directions(at: Point): { north: Point; east: Point } | null {
    const step = (this.box.x1 - this.box.x0) / (this.n - 1) / 2;
    const [a, b] = [this.at({ x: at.x - step, y: at.y }), this.at({ x: at.x + step, y: at.y })];
    const [c, d] = [this.at({ x: at.x, y: at.y - step }), this.at({ x: at.x, y: at.y + step })];
    if (!a || !b || !c || !d) {
      return null;
    }
    const cos = Math.cos((((a.lat + b.lat) / 2) * Math.PI) / 180);
    const turn = (v: number): number => modulo(v + 180, 360) - 180;
    const [ex, ey, nx, ny] = [turn(b.lon - a.lon) * cos, turn(d.lon - c.lon) * cos, b.lat - a.lat, d.lat - c.lat];
    const size = ex * ny - ey * nx;
    const unit = (x: number, y: number): Point => ({ x: x / Math.hypot(x, y), y: y / Math.hypot(x, y) });
    return size === 0 ? null : { north: unit(-ey / size, ex / size), east: unit(ny / size, -nx / size) };
  }
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

/** An angle in parts of 60, rounded as a whole. */
function sexagesimal(value: number, places: number, signed: boolean): string {
  const unit = 10 ** places;
  let total = Math.round(Math.abs(value) * 3600 * unit);
  if (!signed) {
    total %= 24 * 3600 * unit;
  }
  const fraction = total % unit;
  const seconds = Math.floor(total / unit);
  const two = (n: number): string => String(n).padStart(2, '0');
  const rest = places > 0 ? `.${String(fraction).padStart(places, '0')}` : '';
  const sign = signed ? (value < 0 ? '-' : '+') : '';
  return `${sign}${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}${rest}`;
}

/** A place to a tenth of a pixel of so many arcseconds, written as the kernel writes it. */
export function placeText({ lon, lat }: Place, frame: string, style: string, pixel: number): [string, string] {
  const fine = Math.max(pixel, 1e-9) / 10;
  if (style === 'degrees' || frame === 'galactic') {
    const places = Math.min(12, Math.max(0, Math.ceil(-Math.log10(fine / 3600))));
    return [`${lon.toFixed(places)}°`, `${lat < 0 ? '' : '+'}${lat.toFixed(places)}°`];
  }
  const places = Math.min(9, Math.max(0, Math.ceil(-Math.log10(fine))));
  return [sexagesimal(lon / 15, places + 1, false), sexagesimal(lat, places, true)];
}

export const FRAME_LABELS: Readonly<Record<string, string>> = {
  icrs: 'ICRS',
  fk5: 'J2000 (FK5)',
  fk4: 'B1950 (FK4)',
  galactic: 'Galactic',
  pixel: 'Pixels'
};

/** A length in the sky as a person says it. */
export function angleText(arcsec: number): string {
  const say = (v: number, unit: string): string => `${Number(v.toPrecision(3))}${unit}`;
  return arcsec >= 3600 ? say(arcsec / 3600, '°') : arcsec >= 60 ? say(arcsec / 60, '′') : arcsec >= 1e-2 ? say(arcsec, '″') : say(arcsec * 1e3, ' mas');
}

/** The largest round length in the sky that is not longer than `most` arcseconds. */
export function roundAngle(most: number): number {
  const sixties = [1, 2, 5, 10, 20, 30].flatMap(n => [n, n * 60]);
  const steps = [...sixties, ...[1, 2, 5, 10, 20, 30, 60, 90].map(n => n * 3600)];
  const round = steps.filter(step => step <= most);
  if (round.length > 0) {
    return Math.max(...round);
  }
  const power = 10 ** Math.floor(Math.log10(most));
  return [5, 2, 1].map(n => n * power).find(step => step <= most * 1.000001) ?? power;
}
