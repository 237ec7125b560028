/** Values in a unit that makes them readable: 0.0012 Jy/beam is 1.2 mJy/beam. */

import { formatValue } from '../core/format';

export interface ShownUnit {
  unit: string;
  /** Times a value in the image's unit. */
  factor: number;
}

const PREFIXES: readonly (readonly [string, number])[] = [
  ['k', 1e-3],
  ['', 1],
  ['m', 1e3],
  ['µ', 1e6],
  ['n', 1e9]
];

/** The unit in which a value of this size is between 1 and 1000, for units that take a prefix. */
export function shownUnit(given: string, size: number): ShownUnit {
  // Old files have everything in capitals.
  const unit = given.replace(/^JY(?=$|\/)/, 'Jy').replace(/^(Jy|K)\/BEAM$/, '$1/beam');
  if (!/^(Jy|K)(?![A-Za-z])/.test(unit) || !(size > 0) || !Number.isFinite(size)) {
    return { unit, factor: 1 };
  }
  const [prefix, factor] = PREFIXES.find(([, f]) => size * f >= 1) ?? PREFIXES[PREFIXES.length - 1]!;
  return { unit: prefix + unit, factor };
}

export function valueText(value: number | null, { unit, factor }: ShownUnit): string {
  return value === null || Number.isNaN(value) ? 'blank' : formatValue(value * factor, unit);
}
