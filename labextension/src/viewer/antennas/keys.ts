/** The keys of the viewer of the array, and the table of them that the help shows. */

import { COMMON_KEYS, type CommonAction, type HelpSection, WINDOW_HELP } from '../core/keymap';

export type Action =
  | CommonAction
  | 'zoom-core'
  | 'zoom-outriggers'
  | 'log'
  | 'labels'
  | 'tab-map'
  | 'tab-uv'
  | 'tab-lengths';

export const KEYS: Readonly<Record<string, Action>> = {
  ...COMMON_KEYS,
  k: 'zoom-core',
  u: 'zoom-outriggers',
  l: 'log',
  n: 'labels',
  '1': 'tab-map',
  '2': 'tab-uv',
  '3': 'tab-lengths'
};

export const HELP: readonly HelpSection[] = [
  [
    'Look',
    [
      ['drag', 'pan'],
      ['wheel pinch', 'zoom at the pointer'],
      ['← → ↑ ↓', 'pan'],
      ['+ −', 'zoom'],
      ['p', 'pan with the mouse'],
      ['z', 'zoom to a box'],
      ['0 r', 'all antennas (or double click)'],
      ['k', 'the core'],
      ['u', 'the outriggers'],
      ['l', 'linear or logarithmic distances'],
      ['n', 'names, ids, no labels'],
      ['1 2 3', 'map, uv coverage, lengths']
    ]
  ],
  [
    'Antennas',
    [
      ['click', 'select an antenna'],
      ['Shift click', 'add it, or take it away'],
      ['Shift ← → ↑ ↓', 'go to the next antenna'],
      ['Enter', 'select it (Shift adds)'],
      ['Delete Esc', 'clear the selection'],
      ['i', 'value card on or off']
    ]
  ],
  WINDOW_HELP
];
