/** Ticks, labels and titles around the frame. The elements are used again: a pan makes none. */

import { s, setAttributes, setText } from '../core/dom';
import type { EdgeTick } from '../core/plane-stage';
import { FONT_SIZE, placeTitle, textWidth } from '../core/plot-layout';
import type { Rect } from '../core/view';

export const SIDES = ['left', 'bottom', 'right', 'top'] as const;
export type Side = (typeof SIDES)[number];

const TICK = 5;
/** Ticks of the upper and the right edge: there is less room. */
const SHORT = 3;
/** Height of a figure. */
const FIGURE = FONT_SIZE * 0.72;
/** Room between two labels, in pixels. */
const GAP = 6;

interface Mark {
  line: SVGLineElement;
  text: SVGTextElement;
}

export class Edges {
  readonly element = s('g');
  private readonly marks: Record<Side, Mark[]> = { left: [], bottom: [], right: [], top: [] };
  private readonly titles = { left: s('text', { class: 'dsa-axis-title' }), bottom: s('text', { class: 'dsa-axis-title' }) };

  constructor() {
    this.element.append(this.titles.left, this.titles.bottom);
  }

  /** Labels that would touch the one before, or go where others are, on a stage of this width, are left out. */
  set(side: Side, ticks: readonly EdgeTick[], rect: Rect, width: number): void {
    const marks = this.marks[side];
    const [least, most] = bounds(side, rect, width);
    let used = 0;
    let end = -Infinity;
    for (const tick of ticks) {
      const half = side === 'left' ? FONT_SIZE / 2 : textWidth(tick.text) / 2;
      if (tick.at - half >= Math.max(end, least) && tick.at + half <= most) {
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
  }

  /** Titles stay on a stage of this width and height. */
  setTitles({ left = '', bottom = '' }: { readonly left?: string; readonly bottom?: string }, rect: Rect, width: number, height: number): void {
    const across = placeTitle(bottom, rect.x + rect.width / 2, 0, width);
    const along = placeTitle(left, rect.y + rect.height / 2, 0, height);
    // Where there is no room beside the labels there is no title: the read-out says it, too.
    setText(this.titles.left, rect.x < 80 ? '' : along.text);
    setText(this.titles.bottom, across.text);
    setAttributes(this.titles.left, { x: 13, y: along.at, transform: `rotate(-90 13 ${along.at})` });
    setAttributes(this.titles.bottom, { x: across.at, y: rect.y + rect.height + TICK + 2 * FONT_SIZE + 12 });
  }

  private add(side: Side): Mark {
    const mark = { line: s('line', { class: 'dsa-tick' }), text: s('text', { class: `dsa-tick-label dsa-${side}` }) };
    this.element.append(mark.line, mark.text);
    this.marks[side].push(mark);
    return mark;
  }
}

/** Between which places along a side there may be text: in the corners it would meet that of the next side. */
function bounds(side: Side, { x, y, width, height }: Rect, stage: number): [number, number] {
  const wide: Record<Side, [number, number]> = {
    left: [-Infinity, Infinity],
    bottom: [-Infinity, stage],
    right: [y, y + height],
    top: [x, Math.min(x + width + FONT_SIZE, stage)]
  };
  return wide[side];
}

function place({ line, text }: Mark, side: Side, { at, text: words }: EdgeTick, rect: Rect): void {
  setText(text, words);
  const [right, bottom] = [rect.x + rect.width, rect.y + rect.height];
  if (side === 'bottom') {
    setAttributes(line, { x1: at, x2: at, y1: bottom, y2: bottom + TICK });
    setAttributes(text, { x: at, y: bottom + TICK + FONT_SIZE + 1 });
  } else if (side === 'top') {
    setAttributes(line, { x1: at, x2: at, y1: rect.y, y2: rect.y - SHORT });
    setAttributes(text, { x: at, y: rect.y - SHORT - 3 });
  } else if (side === 'left') {
    setAttributes(line, { x1: rect.x, x2: rect.x - TICK, y1: at, y2: at });
    setAttributes(text, { x: rect.x - TICK - 3, y: at + FONT_SIZE * 0.36 });
  } else {
    // Upright: the colour bar is near.
    const x = right + SHORT + 3 + FIGURE;
    setAttributes(line, { x1: right, x2: right + SHORT, y1: at, y2: at });
    setAttributes(text, { x, y: at, transform: `rotate(-90 ${x} ${at})` });
  }
}
