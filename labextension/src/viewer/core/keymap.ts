/** Keys and what they do: those that all viewers have, and how a viewer adds its own. */

export type CommonAction =
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

export const COMMON_KEYS: Readonly<Record<string, CommonAction>> = {
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

const SHIFTED: Readonly<Record<string, CommonAction>> = {
  ArrowLeft: 'cursor-left',
  ArrowRight: 'cursor-right',
  ArrowUp: 'cursor-up',
  ArrowDown: 'cursor-down',
  Enter: 'act-add'
};

/** What a key does on the picture; `null` leaves it to the page. */
export function actionOf<A extends string>(event: KeyLike, keys: Readonly<Record<string, A>>): A | CommonAction | null {
  if (event.ctrlKey || event.metaKey || event.altKey) {
    return null;
  }
  if (event.shiftKey && event.key in SHIFTED) {
    return SHIFTED[event.key]!;
  }
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return keys[key] ?? null;
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

/** A key pressed anywhere in a viewer: does what it stands for, unless somebody types or presses a button. */
export function handleKey<A extends string>(
  event: KeyboardEvent,
  keys: Readonly<Record<string, A>>,
  side: HTMLElement,
  perform: (action: A | CommonAction) => void
): void {
  const action = actionOf(event, keys);
  if (!action || event.defaultPrevented) {
    return;
  }
  const { target } = event;
  const onControl = target instanceof Element && target.closest('button, summary, input, [role=slider]') !== null;
  const takesKey = isTyping(target) || (onControl && [' ', 'Enter'].includes(event.key));
  const inSide = target instanceof Node && side.contains(target) && event.key.startsWith('Arrow');
  if (action !== 'cancel' && (takesKey || inSide)) {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
  perform(action);
}

/** A section of the help: keys with spaces between them, and what they do. */
export type HelpSection = readonly [title: string, keys: readonly (readonly [keys: string, text: string])[]];

export const WINDOW_HELP: HelpSection = [
  'Window',
  [
    ['o', 'side panel'],
    ['f', 'full window'],
    ['w', 'save'],
    ['c', 'copy as code'],
    ['?', 'this help'],
    ['Esc', 'cancel, close']
  ]
];
