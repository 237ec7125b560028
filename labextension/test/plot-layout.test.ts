import { describe, expect, it } from 'vitest';
import { placeTitle, textWidth } from '../src/viewer/core/plot-layout';

describe('titles of axes', () => {
  const title = 'Right ascension (ICRS)';
  /** Titles are of 12 pixels, labels of 11. */
  const widthOf = (text: string): number => (textWidth(text) * 12) / 11;

  it('stand in the middle where there is room', () => {
    expect(placeTitle(title, 300, 0, 600)).toEqual({ text: title, at: 300 });
  });

  it('are moved aside, then shortened, and never go over an end', () => {
    for (let room = 20; room < 400; room += 7) {
      for (const share of [0, 0.3, 0.5, 0.97, 1]) {
        const { text, at } = placeTitle(title, 10 + share * room, 10, 10 + room);
        expect(at - widthOf(text) / 2).toBeGreaterThanOrEqual(10 - 1e-9);
        expect(at + widthOf(text) / 2).toBeLessThanOrEqual(10 + room + 1e-9);
        expect(text === title).toBe(widthOf(title) <= room);
      }
    }
  });
});
