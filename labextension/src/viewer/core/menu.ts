/** A menu that drops from a button: arrow keys, Enter, Esc, and a press outside closes it. */

import { h, listen } from './dom';
import { icon, type IconName } from './icons';

export interface MenuItem {
  label: string;
  icon?: IconName;
  key?: string;
  name?: string;
  press(): void;
}

export class Menu {
  private readonly list: HTMLElement;
  private opened: AbortController | null = null;

  constructor(
    private readonly anchor: HTMLButtonElement,
    private readonly items: () => readonly MenuItem[],
    private readonly signal: AbortSignal
  ) {
    this.list = h('div', { class: 'dsa-menu', role: 'menu', hidden: true, 'aria-label': anchor.getAttribute('aria-label') });
    anchor.setAttribute('aria-haspopup', 'menu');
    anchor.setAttribute('aria-expanded', 'false');
    anchor.after(this.list);
    listen(anchor, 'click', () => this.toggle(), signal);
    signal.addEventListener('abort', () => this.close());
  }

  toggle(): void {
    if (this.opened) {
      this.close();
    } else {
      this.open();
    }
  }

  open(): void {
    this.opened?.abort();
    const opened = new AbortController();
    this.opened = opened;
    this.list.replaceChildren(...this.items().map(item => this.entry(item, opened.signal)));
    this.list.hidden = false;
    this.place();
    this.anchor.setAttribute('aria-expanded', 'true');
    this.entries()[0]?.focus();
    listen(this.list, 'keydown', event => this.key(event), opened.signal);
    const outside = (event: Event): void => {
      const path = event.composedPath();
      if (!path.includes(this.list) && !path.includes(this.anchor)) {
        this.close(false);
      }
    };
    document.addEventListener('pointerdown', outside, { capture: true, signal: opened.signal });
  }

  close(refocus = true): void {
    if (!this.opened) {
      return;
    }
    this.opened.abort();
    this.opened = null;
    this.list.hidden = true;
    this.anchor.setAttribute('aria-expanded', 'false');
    if (refocus && !this.signal.aborted) {
      this.anchor.focus();
    }
  }

  private place(): void {
    // Against the edge of the toolbar where it would stick out.
    const host = this.list.offsetParent;
    if (host instanceof HTMLElement) {
      const left = this.anchor.offsetLeft;
      this.list.style.left = `${Math.max(4, Math.min(left, host.clientWidth - this.list.offsetWidth - 4))}px`;
    }
  }

  private entry(item: MenuItem, signal: AbortSignal): HTMLElement {
    const element = h(
      'button',
      { type: 'button', class: 'dsa-menu-item', role: 'menuitem', 'data-action': item.name },
      item.icon ? icon(item.icon) : h('span', { class: 'dsa-icon' }),
      h('span', { class: 'dsa-menu-label' }, item.label),
      item.key ? h('kbd', {}, item.key) : null
    );
    listen(
      element,
      'click',
      () => {
        this.close();
        item.press();
      },
      signal
    );
    return element;
  }

  private entries(): HTMLElement[] {
    return [...this.list.querySelectorAll<HTMLElement>('.dsa-menu-item')];
  }

  private key(event: KeyboardEvent): void {
    const entries = this.entries();
    const at = entries.indexOf(document.activeElement as HTMLElement);
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) {
      entries[(at + move + entries.length) % entries.length]?.focus();
    } else if (event.key === 'Home' || event.key === 'End') {
      entries[event.key === 'Home' ? 0 : entries.length - 1]?.focus();
    } else if (event.key === 'Escape') {
      this.close();
    } else if (event.key === 'Tab') {
      this.close();
      return;
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}
