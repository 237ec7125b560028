/** What pointer and keys do on the panels: pan, zoom, boxes, points, and the cross-hair. */

import type { GestureTarget, Hit, Tool } from './gestures';
import type { Overlay } from './overlay';
import type { Panel, Shown } from './pictures';
import type { PlotLayout } from './plot-layout';
import { cellsOf, type Point, type Rect, type Span } from './view';

export interface InteractionHost {
  readonly overlay: Overlay;
  readonly shown: Shown | null;
  readonly layout: PlotLayout | null;
  viewChanged(): void;
  select(panel: Panel, what: { box: Span } | { point: Point }, add: boolean): void;
  /** The cross-hair is over a cell, or over none. */
  cursorMoved(panel: Panel | null, cell: Point, at: Point, dragging: boolean): void;
}

/** How far under the panels their x axis takes the wheel, in pixels. */
const AXIS_ROOM = 42;

export class Interaction implements GestureTarget {
  private currentTool: Tool = 'pan';
  private cursor: Point | null = null;
  private cursorPanel = 0;
  /** The first corner of a box made by keys. */
  private corner: Point | null = null;

  constructor(private readonly host: InteractionHost) {}

  setTool(tool: Tool): void {
    this.currentTool = tool;
    this.cancelBox();
  }

  tool(): Tool {
    return this.currentTool;
  }

  /** Ends a box made by keys; says whether there was one. */
  cancelBox(): boolean {
    const had = this.corner !== null;
    this.corner = null;
    this.host.overlay.drawBand(null, 'box');
    return had;
  }

  /** Another picture: nothing is under the pointer until it moves. */
  forget(): void {
    this.cursor = null;
    this.corner = null;
    this.tell(false);
  }

  reset(): void {
    this.host.shown?.view.reset();
    this.host.viewChanged();
  }

  /** At the cross-hair where it is in view, else at the middle. */
  zoomBy(factor: number): void {
    const view = this.host.shown?.view;
    if (view) {
      const { x0, x1, y0, y1 } = view.range;
      const middle = { x: (x0 + x1) / 2, y: (y0 + y1) / 2 };
      view.zoomAt(this.cursor && inSpan(this.cursor, view.range) ? this.cursor : middle, factor, factor);
      this.host.viewChanged();
    }
  }

  /** Moves by a share of what is seen. */
  panByShare(fx: number, fy: number): void {
    const view = this.host.shown?.view;
    if (view) {
      const { x0, x1, y0, y1 } = view.range;
      view.panBy(fx * (x1 - x0), fy * (y1 - y0));
      this.host.viewChanged();
    }
  }

  /** Moves the cross-hair by cells; the first time it appears in the middle. */
  moveCursor(dx: number, dy: number): void {
    const view = this.host.shown?.view;
    if (!view) {
      return;
    }
    const { x0, x1, y0, y1 } = view.range;
    const from = this.cursor ?? { x: (x0 + x1) / 2 - dx, y: (y0 + y1) / 2 - dy };
    const inside = (v: number, size: number): number => Math.min(size - 1, Math.max(0, Math.floor(v))) + 0.5;
    this.cursor = { x: inside(from.x + dx, view.nx), y: inside(from.y + dy, view.ny) };
    const { x, y } = this.cursor;
    const outside = (v: number, lo: number, hi: number): number => (v < lo ? v - 0.5 - lo : v > hi ? v + 0.5 - hi : 0);
    if (!inSpan(this.cursor, view.range)) {
      view.panBy(outside(x, x0, x1), outside(y, y0, y1));
      this.host.viewChanged();
    }
    this.drawCorner();
    this.tell(false);
  }

  /** Uses the tool at the cross-hair: a box gets its first corner there, then its second. */
  actAtCursor(add: boolean): void {
    const { shown } = this.host;
    const panel = shown?.panels[this.cursorPanel];
    if (!shown || !panel || !this.cursor || this.currentTool === 'pan') {
      return;
    }
    const cell = floor(this.cursor);
    if (this.currentTool === 'point') {
      this.host.select(panel, { point: cell }, add);
    } else if (!this.corner) {
      this.corner = cell;
      this.drawCorner();
    } else {
      const [a, b] = around(this.corner, cell);
      this.cancelBox();
      this.finishBox(panel, a, b, add);
    }
  }

  // ---- by pointer

  hit(point: Point): Hit | null {
    const { layout, shown } = this.host;
    const count = layout && shown ? shown.panels.length : 0;
    for (let i = 0; i < count; i += 1) {
      const r = layout!.panels[i]!;
      const inX = point.x >= r.x && point.x <= r.x + r.width;
      const inY = point.y >= r.y && point.y <= r.y + r.height;
      const below = point.y - r.y - r.height;
      if (inX && inY) {
        return { panel: i, zone: 'picture' };
      }
      if (inX && i + layout!.columns >= count && below > 0 && below < AXIS_ROOM) {
        return { panel: i, zone: 'x' };
      }
      if (inY && i % layout!.columns === 0 && point.x < r.x) {
        return { panel: i, zone: 'y' };
      }
    }
    return null;
  }

  pan(panel: number, dx: number, dy: number): void {
    const rect = this.rect(panel);
    const view = this.host.shown?.view;
    if (rect && view) {
      const { x0, x1, y0, y1 } = view.range;
      view.panBy((-dx / rect.width) * (x1 - x0), (dy / rect.height) * (y1 - y0));
      this.host.viewChanged();
    }
  }

  zoom(panel: number, at: Point, fx: number, fy: number): void {
    const rect = this.rect(panel);
    const view = this.host.shown?.view;
    if (rect && view) {
      view.zoomAt(view.toCell(at, rect), fx, fy);
      this.host.viewChanged();
    }
  }

  band(panel: number, from: Point, to: Point | null): void {
    const r = this.rect(panel);
    if (!r || !to) {
      this.host.overlay.drawBand(null, 'box');
      return;
    }
    const inX = (v: number): number => Math.min(r.x + r.width, Math.max(r.x, v));
    const inY = (v: number): number => Math.min(r.y + r.height, Math.max(r.y, v));
    const [ax, bx, ay, by] = [inX(from.x), inX(to.x), inY(from.y), inY(to.y)];
    const rect = { x: Math.min(ax, bx), y: Math.min(ay, by), width: Math.abs(bx - ax), height: Math.abs(by - ay) };
    this.host.overlay.drawBand(rect, this.currentTool === 'zoom' ? 'zoom' : 'box');
  }

  box(panel: number, from: Point, to: Point, add: boolean): void {
    const rect = this.rect(panel);
    const { shown } = this.host;
    if (rect && shown) {
      this.finishBox(shown.panels[panel]!, shown.view.toCell(from, rect), shown.view.toCell(to, rect), add);
    }
  }

  tap(panel: number, at: Point, add: boolean): void {
    const rect = this.rect(panel);
    const { shown } = this.host;
    if (rect && shown && this.currentTool === 'point') {
      const cell = shown.view.toCell(at, rect);
      if (shown.view.contains(cell)) {
        this.host.select(shown.panels[panel]!, { point: floor(cell) }, add);
      }
    }
  }

  hover(at: Point | null, dragging: boolean): void {
    const hit = at && this.hit(at);
    const rect = hit?.zone === 'picture' ? this.rect(hit.panel) : undefined;
    const view = this.host.shown?.view;
    this.cursor = null;
    if (at && hit && rect && view) {
      const cell = view.toCell(at, rect);
      this.cursor = view.contains(cell) ? cell : null;
      this.cursorPanel = hit.panel;
    }
    this.tell(dragging);
  }

  /** Draws the cross-hair anew: the view has changed under it. */
  drawCross(): void {
    const { shown, layout, overlay } = this.host;
    if (shown && layout) {
      overlay.drawCross(this.cursor, shown.view, layout, shown.panels.length);
    }
  }

  private finishBox(panel: Panel, a: Point, b: Point, add: boolean): void {
    const view = this.host.shown!.view;
    if (this.currentTool === 'zoom') {
      view.set({ x0: a.x, x1: b.x, y0: a.y, y1: b.y });
      this.host.viewChanged();
      return;
    }
    const span = cellsOf(a, b, view);
    if (span) {
      this.host.select(panel, { box: span }, add);
    }
  }

  private rect(panel: number): Rect | undefined {
    return this.host.layout?.panels[panel];
  }

  /** The box from the first corner to the cross-hair. */
  private drawCorner(): void {
    const rect = this.rect(this.cursorPanel);
    const view = this.host.shown?.view;
    if (this.corner && this.cursor && view && rect) {
      const [a, b] = around(this.corner, floor(this.cursor));
      this.band(this.cursorPanel, view.toScreen(a, rect), view.toScreen(b, rect));
    }
  }

  private tell(dragging: boolean): void {
    const { shown } = this.host;
    const rect = this.rect(this.cursorPanel);
    const panel = shown?.panels[this.cursorPanel];
    this.drawCross();
    if (shown && rect && panel && this.cursor) {
      this.host.cursorMoved(panel, floor(this.cursor), shown.view.toScreen(this.cursor, rect), dragging);
    } else {
      this.host.cursorMoved(null, { x: 0, y: 0 }, { x: 0, y: 0 }, dragging);
    }
  }
}

function floor({ x, y }: Point): Point {
  return { x: Math.floor(x), y: Math.floor(y) };
}

/** The outer corners of the box that holds both cells. */
function around(a: Point, b: Point): [Point, Point] {
  return [
    { x: Math.min(a.x, b.x), y: Math.min(a.y, b.y) },
    { x: Math.max(a.x, b.x) + 1, y: Math.max(a.y, b.y) + 1 }
  ];
}

function inSpan(point: Point, span: Span): boolean {
  return point.x >= span.x0 && point.x <= span.x1 && point.y >= span.y0 && point.y <= span.y1;
}
