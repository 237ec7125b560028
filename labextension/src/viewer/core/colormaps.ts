/** Colour maps as 256-entry RGBA tables. */

import { CONTROL_COLOURS } from './lut-data';

export const LUT_SIZE = 256;
export const DEFAULT_COLORMAP = 'viridis';
export const COLORMAP_NAMES: readonly string[] = Object.keys(CONTROL_COLOURS);
/** Maps whose ends meet, for angles. */
export const CYCLIC_COLORMAPS: readonly string[] = ['twilight', 'twilight_shifted'];

const byLowerCase = new Map(COLORMAP_NAMES.map(name => [name.toLowerCase(), name]));
const cache = new Map<string, Uint8Array>();

interface Known {
  name: string;
  reversed: boolean;
}

/** The name as matplotlib writes it, whatever the case; `null` where this viewer does not have it. */
export function findColormap(asked: string): Known | null {
  const lower = asked.toLowerCase();
  const reversed = lower.endsWith('_r') && !byLowerCase.has(lower);
  const name = byLowerCase.get(reversed ? lower.slice(0, -2) : lower);
  return name === undefined ? null : { name, reversed };
}

/** 256 × RGBA, first colour first. An unknown name gives the default map: ask `findColormap` first and say so. */
export function lut(asked: string): Uint8Array {
  const known = findColormap(asked) ?? { name: DEFAULT_COLORMAP, reversed: false };
  const key = known.name + (known.reversed ? '_r' : '');
  let table = cache.get(key);
  if (!table) {
    table = build(known);
    cache.set(key, table);
  }
  return table;
}

function build({ name, reversed }: Known): Uint8Array {
  const control = Uint8Array.from(atob(CONTROL_COLOURS[name]!), c => c.charCodeAt(0));
  const last = control.length / 3 - 1;
  const table = new Uint8Array(LUT_SIZE * 4);
  for (let i = 0; i < LUT_SIZE; i += 1) {
    const t = ((reversed ? LUT_SIZE - 1 - i : i) / (LUT_SIZE - 1)) * last;
    const k = Math.min(Math.floor(t), last - 1);
    const f = t - k;
    for (let c = 0; c < 3; c += 1) {
      table[4 * i + c] = Math.round(control[3 * k + c]! * (1 - f) + control[3 * k + 3 + c]! * f);
    }
    table[4 * i + 3] = 255;
  }
  return table;
}

/** `n` colours of the map as CSS, for gradients. */
export function cssColours(name: string, n: number): string[] {
  const table = lut(name);
  return Array.from({ length: n }, (_, i) => {
    const k = 4 * Math.round((i / (n - 1)) * (LUT_SIZE - 1));
    return `rgb(${table[k]},${table[k + 1]},${table[k + 2]})`;
  });
}
