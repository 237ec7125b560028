/** Which planes regions are for, as text: channels such as 3~7, and names of Stokes parameters. */

import type { Region } from './shapes';

export type Channels = Region['channels'];
export type Stokes = Region['stokes'];

export function channelsText(channels: Channels): string {
  return channels === null ? '' : channels[0] === channels[1] ? String(channels[0]) : `${channels[0]}~${channels[1]}`;
}

/** Nothing is all of them; `undefined` where the text says no channels that an image of `n` has. */
export function channelsOf(text: string, n: number): Channels | undefined {
  if (text === '') {
    return null;
  }
  const found = /^(\d+)(?:\s*[~:–-]\s*(\d+))?$/.exec(text);
  const [first, last] = [Number(found?.[1]), Number(found?.[2] ?? found?.[1])];
  return found && first <= last && last < n ? [first, last] : undefined;
}

export function stokesText(stokes: Stokes): string {
  return stokes?.join(', ') ?? '';
}

/** Nothing is all of them; `undefined` where there is a name that the image does not have. */
export function stokesOf(text: string, known: readonly string[]): Stokes | undefined {
  const names = text.split(/[\s,]+/).filter(Boolean);
  const found = known.filter(name => names.some(wanted => wanted.toUpperCase() === name.toUpperCase()));
  return names.length === 0 ? null : found.length === new Set(names.map(name => name.toUpperCase())).size ? found : undefined;
}
