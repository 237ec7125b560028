/** The keys of the image viewer, and the table of them that the help shows. The drawing tools have theirs beside these. */

import { COMMON_KEYS, type CommonAction, type HelpSection, WINDOW_HELP } from '../core/keymap';

export type Action = CommonAction | 'one' | 'grid' | 'contours' | 'blink' | 'profiles' | 'invert' | 'previous' | 'next' | 'play';

export const KEYS: Readonly<Record<string, Action>> = {
  ...COMMON_KEYS,
  '1': 'one',
  g: 'grid',
  k: 'contours',
  b: 'blink',
  v: 'profiles',
  n: 'invert',
  ',': 'previous',
  '.': 'next',
  ' ': 'play'
};

export const HELP: readonly HelpSection[] = [
  [
    'Look',
    [
      ['drag', 'pan'],
      ['wheel pinch', 'zoom at the pointer'],
      ['← → ↑ ↓', 'pan'],
      ['+ −', 'zoom'],
      ['0 r', 'whole image (or double click)'],
      ['1', 'one pixel of the image on one of the screen'],
      ['p', 'pan'],
      ['z', 'zoom to a box'],
      ['Shift ← → ↑ ↓', 'move the cross-hair by a pixel'],
      ['i', 'value card on or off']
    ]
  ],
  [
    'Show',
    [
      ['g', 'grid of coordinates'],
      ['k', 'contours'],
      ['n', 'colours the other way round'],
      ['v', 'profiles at the cross-hair'],
      ['b', 'blink with the second image']
    ]
  ],
  [
    'Channels',
    [
      [', .', 'previous, next'],
      ['space', 'play, pause']
    ]
  ],
  WINDOW_HELP
];
