/** A small card beside the pointer with what is under it. */

import { h } from './dom';
import type { Point } from './view';

export type Line = readonly [label: string, text: string];

const OFFSET = 14;

export class HoverCard {
  readonly element = h('div', { class: 'dsa-hover', hidden: true, 'aria-hidden': 'true' });
  private text = '';
  enabled = true;

  show(at: Point, lines: readonly Line[], stage: HTMLElement): void {
    if (!this.enabled || lines.length === 0) {
      this.hide();
      return;
    }
    const text = JSON.stringify(lines);
    if (text !== this.text) {
      this.text = text;
      this.element.replaceChildren(
        ...lines.flatMap(([label, value]) => [h('span', { class: 'dsa-hover-label' }, label), h('span', { class: 'dsa-num' }, value)])
      );
    }
    this.element.hidden = false;
    const { offsetWidth: w, offsetHeight: height } = this.element;
    const x = at.x + OFFSET + w > stage.clientWidth ? at.x - OFFSET - w : at.x + OFFSET;
    const y = at.y + OFFSET + height > stage.clientHeight ? at.y - OFFSET - height : at.y + OFFSET;
    this.element.style.transform = `translate(${Math.round(Math.max(2, x))}px, ${Math.round(Math.max(2, y))}px)`;
  }

  hide(): void {
    this.element.hidden = true;
  }
}
