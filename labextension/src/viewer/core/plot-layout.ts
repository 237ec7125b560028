/** Where panels, axis labels and the colour bar go on a stage of a given size. */

import type { Axis } from './axis';
import { decimals, formatNumber, formatTime } from './format';
import type { Rect } from './view';

export interface PlotLayout {
  panels: Rect[];
  rows: number;
  columns: number;
  /** The smallest rectangle around all panels. */
  area: Rect;
  bar: { rect: Rect; vertical: boolean };
  /** Room for one panel's title above it, 0 where there are none. */
  titleHeight: number;
}

export interface LayoutWish {
  rows: number;
  columns: number;
  titles: boolean;
  /** Pixels that the y tick labels need. */
  labels: number;
}

/** Under this width the colour bar lies under the picture. */
export const NARROW = 520;
export const FONT_SIZE = 11;
/** Of the titles of axes. */
const TITLE_SIZE = 12;
const TITLE = 18;
const AXIS_TITLE = 18;
const TICK = 7;
const GAP = 10;

export function layoutPlot(width: number, height: number, wish: LayoutWish): PlotLayout {
  const vertical = width >= NARROW;
  const titleHeight = wish.titles ? TITLE : 0;
  const left = AXIS_TITLE + TICK + wish.labels;
  const right = vertical ? 90 : 16;
  const top = 8;
  const under = TICK + FONT_SIZE + 6 + AXIS_TITLE;
  const bottom = under + (vertical ? 0 : 56);
  const area: Rect = {
    x: left,
    y: top,
    width: Math.max(20, width - left - right),
    height: Math.max(20, height - top - bottom)
  };
  const cellWidth = (area.width - GAP * (wish.columns - 1)) / wish.columns;
  const cellHeight = (area.height - GAP * (wish.rows - 1)) / wish.rows;
  const panels: Rect[] = [];
  for (let row = 0; row < wish.rows; row += 1) {
    for (let column = 0; column < wish.columns; column += 1) {
      panels.push({
        x: Math.round(area.x + column * (cellWidth + GAP)),
        y: Math.round(area.y + row * (cellHeight + GAP) + titleHeight),
        width: Math.max(8, Math.round(cellWidth)),
        height: Math.max(8, Math.round(cellHeight - titleHeight))
      });
    }
  }
  const rect: Rect = vertical
    ? { x: width - right + 14, y: area.y + titleHeight, width: 14, height: area.height - titleHeight }
    : { x: area.x, y: area.y + area.height + under + 6, width: area.width, height: 10 };
  return { panels, rows: wish.rows, columns: wish.columns, area, bar: { rect, vertical }, titleHeight };
}

let context: CanvasRenderingContext2D | null | undefined;

/** Width of a text in the axis font, in pixels. */
export function textWidth(text: string): number {
  if (context === undefined) {
    context = document.createElement('canvas').getContext('2d');
    if (context) {
      context.font = `${FONT_SIZE}px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif`;
    }
  }
  return context ? context.measureText(text).width : text.length * 6.2;
}

export const LONGEST_LABEL = 110;

/** The room y tick labels may need at any zoom, so that zooming moves nothing. */
export function labelRoom(axis: Axis): number {
  if (axis.kind === 'time') {
    return textWidth(formatTime(0, Math.min(1, axis.step || 1))) + 4;
  }
  if (axis.kind === 'number') {
    const digits = decimals(axis.step || 1);
    const texts = axis.ends.map(v => formatNumber(v, 10 ** -Math.min(digits, 4)));
    return Math.max(30, ...texts.map(textWidth)) + 4;
  }
  let longest = 0;
  const every = Math.max(1, Math.floor(axis.size / 400));
  for (let cell = 0; cell < axis.size; cell += every) {
    longest = Math.max(longest, axis.labelOf(cell).length);
  }
  let room = 24;
  for (let cell = 0; cell < axis.size; cell += every) {
    const label = axis.labelOf(cell);
    if (label.length >= longest - 1) {
      room = Math.max(room, textWidth(label));
    }
  }
  return Math.min(room, LONGEST_LABEL) + 4;
}

/** Shortens a text to a width, with an ellipsis. */
export function fit(text: string, width: number): string {
  if (textWidth(text) <= width) {
    return text;
  }
  let end = text.length - 1;
  while (end > 1 && textWidth(`${text.slice(0, end)}…`) > width) {
    end -= 1;
  }
  return `${text.slice(0, end).trimEnd()}…`;
}

/** A title about a middle, between two places: moved aside where it would go over an end, shortened where it is longer than all of it. */
export function placeTitle(text: string, middle: number, from: number, to: number): { text: string; at: number } {
  const scale = TITLE_SIZE / FONT_SIZE;
  const shown = fit(text, (to - from) / scale);
  const half = Math.min(textWidth(shown) * scale, to - from) / 2;
  return { text: shown, at: Math.min(to - half, Math.max(from + half, middle)) };
}
