/** Tabs over the stage: one picture in front at a time. */

import { h, listen, uid } from '../core/dom';
import { type Tab, TABS } from './protocol';

const NAMES: Readonly<Record<Tab, string>> = { map: 'Map', uv: 'uv coverage', lengths: 'Baseline lengths' };

export class Tabs {
  readonly element = h('div', { class: 'dsa-tabs', role: 'tablist', 'aria-label': 'Pictures of the array' });
  readonly panels: Readonly<Record<Tab, HTMLElement>>;
  private readonly buttons = new Map<Tab, HTMLButtonElement>();

  constructor(choose: (tab: Tab) => void, signal: AbortSignal) {
    const make = (tab: Tab): HTMLElement => {
      const [id, panelId] = [uid('tab'), uid('panel')];
      const press = h('button', { type: 'button', class: 'dsa-tab', role: 'tab', id, 'aria-controls': panelId, 'data-tab': tab }, NAMES[tab]);
      listen(press, 'click', () => choose(tab), signal);
      this.buttons.set(tab, press);
      this.element.append(press);
      return h('div', { class: 'dsa-tab-panel', role: 'tabpanel', id: panelId, 'aria-labelledby': id, 'data-panel': tab });
    };
    this.panels = { map: make('map'), uv: make('uv'), lengths: make('lengths') };
    listen(
      this.element,
      'keydown',
      event => {
        const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        const at = TABS.findIndex(tab => this.buttons.get(tab) === event.target);
        if (move && at >= 0) {
          const next = TABS[(at + move + TABS.length) % TABS.length]!;
          choose(next);
          this.buttons.get(next)?.focus();
          event.preventDefault();
          event.stopPropagation();
        }
      },
      signal
    );
  }

  show(tab: Tab): void {
    for (const name of TABS) {
      const front = name === tab;
      const press = this.buttons.get(name)!;
      press.setAttribute('aria-selected', String(front));
      press.tabIndex = front ? 0 : -1;
      this.panels[name].hidden = !front;
    }
  }
}
