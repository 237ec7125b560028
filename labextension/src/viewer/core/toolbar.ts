/** One row of icons with single-key hints; on a very narrow stage one menu. */

import { button } from './fields';
import { h } from './dom';
import type { IconName } from './icons';
import { Menu, type MenuItem } from './menu';

export interface ToolItem {
  name: string;
  icon: IconName;
  label: string;
  key?: string;
  /** Items of one group stand together. */
  group: string;
  /** A switch that shows whether it is on. */
  toggle?: boolean;
  press(): void;
  /** What drops down from it, instead of `press`. */
  menu?: () => readonly MenuItem[];
}

export class Toolbar {
  readonly element: HTMLElement;
  private readonly name = h('span', { class: 'dsa-name' });
  private readonly title = h('span', { class: 'dsa-title' });
  private readonly buttons = new Map<string, HTMLButtonElement>();
  private readonly menus = new Map<string, Menu>();

  constructor(items: readonly ToolItem[], signal: AbortSignal) {
    const tools = h('div', { class: 'dsa-tools' });
    let group: HTMLElement | null = null;
    let last = '';
    for (const item of items) {
      if (item.group !== last || !group) {
        group = h('div', { class: 'dsa-tool-group', role: 'group', 'data-group': item.group });
        tools.append(group);
        last = item.group;
      }
      const press = (): void => (item.menu ? undefined : item.press());
      const element = button({ icon: item.icon, label: item.label, key: item.key, name: item.name, class: 'dsa-tool' }, press, signal);
      if (item.toggle) {
        element.setAttribute('aria-pressed', 'false');
      }
      group.append(element);
      this.buttons.set(item.name, element);
      if (item.menu) {
        this.menus.set(item.name, new Menu(element, item.menu, signal));
      }
    }
    const fold = button({ icon: 'menu', label: 'Tools', name: 'menu', class: 'dsa-tool dsa-fold' }, () => undefined, signal);
    this.element = h(
      'div',
      { class: 'dsa-toolbar', role: 'toolbar', 'aria-label': 'Tools' },
      h('div', { class: 'dsa-heading' }, this.name, this.title),
      tools,
      fold
    );
    new Menu(
      fold,
      () =>
        items.flatMap(item =>
          item.menu?.() ?? [{ label: item.label, icon: item.icon, key: item.key, name: item.name, press: () => item.press() }]
        ),
      signal
    );
  }

  setTitle(name: string, title: string): void {
    this.name.textContent = name;
    this.name.title = name;
    this.title.textContent = title;
    this.title.title = title;
  }

  press(name: string, on: boolean): void {
    this.buttons.get(name)?.setAttribute('aria-pressed', String(on));
  }

  enable(name: string, on: boolean): void {
    const element = this.buttons.get(name);
    if (element) {
      element.disabled = !on;
    }
  }

  openMenu(name: string): void {
    this.menus.get(name)?.open();
  }
}
