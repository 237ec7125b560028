/** The raster viewer. */

import { Axis } from '../core/axis';
import { save } from '../core/actions';
import { ColourBar } from '../core/colourbar';
import { h, listen } from '../core/dom';
import { button } from '../core/fields';
import { formatCount, formatPercent } from '../core/format';
import { HistogramPanel } from '../core/histogram';
import { HoverCard } from '../core/hover-card';
import { handleKey } from '../core/keymap';
import type { Tool } from '../core/gestures';
import { type Panel, Plot, type PlotHost, sameCells, type Scene } from '../core/plot';
import { Player } from '../core/player';
import { type MountOptions, Shell } from '../core/shell';
import { StateCards } from '../core/state-cards';
import type { Histogram, Limits } from '../core/stretch';
import { type Failure, isAbort, type Transport } from '../core/transport';
import { coloursOf, limitsOf } from './colours';
import { type CommandHost, perform } from './commands';
import { Controls } from './controls';
import { HELP, KEYS } from './keys';
import { RasterModel, type Session } from './model';
import type { HistogramResult, Located, Picture, RasterState, StateKey, TileResult } from './protocol';
import { Readout } from './readout';
import { readTile, tileRequest } from './tile';
import { toolItems } from './tools';

/** State that only changes colours, not cells. */
const COLOUR_KEYS: readonly StateKey[] = [
  'colormap',
  'flagged_colormap',
  'show_flagged',
  'stretch',
  'limits',
  'limits_mode'
];

/** Shows a raster in `el` until `signal` fires. */
export function mountRaster(el: HTMLElement, transport: Transport, signal: AbortSignal, options: MountOptions = {}): void {
  new RasterView(el, transport, signal, options);
}

class RasterView implements PlotHost, CommandHost {
  readonly model: RasterModel;
  readonly shell: Shell;
  readonly plot: Plot;
  readonly player: Player;
  private readonly cards: StateCards;
  private readonly bar = new ColourBar();
  private readonly histogramPanel: HistogramPanel;
  private readonly controls: Controls;
  private readonly card = new HoverCard();
  private readonly readout: Readout;
  private readonly locatedChip: HTMLElement;
  private readonly locatedText = h('span', { class: 'dsa-num' });
  private scene: { scene: Scene; picture: Picture; iterate: Axis | null } | null = null;
  private histogram: Histogram | null = null;
  private missing = 0;
  /** The generation on the screen with all its tiles. */
  private drawn = 0;
  private tileFailure: Failure | null = null;
  private located: Located | null = null;

  constructor(
    el: HTMLElement,
    transport: Transport,
    private readonly signal: AbortSignal,
    private readonly options: MountOptions
  ) {
    this.model = new RasterModel(transport, signal);
    const { model } = this;
    this.shell = new Shell(
      el,
      {
        label: 'Raster of visibilities',
        tools: toolItems({ act: action => perform(action, this), save: format => void save(model, format, signal) }),
        help: HELP,
        cancel: () => void model.request('cancel')
      },
      signal
    );
    const { shell } = this;
    this.cards = new StateCards(
      shell,
      { cancel: () => void model.request('cancel'), retry: () => this.retry(), state: () => model.state.value },
      {
        reading: 'Reading the Measurement Set',
        empty: 'No Measurement Set yet',
        emptyHint: 'Set the path in Python: MsRaster("observation.ms")',
        snapshot: options.snapshot ?? '',
        served: options.served
      }
    );
    this.plot = new Plot(this, signal);
    shell.stage.prepend(this.plot.element, this.bar.element);
    shell.stage.append(this.card.element);
    this.readout = new Readout(model.transport, this.card, shell.status, shell.stage, signal);
    this.histogramPanel = new HistogramPanel(
      {
        limits: (limits, done) => this.dragLimits(limits, done),
        auto: () => model.set({ limits_mode: 'auto' })
      },
      signal
    );
    this.controls = new Controls(model, this.histogramPanel, signal);
    shell.side.append(this.controls.element);
    this.player = new Player({ go: iteration => model.set({ iteration }) }, signal);
    shell.stage.after(this.player.element);
    this.locatedChip = h(
      'span',
      { class: 'dsa-chip dsa-located', hidden: true },
      this.locatedText,
      button({ icon: 'close', label: 'Clear the selection', key: 'Delete', name: 'clear', class: 'dsa-small' }, () => this.clearSelection(), signal)
    );
    shell.status.extras.append(this.locatedChip);
    this.setTool('pan');
    listen(shell.root, 'keydown', event => handleKey(event, KEYS, shell.side, action => perform(action, this)), signal);
    model.onNotice = ({ level, text }) => shell.notices.add(level, text, level === 'info' ? 6 : 0);
    model.onRefusal = refusal => {
      if (!this.controls.refuse(refusal)) {
        shell.notices.add('error', `${refusal.failure.message} ${refusal.failure.hint}`.trim(), 12);
      }
    };
    model.onAccepted = keys => this.controls.accept(keys);
    model.session.subscribe((session, changed) => this.sessionChanged(session, changed), signal);
    model.state.subscribe((state, changed) => this.stateChanged(state, changed), signal);
    this.showState();
    void model.greet();
  }

  // ---- PlotHost

  hover: PlotHost['hover'] = (hover, dragging) => this.readout.show(hover, dragging);

  select: PlotHost['select'] = (panel, what, add) => {
    const boxes = 'box' in what ? [[what.box.x0, what.box.x1, what.box.y0, what.box.y1]] : [];
    const points = 'point' in what ? [[what.point.x, what.point.y]] : [];
    void this.locate(panel.iteration, { boxes, points, mode: add ? 'add' : 'replace' });
  };

  loading: PlotHost['loading'] = (missing, swapped) => {
    this.missing = missing;
    if (missing === 0 && this.scene && !this.tileFailure) {
      this.drawn = this.scene.picture.generation;
      this.shell.root.dataset.generation = String(this.drawn);
    }
    if (swapped) {
      this.showLocated();
      this.showColours();
    }
    this.shell.root.dataset.renderer = this.plot.rendererKind;
    this.shell.root.dataset.tiles = missing === 0 ? 'done' : 'pending';
    this.showState();
    this.player.setReady(missing === 0 && !this.model.session.value.busy);
  };

  failed: PlotHost['failed'] = failure => {
    if (failure.code === 'stale') {
      return; // its picture is not shown any more: the event with the new one is on its way
    }
    if (failure.code === 'offline') {
      this.model.session.patch({ offline: true });
      return;
    }
    this.tileFailure = failure;
    this.showState();
  };

  layout: PlotHost['layout'] = layout => {
    this.bar.setLayout(layout, this.plot.element.clientWidth, this.plot.element.clientHeight);
  };

  // ---- model

  private sessionChanged(session: Session, changed: ReadonlySet<keyof Session>): void {
    if (changed.has('picture')) {
      this.pictureChanged(session.picture);
    }
    if (changed.has('located')) {
      this.located = session.located;
      this.showLocated();
    }
    if (changed.has('source') || changed.has('picture')) {
      const { name = '', title = '' } = session.source;
      const shown = session.picture?.title ?? title;
      this.shell.toolbar.setTitle(name, name && shown.startsWith(`${name} · `) ? shown.slice(name.length + 3) : shown);
    }
    if (changed.has('greeted') && session.greeted) {
      this.options.onLive?.();
    }
    if (changed.has('failure') && session.failure?.code.startsWith('selection')) {
      this.controls.refuse({ keys: ['selection'], failure: session.failure });
    }
    if (changed.has('busy') && !session.busy) {
      this.player.setReady(this.missing === 0);
    }
    this.showState();
  }

  private stateChanged(state: RasterState, changed: ReadonlySet<StateKey>): void {
    if (COLOUR_KEYS.some(key => changed.has(key))) {
      this.showColours();
    }
    if (changed.has('iteration') || changed.has('subplots')) {
      this.showPlayer(state);
    }
    if (changed.has('path')) {
      this.showState();
    }
  }

  private pictureChanged(picture: Picture | null): void {
    if (!picture) {
      this.plot.clear();
      this.scene = null;
      this.drawn = 0;
      this.readout.setScene(null);
      this.bar.set(null);
      this.shell.status.setIdle('');
      return;
    }
    this.tileFailure = null;
    const old = this.scene;
    const iterate = picture.iterate && new Axis(picture.iterate);
    if (old?.picture.generation === picture.generation) {
      this.scene = { scene: old.scene, picture, iterate };
    } else {
      const { generation } = picture;
      const [x, y] = [new Axis(picture.x), new Axis(picture.y)];
      const scene: Scene = {
        generation,
        x,
        y,
        fetch: async (key, signal) =>
          readTile(await this.model.transport.request<TileResult>('tile', tileRequest(key, generation, x.size, y.size), { signal }))
      };
      this.scene = { scene, picture, iterate };
      if (!old || !sameCells(old.scene, scene) || old.picture.iterate?.name !== picture.iterate?.name) {
        this.setLocated(null);
      }
    }
    const { scene } = this.scene;
    this.readout.setScene({ picture, x: scene.x, y: scene.y });
    this.shell.notices.setWarnings(picture.warnings);
    this.plot.show(scene, this.panels(), ...this.grid());
    this.showPlayer(this.model.state.value);
    if (old?.picture.generation !== picture.generation || old.picture.iteration !== picture.iteration) {
      void this.loadHistogram(picture);
    }
    this.shell.status.setIdle(summary(picture));
    if (!old || old.picture.generation === picture.generation) {
      this.showColours();
    }
  }

  /** Rows and columns of panels; one where there is nothing to iterate. */
  private grid(): [number, number] {
    const [rows, columns] = this.model.state.value.subplots;
    return this.scene?.iterate ? [rows, columns] : [1, 1];
  }

  private panels(): Panel[] {
    const { picture, iterate } = this.scene!;
    if (!iterate) {
      return [{ iteration: picture.iteration, title: '' }];
    }
    const [rows, columns] = this.grid();
    const count = Math.max(1, Math.min(rows * columns, iterate.size - picture.iteration));
    return Array.from({ length: count }, (_, i) => {
      const iteration = picture.iteration + i;
      return { iteration, title: `${iterate.info.label} ${iterate.textOf(iteration)}` };
    });
  }

  private async loadHistogram({ generation, iteration }: Picture): Promise<void> {
    try {
      const { result } = await this.model.transport.request<HistogramResult>('histogram', { generation, iteration }, { signal: this.signal });
      if (this.scene?.picture.generation === generation) {
        this.histogram = result;
        this.histogramPanel.set(result);
        this.showColours();
      }
    } catch (error) {
      if (!isAbort(error)) {
        // The picture is there without it; why the kernel could not is told where it matters.
        this.histogram = null;
        this.histogramPanel.set(null);
      }
    }
  }

  // ---- looks

  private showColours(): void {
    const { scene } = this;
    if (!scene) {
      return;
    }
    const { value: state } = this.model.state;
    const colours = coloursOf(state, scene.picture, this.histogram);
    this.plot.setColours(colours.scale);
    this.bar.set(colours.bar);
    this.histogramPanel.setLimits(colours.scale.limits);
    this.histogramPanel.setColours(colours.colormap, colours.stretch, colours.scale.cdf);
    this.controls.showLimits(limitsOf(state, scene.picture));
    for (const name of colours.unknown) {
      this.shell.notices.add('warning', `This viewer does not know ${name} and draws with another.`);
    }
  }

  private showPlayer(state: RasterState): void {
    const iterate = this.scene?.iterate ?? null;
    const [rows, columns] = this.grid();
    const count = iterate?.size ?? 0;
    const at = Math.min(state.iteration, Math.max(0, count - 1));
    const label = iterate ? `${iterate.info.label} ${iterate.textOf(at)}  (${at + 1}/${formatCount(count)})` : '';
    this.player.set(at, count, rows * columns, label);
  }

  private setLocated(located: Located | null): void {
    this.model.session.patch({ located });
  }

  private showLocated(): void {
    const { located } = this;
    const n = located?.n ?? 0;
    this.locatedChip.hidden = !located || (n === 0 && located.boxes.length === 0 && located.points.length === 0);
    this.locatedText.textContent = `${formatCount(n)} ${n === 1 ? 'cell' : 'cells'} selected`;
    this.plot.setSelection({
      iteration: located?.iteration ?? null,
      boxes: (located?.boxes ?? []).map(([x0, x1, y0, y1]) => ({ x0, x1, y0, y1 })),
      points: (located?.points ?? []).map(([x, y]) => ({ x, y }))
    });
  }

  private showState(): void {
    const session = this.model.session.value;
    this.cards.show({
      session,
      path: this.model.state.value.path,
      told: session.picture?.generation ?? 0,
      drawn: this.drawn,
      drawFailure: this.tileFailure
    });
  }

  // ---- what the user does

  private retry(): void {
    if (this.tileFailure) {
      this.tileFailure = null;
      this.plot.retry();
      this.showState();
    } else {
      void this.model.request('retry');
    }
  }

  private dragLimits(limits: Limits, done: boolean): void {
    if (done) {
      this.model.set({ limits_mode: 'manual', limits });
    } else {
      this.model.preview({ limits_mode: 'manual', limits });
    }
  }

  private async locate(iteration: number, what: { boxes: number[][]; points: number[][]; mode: string }): Promise<void> {
    const generation = this.scene?.picture.generation ?? 0;
    const result = await this.model.request<Located>('locate', { generation, iteration, ...what });
    if (result && this.scene?.picture.generation === generation) {
      this.setLocated(what.mode === 'clear' ? null : { ...result, iteration: result.iteration ?? iteration });
    }
  }

  clearSelection(): void {
    void this.locate(this.scene?.picture.iteration ?? 0, { boxes: [], points: [], mode: 'clear' });
  }

  toggleHoverCard(): void {
    this.card.enabled = !this.card.enabled;
    this.readout.refresh();
  }

  setTool(tool: Tool): void {
    this.plot.setTool(tool);
    this.shell.root.dataset.tool = tool;
    for (const name of ['pan', 'zoom', 'box', 'point'] as const) {
      this.shell.toolbar.press(`tool-${name}`, name === tool);
    }
  }
}

/** What the picture is made of, for the status line. */
function summary(picture: Picture): string {
  const cells = `${formatCount(picture.x.size)} × ${formatCount(picture.y.size)} cells`;
  return [picture.column ?? '', cells, `${formatPercent(picture.flagged_pct)} flagged`].filter(Boolean).join('  ·  ');
}
