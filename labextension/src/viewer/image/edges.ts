/** Ticks, labels and titles around the frame. The elements are used again: a pan makes none. */

import { s, setAttributes, setText } from '../core/dom';
import type { EdgeTick } from '../core/plane-stage';
import { FONT_SIZE, textWidth } from '../core/plot-layout';
import type { Rect } from '../core/view';

export type Side = 'left' | 'bottom';

const TICK = 5;
/** Room between two labels, in pixels. */
const GAP = 6;

interface Mark {
  line: SVGLineElement;
  text: SVGTextElement;
}

export class Edges {
  readonly element = s('g');
  private readonly marks: Record<Side, Mark[]> = { left: [], bottom: [] };
  private readonly titles: Record<Side, SVGTextElement>;

  constructor() {
    const title = (): SVGTextElement => s('text', { class: 'dsa-axis-title' });
    this.titles = { left: title(), bottom: title() };
    this.element.append(this.titles.left, this.titles.bottom);
  }

  /** Labels that would touch the one before, or leave a stage of this width, are left out. */
  set(side: Side, ticks: readonly EdgeTick[], title: string, rect: Rect, width: number): void {
    const marks = this.marks[side];
    let used = 0;
    let end = -Infinity;
    for (const tick of ticks) {
      const half = side === 'bottom' ? textWidth(tick.text) / 2 : FONT_SIZE / 2;
      if (tick.at - half >= end && (side === 'left' || tick.at + half <= width)) {
        end = tick.at + half + GAP;
        place(marks[used] ?? this.add(side), side, tick, rect);
        used += 1;
      }
    }
    marks.forEach(({ line, text }, i) => {
      const visibility = i < used ? 'visible' : 'hidden';
      setAttributes(line, { visibility });
      setAttributes(text, { visibility });
    });
    const [cx, cy] = [rect.x + rect.width / 2, rect.y + rect.height / 2];
    // Where there is no room beside the labels there is no title: the read-out says it, too.
    setText(this.titles[side], side === 'left' && rect.x < 80 ? '' : title);
    setAttributes(
      this.titles[side],
      side === 'bottom'
        ? { x: cx, y: rect.y + rect.height + TICK + 2 * FONT_SIZE + 12 }
        : { x: 13, y: cy, transform: `rotate(-90 13 ${cy})` }
    );
  }

  private add(side: Side): Mark {
    const mark = { line: s('line', { class: 'dsa-tick' }), text: s('text', { class: `dsa-tick-label dsa-${side}` }) };
    this.element.append(mark.line, mark.text);
    this.marks[side].push(mark);
    return mark;
  }
}

function place({ line, text }: Mark, side: Side, tick: EdgeTick, rect: Rect): void {
  setText(text, tick.text);
  if (side === 'bottom') {
    const y = rect.y + rect.height;
    setAttributes(line, { x1: tick.at, x2: tick.at, y1: y, y2: y + TICK });
    setAttributes(text, { x: tick.at, y: y + TICK + FONT_SIZE + 1 });
  } else {
    setAttributes(line, { x1: rect.x, x2: rect.x - TICK, y1: tick.at, y2: tick.at });
    setAttributes(text, { x: rect.x - TICK - 3, y: tick.at + FONT_SIZE * 0.36 });
  }
}
