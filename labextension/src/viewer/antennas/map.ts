/** The map of the array: antennas in true metres, their baselines and names. */

import { ColourBar } from '../core/colourbar';
import { DEFAULT_COLORMAP, findColormap } from '../core/colormaps';
import { s, setAttributes } from '../core/dom';
import { formatPercent } from '../core/format';
import { spanOf } from '../core/plane';
import { PlaneStage } from '../core/plane-stage';
import { textWidth } from '../core/plot-layout';
import type { Point } from '../core/view';
import { CLASSES, classOf, classOfShare, colourOf, MARKS } from './colours';
import { nearest, nextTowards, place, type Placed, pointsOf, type Projection, projectionOf, shareOf } from './geometry';
import { placeLabels } from './labels';
import { mapFrame } from './map-frame';
import type { Antenna, AntennaState, BaselineShare, Layout, StateKey } from './protocol';

export interface MapHost {
  /** An antenna is under the pointer or the cross-hair, or only a place. */
  hover(antenna: Antenna | null, at: Point | null, place: Point | null, projection: Projection): void;
  pick(id: number, add: boolean): void;
  reset(): void;
}

interface Node {
  group: SVGGElement;
  halo: SVGCircleElement;
  dot: SVGCircleElement;
  mark: SVGPathElement;
}

type Shown = Placed & { screen: Point };

const RADIUS = 5;
/** Pixels within which a pointer is at an antenna. */
const REACH = 11;
/** Room around the array for markers and names. */
const MARGIN = 34;
/** Changes that show other antennas, or others of them. */
const REFIT: readonly StateKey[] = ['scale', 'zoom', 'exclude', 'only_with_data'];

export class ArrayMap {
  readonly stage: PlaneStage;
  private readonly grid = s('g', { 'aria-hidden': 'true' });
  private readonly lines = s('g', { class: 'dsa-baselines', 'aria-hidden': 'true' });
  private readonly markers = s('g', { role: 'group', 'aria-label': 'Antennas' });
  private readonly names = s('g', { class: 'dsa-antenna-labels', 'aria-hidden': 'true' });
  private readonly edges = s('g', { 'aria-hidden': 'true' });
  private readonly bar = new ColourBar();
  private readonly nodes = new Map<number, Node>();
  private layout: Layout | null = null;
  private state: AntennaState | null = null;
  private projection: Projection = { kind: 'linear', inner: 1 };
  private placed: Placed[] = [];
  private shown: Shown[] = [];
  private baselines: readonly BaselineShare[] | null = null;
  private hovered: number | null = null;

  constructor(
    private readonly host: MapHost,
    private readonly signal: AbortSignal
  ) {
    this.stage = new PlaneStage(
      {
        draw: () => this.draw(),
        tap: (at, add) => {
          const hit = nearest(this.shown, at, REACH);
          if (hit) {
            host.pick(hit.antenna.id, add);
          }
        },
        hover: (at, dragging) => this.pointer(dragging ? null : at),
        reset: () => this.hovered === null && host.reset(),
        bar: () => this.state?.color_by === 'fraction'
      },
      { top: 10, right: 16 },
      signal
    );
    const clip = `url(#${this.stage.clip})`;
    for (const layer of [this.grid, this.lines, this.markers, this.names]) {
      layer.setAttribute('clip-path', clip);
    }
    this.stage.layers(this.grid, this.edges, this.lines, this.markers, this.names);
    this.stage.element.append(this.bar.element);
    this.stage.element.classList.add('dsa-map');
  }

  /** Shows a layout with these controls; `null` clears the map. */
  set(layout: Layout | null, state: AntennaState): void {
    const before = { layout: this.layout, state: this.state };
    this.layout = layout;
    this.state = state;
    this.setBar();
    if (!layout) {
      this.placed = [];
      this.redraw();
      return;
    }
    this.projection = projectionOf(state.scale, layout.antennas);
    this.placed = place(layout, state, this.projection);
    this.sync();
    const other = before.layout?.generation !== layout.generation;
    if (before.state?.color_by !== state.color_by) {
      this.stage.measure();
    }
    // Before all rows are read, positions are about another centre.
    const later = before.layout !== layout && !this.stage.isMoved;
    if (other || later || REFIT.some(key => JSON.stringify(before.state?.[key]) !== JSON.stringify(state[key]))) {
      this.fit();
    }
    this.redraw();
  }

  private setBar(): void {
    const { layout, state } = this;
    const colormap = state && findColormap(state.colormap) ? state.colormap : DEFAULT_COLORMAP;
    const limits = [0, 100] as const;
    const bar = { limits, stretch: 'linear' as const, cdf: null, colormap, flaggedColormap: null, title: 'Flagged (%)', unit: '%' };
    this.bar.set(layout && state?.color_by === 'fraction' ? bar : null);
  }

  /** The baselines of the selected antenna, once they are known. */
  setBaselines(baselines: readonly BaselineShare[] | null): void {
    this.baselines = baselines;
    this.redraw();
  }

  setHovered(id: number | null): void {
    if (id !== this.hovered) {
      this.hovered = id;
      this.redraw();
    }
  }

  /** Goes back to what the zoom preset shows. */
  fit(): void {
    const { layout, state, placed } = this;
    const whole = spanOf(placed.map(({ at }) => at));
    const part = layout && state ? spanOf(pointsOf(state.zoom, placed, layout.core)) : null;
    if (whole && part) {
      this.stage.show(whole, part, MARGIN);
    }
  }

  /** Moves the cross-hair to the next antenna in a direction. */
  moveCursor(dx: number, dy: number): void {
    const { x0, x1, y0, y1 } = this.stage.plane.span(this.stage.rect);
    const middle = { x: (x0 + x1) / 2, y: (y0 + y1) / 2 };
    const from = this.placed.find(({ antenna }) => antenna.id === this.hovered);
    const next = from
      ? nextTowards(this.placed, from.at, dx, dy)
      : nearest(this.placed.map(p => ({ ...p, screen: p.at })), middle, Infinity);
    if (next) {
      this.stage.reveal(next.at);
      this.setHovered(next.antenna.id);
      this.host.hover(next.antenna, this.stage.plane.toScreen(next.at, this.stage.rect), next.at, this.projection);
    }
  }

  act(add: boolean): void {
    if (this.hovered !== null) {
      this.host.pick(this.hovered, add);
    }
  }

  redraw(): void {
    this.stage.redraw();
  }

  private pointer(at: Point | null): void {
    const hit = at && nearest(this.shown, at, REACH);
    this.stage.element.classList.toggle('dsa-over', hit !== null);
    this.setHovered(hit?.antenna.id ?? null);
    this.host.hover(hit?.antenna ?? null, at, at && this.stage.plane.toPlane(at, this.stage.rect), this.projection);
  }

  /** Makes markers for new antennas and takes away those that are not drawn any more. */
  private sync(): void {
    const wanted = new Set(this.placed.map(({ antenna }) => antenna.id));
    for (const [id, { group }] of [...this.nodes]) {
      if (!wanted.has(id)) {
        group.remove();
        this.nodes.delete(id);
      }
    }
    for (const { antenna } of this.placed) {
      const node = this.nodes.get(antenna.id) ?? this.makeNode(antenna.id);
      this.dress(antenna, node);
    }
  }

  private makeNode(id: number): Node {
    const halo = s('circle', { class: 'dsa-halo', r: RADIUS + 3 });
    const dot = s('circle', { class: 'dsa-dot', r: RADIUS });
    const mark = s('path', { class: 'dsa-mark' });
    const group = s('g', { 'data-antenna': id, role: 'button' }, halo, dot, mark);
    // A press by a screen reader comes without a pointer.
    group.addEventListener('click', event => event.detail === 0 && this.host.pick(id, event.shiftKey), { signal: this.signal });
    this.markers.append(group);
    const node = { group, halo, dot, mark };
    this.nodes.set(id, node);
    return node;
  }

  private dress(antenna: Antenna, { group, dot, mark }: Node): void {
    const state = this.state!;
    const kind = classOf(antenna, state);
    const share = shareOf(antenna, state.flags_of);
    const byMap = state.color_by === 'fraction' && antenna.has_data;
    for (const name of CLASSES) {
      group.classList.toggle(`dsa-class-${name}`, name === kind);
    }
    group.classList.add('dsa-antenna');
    const picked = state.selected.includes(antenna.id);
    group.classList.toggle('dsa-picked', picked);
    dot.style.fill = (byMap ? colourOf(share, state.colormap) : null) ?? '';
    mark.setAttribute('d', byMap ? '' : MARKS[kind]);
    const flagged = antenna.has_data ? (share === null ? 'flags not known yet' : `${formatPercent(100 * share)} flagged`) : 'no data';
    setAttributes(group, { 'aria-label': `Antenna ${antenna.name}, ${flagged}`, 'aria-pressed': String(picked), 'data-class': kind });
  }

  private draw(): void {
    const { stage, state, layout } = this;
    if (!layout || !state || this.placed.length === 0) {
      for (const layer of [this.grid, this.edges, this.lines, this.names]) {
        layer.replaceChildren();
      }
      this.nodes.forEach(({ group }) => group.remove());
      this.nodes.clear();
      this.shown = [];
      return;
    }
    const { rect, plane } = stage;
    this.bar.setLayout({ bar: stage.bar }, stage.width, stage.height);
    const all = this.placed.map(item => ({ ...item, screen: plane.toScreen(item.at, rect) }));
    this.shown = all.filter(({ screen: { x, y } }) => {
      const [dx, dy] = [x - rect.x, y - rect.y];
      return dx >= -RADIUS && dy >= -RADIUS && dx <= rect.width + RADIUS && dy <= rect.height + RADIUS;
    });
    const { grid, edges } = mapFrame(stage, this.projection, this.shown.map(({ screen }) => screen));
    this.grid.replaceChildren(...grid);
    this.edges.replaceChildren(...edges);
    this.drawMarkers();
    this.lines.replaceChildren(...this.lineElements(all));
    this.drawNames();
  }

  private drawMarkers(): void {
    const inSight = new Set(this.shown.map(({ antenna }) => antenna.id));
    const last = (id: number): number => (id === this.hovered ? 2 : this.state!.selected.includes(id) ? 1 : 0);
    const order = [...this.shown].sort((p, q) => last(p.antenna.id) - last(q.antenna.id));
    for (const [id, { group }] of this.nodes) {
      setAttributes(group, { visibility: inSight.has(id) ? null : 'hidden' });
    }
    order.forEach(({ antenna, screen }, i) => {
      const { group } = this.nodes.get(antenna.id)!;
      group.setAttribute('transform', `translate(${screen.x.toFixed(2)} ${screen.y.toFixed(2)})`);
      group.classList.toggle('dsa-hovered', antenna.id === this.hovered);
      if (this.markers.children[i] !== group) {
        this.markers.insertBefore(group, this.markers.children[i] ?? null);
      }
    });
  }

  private drawNames(): void {
    const { labels, selected } = this.state!;
    if (labels === 'none') {
      this.names.replaceChildren();
      return;
    }
    const wishes = this.shown.map(({ antenna, screen }) => {
      const text = labels === 'id' ? String(antenna.id) : antenna.name;
      const priority = antenna.id === this.hovered ? 2 : selected.includes(antenna.id) ? 1 : 0;
      return { id: antenna.id, text, width: textWidth(text), at: screen, priority };
    });
    wishes.sort((p, q) => p.id - q.id);
    this.names.replaceChildren(
      ...placeLabels(wishes, this.stage.rect, RADIUS + 1).map(({ id, text, x, y }) => {
        const element = s('text', { x, y, 'data-label': id });
        element.textContent = text;
        element.classList.toggle('dsa-picked', selected.includes(id));
        return element;
      })
    );
  }

  /** Of one antenna all its baselines; of several those between them, the one picked last the thickest. */
  private lineElements(all: readonly Shown[]): SVGElement[] {
    const state = this.state!;
    const places = new Map(all.map(item => [item.antenna.id, item]));
    const picked = state.selected.flatMap(id => places.get(id) ?? []);
    const line = (a: Shown, b: Shown, kind: string): SVGLineElement =>
      s('line', { class: kind, x1: a.screen.x, y1: a.screen.y, x2: b.screen.x, y2: b.screen.y });
    const [first] = picked;
    if (!first) {
      return [];
    }
    if (picked.length > 1) {
      return picked.flatMap((a, i) =>
        picked.slice(i + 1).map((b, j) => line(a, b, i + j + 2 === picked.length && i === picked.length - 2 ? 'dsa-baseline-last' : 'dsa-baseline-picked'))
      );
    }
    const known = this.baselines;
    if (!known) {
      const others = first.antenna.has_data ? all.filter(({ antenna }) => antenna.has_data && antenna.id !== first.antenna.id) : [];
      return others.map(other => line(first, other, 'dsa-class-unknown'));
    }
    return known.flatMap(({ id, flagged }) => {
      const other = places.get(id);
      if (!other) {
        return [];
      }
      const element = line(first, other, `dsa-class-${classOfShare(flagged, state.thresholds)}`);
      element.style.stroke = (state.color_by === 'fraction' ? colourOf(flagged, state.colormap) : null) ?? '';
      return [element];
    });
  }
}
