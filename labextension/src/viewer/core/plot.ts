/** Panels of one picture with linked zoom: tiles under axes, with tools. Rasters use it, and images will. */

import { Frame, listen } from './dom';
import { Gestures, type Tool } from './gestures';
import { Interaction } from './interaction';
import type { Overlay } from './overlay';
import { type Panel, Pictures, type Scene, type Shown } from './pictures';
import { labelRoom, layoutPlot, type PlotLayout } from './plot-layout';
import type { ColourScale } from './renderer';
import { Screen } from './screen';
import { valueAt } from './tiles';
import type { Failure } from './transport';
import type { Point, Span } from './view';

export { type Panel, sameCells, type Scene } from './pictures';

export interface Hover {
  panel: Panel;
  cell: Point;
  at: Point;
  value: number;
  flagged: number;
  exact: boolean;
}

export interface Selection {
  iteration: number | null;
  boxes: readonly Span[];
  points: readonly Point[];
}

export interface PlotHost {
  hover(hover: Hover | null, dragging: boolean): void;
  select(panel: Panel, what: { box: Span } | { point: Point }, add: boolean): void;
  /** How many tiles of the newest picture are still to come, and whether it is on the screen since now. */
  loading(missing: number, swapped: boolean): void;
  failed(failure: Failure): void;
  /** Layout has changed: the colour bar moves with it. */
  layout(layout: PlotLayout): void;
}

const NOTHING: Selection = { iteration: null, boxes: [], points: [] };
/** Milliseconds of rest after which a new view asks for its tiles. */
const DEBOUNCE = 70;

export class Plot {
  readonly element: HTMLElement;
  readonly interaction: Interaction;
  readonly overlay: Overlay;
  layout: PlotLayout | null = null;
  private readonly screen: Screen;
  private readonly frame: Frame;
  private readonly gestures: Gestures;
  private readonly pictures: Pictures;
  private colours: ColourScale | null = null;
  private selection = NOTHING;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly host: PlotHost,
    signal: AbortSignal
  ) {
    this.frame = new Frame(() => this.draw(), signal);
    this.screen = new Screen(() => this.frame.request(), signal);
    this.element = this.screen.element;
    this.overlay = this.screen.overlay;
    this.pictures = new Pictures({
      pixels: () => this.panelPixels(),
      forget: tile => this.screen.forget(tile),
      changed: (missing, swapped) => {
        this.frame.request();
        host.loading(missing, swapped);
      },
      swapped: newScene => this.swapped(newScene),
      failed: failure => host.failed(failure)
    });
    this.interaction = new Interaction(this);
    this.gestures = new Gestures(this.element, this.interaction, signal);
    const observer = new ResizeObserver(() => this.measure());
    observer.observe(this.element);
    listen(window, 'resize', () => this.measure(), signal);
    signal.addEventListener('abort', () => {
      clearTimeout(this.timer);
      observer.disconnect();
      this.pictures.stop();
    });
  }

  get shown(): Shown | null {
    return this.pictures.shown;
  }

  get rendererKind(): string {
    return this.screen.kind;
  }

  /** Shows a picture as soon as its tiles are there; until then the old one stays. */
  show(scene: Scene, panels: readonly Panel[], rows: number, columns: number): void {
    this.pictures.show(scene, panels, rows, columns);
  }

  clear(): void {
    this.pictures.clear();
    this.overlay.clear();
    this.frame.request();
  }

  retry(): void {
    this.pictures.retry();
  }

  setColours(colours: ColourScale): void {
    this.colours = colours;
    this.frame.request();
  }

  setSelection(selection: Selection): void {
    this.selection = selection;
    this.frame.request();
  }

  setTool(tool: Tool): void {
    this.cancelDrag();
    this.interaction.setTool(tool);
    this.element.dataset.tool = tool;
  }

  /** Ends a box without a result; says whether there was one. */
  cancelDrag(): boolean {
    const dragged = this.gestures.cancel();
    return this.interaction.cancelBox() || dragged;
  }

  viewChanged(): void {
    this.frame.request();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.pictures.request(), DEBOUNCE);
  }

  select: PlotHost['select'] = (panel, what, add) => this.host.select(panel, what, add);

  cursorMoved(panel: Panel | null, cell: Point, at: Point, dragging: boolean): void {
    if (!panel) {
      this.host.hover(null, dragging);
      return;
    }
    const found = valueAt(this.pictures.tilesOf(panel), cell.x, cell.y) ?? { value: NaN, flagged: NaN, exact: false };
    this.host.hover({ panel, cell, at, ...found }, dragging);
  }

  private swapped(newScene: boolean): void {
    const before = this.layout?.panels[0];
    this.relayout();
    const after = this.layout?.panels[0];
    if (newScene) {
      this.interaction.forget();
    }
    if (before && after && (before.width !== after.width || before.height !== after.height)) {
      this.viewChanged();
    }
    this.frame.request();
  }

  private measure(): void {
    if (this.screen.measure()) {
      this.relayout();
      this.viewChanged();
    }
  }

  private relayout(): void {
    const { shown } = this;
    const { width, height } = this.screen;
    if (shown && width > 0) {
      this.layout = layoutPlot(width, height, {
        rows: shown.rows,
        columns: shown.columns,
        titles: shown.panels.some(panel => panel.title !== ''),
        labels: labelRoom(shown.scene.y)
      });
      this.host.layout(this.layout);
    }
  }

  private panelPixels(): { width: number; height: number } | null {
    const rect = this.layout?.panels[0];
    const { ratio } = this.screen;
    return rect ? { width: rect.width * ratio, height: rect.height * ratio } : null;
  }

  private draw(): void {
    const { shown, layout, colours } = this;
    if (this.screen.width === 0 || !colours) {
      return;
    }
    if (!shown || !layout) {
      this.screen.draw([], colours);
      return;
    }
    const view = shown.view.range;
    this.screen.draw(
      shown.panels.map((panel, i) => ({ rect: layout.panels[i]!, view, tiles: this.pictures.tilesOf(panel) })),
      colours
    );
    const panels = shown.panels.map(panel => ({
      title: panel.title,
      selection: [null, panel.iteration].includes(this.selection.iteration) ? this.selection : NOTHING
    }));
    this.overlay.draw({ layout, panels, x: shown.scene.x, y: shown.scene.y, view: shown.view });
    this.interaction.drawCross();
  }
}
