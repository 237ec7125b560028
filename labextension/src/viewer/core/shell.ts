/** The frame of every viewer: toolbar, stage, side panel, status line; full window, drawer, help. */

import { h, listen, setAttributes } from './dom';
import { button } from './fields';
import { type HelpSection, isTyping } from './keymap';
import { Card, Notices, StatusLine } from './states';
import { type ToolItem, Toolbar } from './toolbar';

export type ViewState = 'empty' | 'loading' | 'ready' | 'stale' | 'error' | 'offline';

export interface ShellOptions {
  /** What it is, for screen readers. */
  label: string;
  tools: readonly ToolItem[];
  help: readonly HelpSection[];
  cancel(): void;
}

export interface MountOptions {
  /** A PNG as data URL: the last picture, shown where nobody answers. */
  snapshot?: string;
  /** Called when the kernel has answered for the first time. */
  onLive?: () => void;
  /** Whether a server answers and not a notebook's kernel: there is no cell to run again then. */
  served?: boolean;
}

/** Under this width the side panel is a drawer; under the second one the toolbar is a menu. */
export const DRAWER = 520;
export const FOLDED = 360;
/** From this width on the side panel is open from the start. */
const ROOMY = 640;

export class Shell {
  readonly root: HTMLElement;
  readonly stage: HTMLElement;
  readonly side: HTMLElement;
  readonly toolbar: Toolbar;
  readonly card: Card;
  readonly notices: Notices;
  readonly status: StatusLine;
  private readonly help: HTMLElement;
  private readonly busyLine = h('div', { class: 'dsa-busy-line', hidden: true, 'aria-hidden': 'true' });
  /** Keys with Ctrl that are the viewer's all the same. */
  ownsKey: (event: KeyboardEvent) => boolean = () => false;
  private sideChosen = false;
  private isFull = false;

  constructor(
    private readonly host: HTMLElement,
    options: ShellOptions,
    signal: AbortSignal
  ) {
    this.toolbar = new Toolbar(options.tools, signal);
    this.card = new Card(signal);
    this.notices = new Notices(signal);
    this.status = new StatusLine(() => options.cancel(), signal);
    this.help = this.makeHelp(options.help, signal);
    this.stage = h('div', { class: 'dsa-stage', tabindex: 0, role: 'application', 'aria-label': `${options.label}: picture. Press ? for the keys.` });
    this.stage.append(this.busyLine, this.notices.element, this.card.element);
    this.side = h('aside', { class: 'dsa-side', 'aria-label': 'Controls' });
    this.root = h(
      'div',
      {
        class: 'dsa-root',
        role: 'region',
        'aria-label': options.label,
        'data-state': 'loading',
        'data-generation': '0',
        'data-side': 'open'
      },
      this.toolbar.element,
      h('div', { class: 'dsa-body' }, this.stage, this.side),
      this.status.element,
      this.help
    );
    host.append(this.root);
    const observer = new ResizeObserver(() => this.adapt());
    observer.observe(this.root);
    listen(this.stage, 'pointerdown', () => this.stage.focus({ preventScroll: true }), signal);
    // Before anybody else: JupyterLab listens at the document.
    window.addEventListener('keydown', event => this.keepKeys(event), { capture: true, signal });
    signal.addEventListener('abort', () => {
      observer.disconnect();
      this.setFull(false);
      this.root.remove();
    });
  }

  set state(state: ViewState) {
    if (this.root.dataset.state !== state) {
      this.root.dataset.state = state;
      this.root.setAttribute('aria-busy', String(state === 'loading' || state === 'stale'));
    }
    this.busyLine.hidden = state !== 'stale';
  }

  get state(): ViewState {
    return this.root.dataset.state as ViewState;
  }

  get full(): boolean {
    return this.isFull;
  }

  toggleSide(): void {
    this.sideChosen = true;
    this.openSide(this.root.dataset.side !== 'open');
  }

  /** The whole browser window, above everything else on the page. */
  setFull(full: boolean): void {
    if (full === this.isFull) {
      return;
    }
    this.isFull = full;
    if (full) {
      // The place in the page stays as high as it was.
      this.host.style.minHeight = `${this.root.offsetHeight}px`;
      this.root.classList.add('dsa-full');
      if ('popover' in this.root) {
        this.root.popover = 'manual';
        this.root.showPopover();
      }
    } else {
      this.root.classList.remove('dsa-full');
      this.root.removeAttribute('popover');
      this.host.style.minHeight = '';
    }
    this.toolbar.press('full', full);
  }

  toggleHelp(): void {
    this.help.hidden = !this.help.hidden;
    if (!this.help.hidden) {
      this.help.querySelector('button')?.focus();
    } else {
      this.stage.focus({ preventScroll: true });
    }
  }

  /** Closes what lies over the picture; says whether there was anything. */
  dismiss(): boolean {
    if (!this.help.hidden) {
      this.toggleHelp();
      return true;
    }
    if (this.root.dataset.width !== 'wide' && this.root.dataset.side === 'open') {
      this.openSide(false);
      return true;
    }
    if (this.isFull) {
      this.setFull(false);
      return true;
    }
    return false;
  }

  /**
   * Single keys are for the viewer, not for the notebook's command mode: JupyterLab leaves alone what has this
   * attribute. It has to be on the element in focus. Keys with Ctrl stay JupyterLab's, but where one types, or
   * the viewer has a use for them.
   */
  private keepKeys(event: KeyboardEvent): void {
    const [target] = event.composedPath();
    if (target instanceof Element && this.root.contains(target)) {
      const ours = isTyping(target) || !(event.ctrlKey || event.metaKey) || this.ownsKey(event);
      setAttributes(target, { 'data-lm-suppress-shortcuts': ours ? 'true' : null });
    }
  }

  private openSide(open: boolean): void {
    this.root.dataset.side = open ? 'open' : 'closed';
    this.toolbar.press('side', open);
  }

  private adapt(): void {
    const width = this.root.clientWidth;
    if (width === 0) {
      return;
    }
    const before = this.root.dataset.width;
    this.root.dataset.width = width < FOLDED ? 'folded' : width < DRAWER ? 'narrow' : 'wide';
    if (before !== this.root.dataset.width || !this.sideChosen) {
      const wide = this.root.dataset.width === 'wide';
      if (!wide && before !== this.root.dataset.width) {
        this.sideChosen = false;
      }
      if (!this.sideChosen) {
        this.openSide(wide && width >= ROOMY);
      }
    }
  }

  private makeHelp(sections: readonly HelpSection[], signal: AbortSignal): HTMLElement {
    const close = button({ icon: 'close', label: 'Close', key: 'Esc', class: 'dsa-small' }, () => this.toggleHelp(), signal);
    const groups = sections.map(([title, keys]) =>
      h(
        'section',
        {},
        h('h3', {}, title),
        h('dl', {}, ...keys.flatMap(([key, text]) => [h('dt', {}, ...keyCaps(key)), h('dd', {}, text)]))
      )
    );
    return h(
      'div',
      { class: 'dsa-help dsa-card', hidden: true, role: 'dialog', 'aria-label': 'Keys' },
      h('header', {}, h('h2', {}, 'Keys and pointer'), close),
      h('div', { class: 'dsa-help-groups' }, ...groups)
    );
  }
}

/** Words as they are, keys as caps. */
function keyCaps(keys: string): HTMLElement[] {
  const words = ['drag', 'click', 'wheel', 'pinch', 'on', 'an', 'axis'];
  return keys.split(' ').map(key => (words.includes(key) ? h('span', {}, `${key} `) : h('kbd', {}, key)));
}
