/** The keys of the raster viewer, and the table of them that the help shows. */

import { COMMON_KEYS, type CommonAction, type HelpSection, WINDOW_HELP } from '../core/keymap';

export type Action = CommonAction | 'tool-box' | 'tool-point' | 'previous' | 'next' | 'play';

export const KEYS: Readonly<Record<string, Action>> = {
  ...COMMON_KEYS,
  b: 'tool-box',
  s: 'tool-point',
  '[': 'previous',
  ']': 'next',
  ' ': 'play'
};

export const HELP: readonly HelpSection[] = [
  [
    'Look',
    [
      ['drag', 'pan'],
      ['wheel pinch', 'zoom at the pointer'],
      ['Shift wheel', 'zoom along x only'],
      ['Alt wheel', 'zoom along y only'],
      ['wheel on an axis', 'zoom along this axis'],
      ['← → ↑ ↓', 'pan'],
      ['+ −', 'zoom'],
      ['0 r', 'whole picture (or double click)'],
      ['Shift ← → ↑ ↓', 'move the cross-hair by a cell'],
      ['i', 'value card on or off']
    ]
  ],
  [
    'Tools',
    [
      ['p', 'pan'],
      ['z', 'zoom to a box'],
      ['b', 'select a box (Shift adds)'],
      ['s', 'select points (Shift adds)'],
      ['Enter', 'use the tool at the cross-hair'],
      ['Delete', 'clear the selection']
    ]
  ],
  [
    'Iterate',
    [
      ['[ ]', 'previous, next'],
      ['space', 'play, pause']
    ]
  ],
  WINDOW_HELP
];
