/** From a value to a place in the colour map, 0 to 1: the same formulas as in the fragment shader and in Python. */

export const STRETCHES = ['linear', 'log', 'sqrt', 'square', 'asinh', 'power', 'histogram'] as const;
export type Stretch = (typeof STRETCHES)[number];
export type Limits = readonly [number, number];

/** Constants of astropy's LogStretch, PowerDistStretch and AsinhStretch. */
export const LOG_A = 1000;
export const POWER_A = 1000;
export const ASINH_A = 0.1;

export function isStretch(name: string): name is Stretch {
  return (STRETCHES as readonly string[]).includes(name);
}

/** (v - lo) / (hi - lo), clipped to 0..1; NaN stays NaN. Equal limits put everything at 0.5. */
export function normalise(value: number, [lo, hi]: Limits): number {
  if (Number.isNaN(value)) {
    return NaN;
  }
  if (hi === lo) {
    return 0.5;
  }
  return Math.min(1, Math.max(0, (value - lo) / (hi - lo)));
}

/** The stretch on 0..1. `cdf` (its values at equal steps) is needed by 'histogram' only. */
export function stretch(t: number, kind: Stretch, cdf?: Float32Array | null): number {
  switch (kind) {
    case 'linear':
      return t;
    case 'log':
      return Math.log1p(LOG_A * t) / Math.log1p(LOG_A);
    case 'sqrt':
      return Math.sqrt(t);
    case 'square':
      return t * t;
    case 'asinh':
      return Math.asinh(t / ASINH_A) / Math.asinh(1 / ASINH_A);
    case 'power':
      return (Math.pow(POWER_A, t) - 1) / (POWER_A - 1);
    case 'histogram': {
      if (!cdf || cdf.length < 2) {
        return t;
      }
      const x = t * (cdf.length - 1);
      const k = Math.min(Math.floor(x), cdf.length - 2);
      return cdf[k]! + (cdf[k + 1]! - cdf[k]!) * (x - k);
    }
  }
}

/** The inverse of `stretch`, for colour bars. */
export function unstretch(u: number, kind: Stretch, cdf?: Float32Array | null): number {
  switch (kind) {
    case 'linear':
      return u;
    case 'log':
      return Math.expm1(u * Math.log1p(LOG_A)) / LOG_A;
    case 'sqrt':
      return u * u;
    case 'square':
      return Math.sqrt(u);
    case 'asinh':
      return ASINH_A * Math.sinh(u * Math.asinh(1 / ASINH_A));
    case 'power':
      return Math.log(u * (POWER_A - 1) + 1) / Math.log(POWER_A);
    case 'histogram': {
      let [a, b] = [0, 1];
      for (let i = 0; i < 30; i += 1) {
        const m = (a + b) / 2;
        if (stretch(m, kind, cdf) < u) {
          a = m;
        } else {
          b = m;
        }
      }
      return (a + b) / 2;
    }
  }
}

/** A histogram of equal bins between two edges. */
export interface Histogram {
  edges: Limits;
  counts: readonly number[];
}

export const CDF_SIZE = 256;

/**
 * The cumulative share of the values from `lo` to `hi`, at `CDF_SIZE` equal steps: 0 at the first, 1 at the last.
 * Values are taken as spread evenly inside a bin. `null` where the histogram has nothing between the limits.
 */
export function cumulative(histogram: Histogram, [lo, hi]: Limits): Float32Array | null {
  const { edges, counts } = histogram;
  const width = (edges[1] - edges[0]) / counts.length;
  if (!(width > 0) || !(hi > lo)) {
    return null;
  }
  const sums = new Float64Array(counts.length + 1);
  counts.forEach((n, i) => (sums[i + 1] = sums[i]! + n));
  const at = (value: number): number => {
    const x = Math.min(counts.length, Math.max(0, (value - edges[0]) / width));
    const k = Math.min(Math.floor(x), counts.length - 1);
    return sums[k]! + (sums[k + 1]! - sums[k]!) * (x - k);
  };
  const [first, last] = [at(lo), at(hi)];
  if (!(last > first)) {
    return null;
  }
  return Float32Array.from({ length: CDF_SIZE }, (_, i) => (at(lo + ((hi - lo) * i) / (CDF_SIZE - 1)) - first) / (last - first));
}
