/** Keys and what they do, and the table of them that the help shows. */

export type Action =
  | 'pan-left'
  | 'pan-right'
  | 'pan-up'
  | 'pan-down'
  | 'cursor-left'
  | 'cursor-right'
  | 'cursor-up'
  | 'cursor-down'
  | 'act'
  | 'act-add'
  | 'zoom-in'
  | 'zoom-out'
  | 'reset'
  | 'tool-pan'
  | 'tool-zoom'
  | 'tool-box'
  | 'tool-point'
  | 'previous'
  | 'next'
  | 'play'
  | 'hover-card'
  | 'side'
  | 'full'
  | 'save'
  | 'copy'
  | 'clear'
  | 'help'
  | 'cancel';

export interface KeyLike {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

const PLAIN: Readonly<Record<string, Action>> = {
  ArrowLeft: 'pan-left',
  ArrowRight: 'pan-right',
  ArrowUp: 'pan-up',
  ArrowDown: 'pan-down',
  Enter: 'act',
  '+': 'zoom-in',
  '=': 'zoom-in',
  '-': 'zoom-out',
  _: 'zoom-out',
  '0': 'reset',
  r: 'reset',
  p: 'tool-pan',
  z: 'tool-zoom',
  b: 'tool-box',
  s: 'tool-point',
  '[': 'previous',
  ']': 'next',
  ' ': 'play',
  i: 'hover-card',
  o: 'side',
  f: 'full',
  w: 'save',
  c: 'copy',
  Delete: 'clear',
  Backspace: 'clear',
  '?': 'help',
  Escape: 'cancel'
};

const SHIFTED: Readonly<Record<string, Action>> = {
  ArrowLeft: 'cursor-left',
  ArrowRight: 'cursor-right',
  ArrowUp: 'cursor-up',
  ArrowDown: 'cursor-down',
  Enter: 'act-add'
};

/** What a key does on the picture; `null` leaves it to the page. */
export function actionOf(event: KeyLike): Action | null {
  if (event.ctrlKey || event.metaKey || event.altKey) {
    return null;
  }
  if (event.shiftKey && event.key in SHIFTED) {
    return SHIFTED[event.key]!;
  }
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return PLAIN[key] ?? null;
}

/** True where typing belongs to the element itself. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) {
    return false;
  }
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) {
    return true;
  }
  return target instanceof HTMLInputElement && !['checkbox', 'button', 'radio'].includes(target.type);
}

/** Sections of the help: keys with spaces between them, and what they do. */
export const HELP: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
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
  [
    'Window',
    [
      ['o', 'side panel'],
      ['f', 'full window'],
      ['w', 'save'],
      ['c', 'copy as code'],
      ['?', 'this help'],
      ['Esc', 'cancel, close']
    ]
  ]
];
