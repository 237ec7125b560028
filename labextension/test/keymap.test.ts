import { describe, expect, it } from 'vitest';
import { actionOf, isTyping, type KeyLike } from '../src/viewer/core/keymap';
import { HELP, KEYS } from '../src/viewer/raster/keys';

function press(key: string, more: Partial<KeyLike> = {}): string | null {
  return actionOf({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...more }, KEYS);
}

describe('actionOf', () => {
  it('knows the keys', () => {
    const expected: Record<string, string> = {
      ArrowLeft: 'pan-left', '+': 'zoom-in', '=': 'zoom-in', '-': 'zoom-out', '0': 'reset', r: 'reset', p: 'tool-pan',
      z: 'tool-zoom', b: 'tool-box', s: 'tool-point', '[': 'previous', ']': 'next', ' ': 'play', f: 'full', '?': 'help', Escape: 'cancel'
    };
    for (const [key, action] of Object.entries(expected)) {
      expect(press(key), key).toBe(action);
    }
  });
  it('moves the cross-hair with Shift', () => {
    expect(press('ArrowUp', { shiftKey: true })).toBe('cursor-up');
    expect(press('Enter', { shiftKey: true })).toBe('act-add');
    expect(press('?', { shiftKey: true })).toBe('help');
    expect(press('Z', { shiftKey: true })).toBe('tool-zoom');
  });
  it('leaves everything with Ctrl, Meta or Alt, and unknown keys, to the page', () => {
    expect(press('s', { ctrlKey: true })).toBeNull();
    expect(press('c', { metaKey: true })).toBeNull();
    expect(press('ArrowLeft', { altKey: true })).toBeNull();
    expect(press('q')).toBeNull();
    expect(press('Tab')).toBeNull();
  });
  it('has all single letters in the help', () => {
    const shown = HELP.flatMap(([, keys]) => keys.flatMap(([key]) => key.split(' ')));
    for (const key of 'pzbsriofwc') {
      expect(shown, key).toContain(key);
    }
  });
});

describe('isTyping', () => {
  it('is true in fields and false on buttons and check boxes', () => {
    const make = (tag: string, type?: string): HTMLElement => Object.assign(document.createElement(tag), type ? { type } : {});
    expect(isTyping(make('input', 'text'))).toBe(true);
    expect(isTyping(make('select'))).toBe(true);
    expect(isTyping(make('textarea'))).toBe(true);
    expect(isTyping(make('input', 'checkbox'))).toBe(false);
    expect(isTyping(make('button'))).toBe(false);
    expect(isTyping(null)).toBe(false);
  });
});
