/** The keys of the drawing tools, and the tables of them that the help shows. */

import type { HelpSection } from '../../core/keymap';
import type { Point } from '../../core/view';
import { TOOLS } from './tools';

export type DrawAction =
  | 'add'
  | 'exclude'
  | 'intersect'
  | 'layer'
  | 'smaller'
  | 'larger'
  | 'next'
  | 'before'
  | 'undo'
  | 'redo'
  | 'all'
  | 'copy'
  | 'cut'
  | 'paste'
  | 'remove'
  | 'act'
  | 'cancel'
  | 'arrow';

export const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: 1 },
  ArrowDown: { x: 0, y: -1 }
};

/** Without Ctrl. */
export const PLAIN: Readonly<Record<string, DrawAction>> = {
  a: 'add',
  e: 'exclude',
  h: 'intersect',
  m: 'layer',
  '[': 'smaller',
  ']': 'larger',
  j: 'next',
  J: 'before',
  u: 'undo',
  y: 'redo',
  Enter: 'act',
  Escape: 'cancel',
  Delete: 'remove',
  Backspace: 'remove'
};

/** With Ctrl, or Cmd. */
export const WITH_CTRL: Readonly<Record<string, DrawAction>> = {
  z: 'undo',
  Z: 'redo',
  y: 'redo',
  a: 'all',
  c: 'copy',
  x: 'cut',
  v: 'paste'
};

export const DRAW_HELP: readonly HelpSection[] = [
  ['Drawing tools', TOOLS.map(({ key, label }): [string, string] => [key, label.toLowerCase()])],
  [
    'Drawing',
    [
      ['m', 'draw on the mask, or regions'],
      ['a', 'add to the mask; new regions include'],
      ['e', 'take out of the mask; regions exclude, or include again'],
      ['h', 'keep of the mask only what is inside'],
      ['Alt', 'the other of adding and taking out, while held'],
      ['Shift', 'equal sides; turn by 15°; keep proportions'],
      ['[ ]', 'smaller, larger brush'],
      ['Enter', 'point at the cross-hair; ends a polygon'],
      ['Backspace', 'take the last corner back'],
      ['Esc', 'give the shape up; select nothing'],
      ['Ctrl Z', 'undo (or u)'],
      ['Ctrl Shift Z', 'redo (or y)']
    ]
  ],
  [
    'Regions',
    [
      ['click', 'select; Shift adds'],
      ['j', 'select the next one; Shift the one before'],
      ['Ctrl A', 'select all'],
      ['← → ↑ ↓', 'move by a pixel; Shift by ten'],
      ['Ctrl C', 'copy; Ctrl X cuts, Ctrl V pastes'],
      ['Delete', 'delete it, or the vertex touched last'],
      ['click click', 'on a side: another vertex']
    ]
  ]
];
