/** The sky of the fake image: a gnomonic projection, sources, noise, and a grid of coordinates. */

const RAD = Math.PI / 180;

export interface Wcs {
  lon: number;
  lat: number;
  /** Degrees of a pixel. */
  scale: number;
  x: number;
  y: number;
  rotation: number;
}

export function toWorld({ lon, lat, scale, x: cx, y: cy, rotation }: Wcs, x: number, y: number): [number, number] {
  const [c, s] = [Math.cos(rotation * RAD), Math.sin(rotation * RAD)];
  const [dx, dy] = [x - cx, y - cy];
  const xi = -(dx * c + dy * s) * scale * RAD;
  const eta = (-dx * s + dy * c) * scale * RAD;
  const d = Math.cos(lat * RAD) - eta * Math.sin(lat * RAD);
  const a = Math.atan2(xi, d);
  const b = Math.atan2((Math.sin(lat * RAD) + eta * Math.cos(lat * RAD)) * Math.cos(a), d);
  return [(((lon + a / RAD) % 360) + 360) % 360, b / RAD];
}

export function toPixel({ lon, lat, scale, x: cx, y: cy, rotation }: Wcs, alpha: number, delta: number): [number, number] {
  const da = (alpha - lon) * RAD;
  const [sd, cd, s0, c0] = [Math.sin(delta * RAD), Math.cos(delta * RAD), Math.sin(lat * RAD), Math.cos(lat * RAD)];
  const bottom = sd * s0 + cd * c0 * Math.cos(da);
  const u = -(cd * Math.sin(da)) / bottom / RAD / scale;
  const v = (sd * c0 - cd * s0 * Math.cos(da)) / bottom / RAD / scale;
  const [c, s] = [Math.cos(rotation * RAD), Math.sin(rotation * RAD)];
  return [cx + u * c - v * s, cy + u * s + v * c];
}

/** A repeatable number between 0 and 1. */
export function noise(a: number, b: number): number {
  const x = Math.sin(a * 127.1 + b * 311.7) * 43758.5453;
  return x - Math.floor(x);
}

export interface Source {
  x: number;
  y: number;
  flux: number;
}

export function sources(nx: number, ny: number, n: number): Source[] {
  return Array.from({ length: n }, (_, k) => ({
    x: Math.round((0.04 + 0.92 * noise(k, 1)) * nx),
    y: Math.round((0.04 + 0.92 * noise(k, 2)) * ny),
    flux: 0.002 / (0.02 + noise(k, 3))
  }));
}

const two = (n: number): string => String(n).padStart(2, '0');

export function hms(degrees: number, places: number): string {
  const total = Math.round((degrees / 15) * 3600 * 10 ** places) / 10 ** places;
  const seconds = (total % 60).toFixed(places).padStart(places ? places + 3 : 2, '0');
  return `${two(Math.floor(total / 3600))}:${two(Math.floor(total / 60) % 60)}:${seconds}`;
}

export function dms(degrees: number, places: number): string {
  const total = Math.round(Math.abs(degrees) * 3600 * 10 ** places) / 10 ** places;
  const seconds = (total % 60).toFixed(places).padStart(places ? places + 3 : 2, '0');
  return `${degrees < 0 ? '-' : '+'}${two(Math.floor(total / 3600))}:${two(Math.floor(total / 60) % 60)}:${seconds}`;
}

export interface Window {
  x0: number;
  x1: number;
  y0: number;
  y1: number;
  width: number;
  height: number;
}

export interface Grid {
  lines: { kind: 'lon' | 'lat'; text: string; start: number; count: number }[];
  labels: { edge: 'left' | 'bottom' | 'right' | 'top'; at: number; text: string; kind: string }[];
  titles: { bottom: string; left: string };
}

/** Lines of right ascension and declination through a window. */
export function grid(wcs: Wcs, w: Window): [Grid, Float32Array] {
  const corners = [0, 0.25, 0.5, 0.75, 1].flatMap(u => [0, 0.25, 0.5, 0.75, 1].map(v => toWorld(wcs, w.x0 + u * (w.x1 - w.x0), w.y0 + v * (w.y1 - w.y0))));
  const lons = corners.map(([a]) => ((a - wcs.lon + 540) % 360) - 180 + wcs.lon);
  const lats = corners.map(([, d]) => d);
  const ends = (v: number[]): [number, number] => [Math.min(...v), Math.max(...v)];
  const result: Grid = { lines: [], labels: [], titles: { bottom: 'Right ascension (ICRS)', left: 'Declination (ICRS)' } };
  const points: number[] = [];
  for (const kind of ['lon', 'lat'] as const) {
    const [lo, hi] = ends(kind === 'lon' ? lons : lats);
    const [from, to] = ends(kind === 'lon' ? lats : lons);
    const unit = kind === 'lon' ? 15 : 1;
    const least = (hi - lo) / unit / Math.max(2, (kind === 'lon' ? w.width : w.height) / 130);
    const step = unit * ([1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200].map(s => s / 3600).find(s => s >= least) ?? 4);
    for (let value = Math.ceil(lo / step) * step; value <= hi; value += step) {
      const text = kind === 'lon' ? hms(value, 0) : dms(value, 0);
      const path = Array.from({ length: 41 }, (_, i) => {
        const other = from + ((to - from) * (1.4 * i - 8)) / 40;
        return kind === 'lon' ? toPixel(wcs, value, other) : toPixel(wcs, other, value);
      });
      result.lines.push({ kind, text, start: points.length / 2, count: path.length });
      points.push(...path.flat());
      const across = kind === 'lon' ? 1 : 0;
      const along = kind === 'lon' ? 0 : 1;
      const edges = kind === 'lon' ? ([['bottom', w.y0], ['top', w.y1]] as const) : ([['left', w.x0], ['right', w.x1]] as const);
      const inside = (v: number): boolean => (along === 0 ? v >= w.x0 && v <= w.x1 : v >= w.y0 && v <= w.y1);
      const met = edges.flatMap(([edge, limit]) =>
        path.slice(1).flatMap((q, i) => {
          const p = path[i]!;
          const share = (limit - p[across]) / (q[across] - p[across]);
          const at = p[along] + share * (q[along] - p[along]);
          return share >= 0 && share < 1 && inside(at) ? [{ edge, at, text, kind }] : [];
        })
      );
      result.labels.push(...met.slice(0, 1));
    }
  }
  return [result, Float32Array.from(points)];
}
