/** What lies over the picture, in SVG: axes, titles, gaps, selection, cross-hair, rubber band. */

import type { Axis } from './axis';
import { s, setAttributes, uid } from './dom';
import { fit, FONT_SIZE, LONGEST_LABEL, placeTitle, type PlotLayout, textWidth } from './plot-layout';
import { axisTicks, type Tick } from './ticks';
import type { Point, Rect, Span, View } from './view';

export interface OverlayPanel {
  title: string;
  selection: { boxes: readonly Span[]; points: readonly Point[] };
}

export interface OverlayScene {
  layout: PlotLayout;
  panels: readonly OverlayPanel[];
  x: Axis;
  y: Axis;
  view: View;
}

const TICK = 5;
/** Gaps nearer to each other than this are not drawn: they would hide the picture. */
const GAP_ROOM = 12;

export class Overlay {
  readonly element: SVGSVGElement;
  private readonly clips = s('defs');
  private readonly axes = s('g', { class: 'dsa-axes' });
  private readonly selections = s('g', { class: 'dsa-selections' });
  private readonly cross = s('g', { class: 'dsa-cross' });
  private readonly band = s('rect', { class: 'dsa-band', visibility: 'hidden' });
  private readonly id = uid('clip');
  private width = 0;
  private height = 0;

  constructor() {
    this.element = s(
      'svg',
      { class: 'dsa-overlay', 'aria-hidden': 'true', focusable: 'false' },
      this.clips,
      this.axes,
      this.selections,
      this.cross,
      this.band
    );
  }

  resize(width: number, height: number): void {
    this.width = width;
    this.height = height;
    setAttributes(this.element, { width, height, viewBox: `0 0 ${width} ${height}` });
  }

  clear(): void {
    for (const group of [this.clips, this.axes, this.selections, this.cross]) {
      group.replaceChildren();
    }
  }

  /** Draws axes and selections anew. */
  draw(scene: OverlayScene): void {
    const { layout, panels } = scene;
    const axes: SVGElement[] = [];
    const selections: SVGElement[] = [];
    const clips: SVGElement[] = [];
    const ticks = this.ticks(scene);
    panels.forEach((panel, i) => {
      const rect = layout.panels[i];
      if (!rect) {
        return;
      }
      const column = i % layout.columns;
      const last = i + layout.columns >= panels.length;
      axes.push(...frame(rect), ...gaps(scene, rect), ...xAxis(rect, scene.view, ticks.x, last));
      axes.push(...yAxis(rect, scene.view, ticks.y, column === 0));
      if (layout.titleHeight > 0) {
        const text = s('text', { class: 'dsa-panel-title', x: rect.x + rect.width / 2, y: rect.y - 5 });
        text.textContent = fit(panel.title, rect.width);
        axes.push(text);
      }
      const clip = `${this.id}-${i}`;
      clips.push(s('clipPath', { id: clip }, s('rect', { ...rect })));
      selections.push(selection(panel, scene.view, rect, clip));
    });
    axes.push(...titles(scene, this.width, this.height));
    this.clips.replaceChildren(...clips);
    this.axes.replaceChildren(...axes);
    this.selections.replaceChildren(...selections);
  }

  /** Lines through the cell under the pointer, in every panel. */
  drawCross(cell: Point | null, view: View, layout: PlotLayout, shown: number): void {
    if (!cell) {
      this.cross.replaceChildren();
      return;
    }
    const lines: SVGElement[] = [];
    for (const rect of layout.panels.slice(0, shown)) {
      const { x, y } = view.toScreen({ x: Math.floor(cell.x) + 0.5, y: Math.floor(cell.y) + 0.5 }, rect);
      if (x >= rect.x && x <= rect.x + rect.width) {
        lines.push(s('line', { x1: x, x2: x, y1: rect.y, y2: rect.y + rect.height }));
      }
      if (y >= rect.y && y <= rect.y + rect.height) {
        lines.push(s('line', { x1: rect.x, x2: rect.x + rect.width, y1: y, y2: y }));
      }
    }
    this.cross.replaceChildren(...lines);
  }

  drawBand(rect: Rect | null, kind: 'zoom' | 'box'): void {
    if (rect) {
      setAttributes(this.band, { ...rect, visibility: 'visible', 'data-kind': kind });
    } else {
      setAttributes(this.band, { visibility: 'hidden' });
    }
  }

  private ticks({ layout, x, y, view }: OverlayScene): { x: Tick[]; y: Tick[] } {
    const rect = layout.panels[0]!;
    const { x0, x1, y0, y1 } = view.range;
    const widest = Math.max(60, Math.min(LONGEST_LABEL, rect.width / 2));
    return {
      x: axisTicks(x, { from: x0, to: x1, pixels: rect.width }, text => Math.min(textWidth(text), widest), 90),
      y: axisTicks(y, { from: y0, to: y1, pixels: rect.height }, () => FONT_SIZE + 1, 44)
    };
  }
}

function frame(rect: Rect): SVGElement[] {
  return [
    s('rect', { class: 'dsa-frame', x: rect.x - 0.5, y: rect.y - 0.5, width: rect.width + 1, height: rect.height + 1 })
  ];
}

function gaps({ x, y, view }: OverlayScene, rect: Rect): SVGElement[] {
  const { x0, x1, y0, y1 } = view.range;
  const lines: SVGElement[] = [];
  const across = x.gaps.filter(g => g > x0 && g < x1);
  if (across.length * GAP_ROOM <= rect.width) {
    for (const g of across) {
      const at = view.toScreen({ x: g, y: 0 }, rect).x;
      lines.push(s('line', { class: 'dsa-gap', x1: at, x2: at, y1: rect.y, y2: rect.y + rect.height }));
    }
  }
  const along = y.gaps.filter(g => g > y0 && g < y1);
  if (along.length * GAP_ROOM <= rect.height) {
    for (const g of along) {
      const at = view.toScreen({ x: 0, y: g }, rect).y;
      lines.push(s('line', { class: 'dsa-gap', x1: rect.x, x2: rect.x + rect.width, y1: at, y2: at }));
    }
  }
  return lines;
}

function xAxis(rect: Rect, view: View, ticks: readonly Tick[], labelled: boolean): SVGElement[] {
  const y = rect.y + rect.height;
  return ticks.flatMap(tick => {
    const x = view.toScreen({ x: tick.at, y: 0 }, rect).x;
    const line = s('line', { class: 'dsa-tick', x1: x, x2: x, y1: y, y2: y + TICK });
    if (!labelled) {
      return [line];
    }
    const text = s('text', { class: 'dsa-tick-label dsa-x', x, y: y + TICK + FONT_SIZE + 1 });
    text.textContent = fit(tick.text, Math.max(60, Math.min(LONGEST_LABEL, rect.width / 2)));
    return [line, text];
  });
}

function yAxis(rect: Rect, view: View, ticks: readonly Tick[], labelled: boolean): SVGElement[] {
  return ticks.flatMap(tick => {
    const y = view.toScreen({ x: 0, y: tick.at }, rect).y;
    const line = s('line', { class: 'dsa-tick', x1: rect.x - TICK, x2: rect.x, y1: y, y2: y });
    if (!labelled) {
      return [line];
    }
    const text = s('text', { class: 'dsa-tick-label dsa-y', x: rect.x - TICK - 3, y: y + FONT_SIZE * 0.36 });
    text.textContent = fit(tick.text, LONGEST_LABEL);
    return [line, text];
  });
}

function titles({ layout, x, y }: OverlayScene, width: number, height: number): SVGElement[] {
  const { area, panels } = layout;
  const bottom = Math.max(...panels.map(p => p.y + p.height));
  const right = Math.max(...panels.map(p => p.x + p.width));
  const top = Math.min(...panels.map(p => p.y));
  const below = placeTitle(x.title, (area.x + right) / 2, 0, width);
  const across = s('text', { class: 'dsa-axis-title dsa-x', x: below.at, y: bottom + TICK + 2 * FONT_SIZE + 11 });
  across.textContent = below.text;
  const beside = placeTitle(y.title, (top + bottom) / 2, 0, height);
  const along = s('text', { class: 'dsa-axis-title dsa-y', x: 13, y: beside.at, transform: `rotate(-90 13 ${beside.at})` });
  along.textContent = beside.text;
  return [across, along];
}

function selection({ selection: { boxes, points } }: OverlayPanel, view: View, rect: Rect, clip: string): SVGElement {
  const group = s('g', { 'clip-path': `url(#${clip})` });
  for (const box of boxes) {
    const a = view.toScreen({ x: box.x0, y: box.y1 }, rect);
    const b = view.toScreen({ x: box.x1, y: box.y0 }, rect);
    group.append(
      s('rect', { class: 'dsa-selected', x: a.x, y: a.y, width: Math.max(1, b.x - a.x), height: Math.max(1, b.y - a.y) })
    );
  }
  for (const point of points) {
    const { x, y } = view.toScreen({ x: point.x + 0.5, y: point.y + 0.5 }, rect);
    group.append(s('path', { class: 'dsa-selected', d: `M${x - 6} ${y}h12M${x} ${y - 6}v12` }));
    group.append(s('circle', { class: 'dsa-selected', cx: x, cy: y, r: 4 }));
  }
  return group;
}
