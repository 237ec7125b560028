/** The image viewer. */

import { save } from '../core/actions';
import { ColourBar } from '../core/colourbar';
import { h, listen } from '../core/dom';
import type { Tool } from '../core/gestures';
import { HistogramPanel } from '../core/histogram';
import { HoverCard } from '../core/hover-card';
import { handleKey, isTyping } from '../core/keymap';
import { Player } from '../core/player';
import { type MountOptions, Shell } from '../core/shell';
import { StateCards } from '../core/state-cards';
import type { Transport } from '../core/transport';
import type { Point } from '../core/view';
import { type CommandHost, perform } from './commands';
import { Controls } from './controls';
import { Drawing } from './draw/drawing';
import { DRAW_HELP } from './draw/keys';
import { HELP, KEYS } from './keys';
import { Looks } from './looks';
import { ImageModel, type Session } from './model';
import { Players } from './players';
import { ofRegion, Profiles, type ProfileWish, throughPixel } from './profiles';
import type { ImageInfo, ImageState, StateKey } from './protocol';
import { Readout } from './readout';
import { Scene } from './scene';
import { toolItems } from './tools';

/** State that only changes colours. */
const COLOUR_KEYS: readonly StateKey[] = ['colormap', 'invert', 'stretch', 'limits', 'limits_mode'];

/** Shows an image in `el` until `signal` fires. */
export function mountImage(el: HTMLElement, transport: Transport, signal: AbortSignal, options: MountOptions = {}): void {
  new ImageView(el, transport, signal, options);
}

class ImageView implements CommandHost {
  readonly model: ImageModel;
  readonly shell: Shell;
  private readonly scene: Scene;
  private readonly looks: Looks;
  private readonly players: Players;
  private readonly cards: StateCards;
  private readonly controls: Controls;
  private readonly profiles: Profiles;
  private readonly card = new HoverCard();
  private readonly readout: Readout;
  private readonly drawing: Drawing;

  constructor(
    el: HTMLElement,
    transport: Transport,
    signal: AbortSignal,
    private readonly options: MountOptions
  ) {
    this.model = new ImageModel(transport, signal);
    const { model } = this;
    const cancel = (): void => void model.request('cancel');
    this.shell = new Shell(
      el,
      {
        label: 'Image',
        tools: toolItems({ act: action => perform(action, this), save: format => void save(model, format, signal) }),
        help: [...HELP.slice(0, -1), ...DRAW_HELP, ...HELP.slice(-1)],
        cancel
      },
      signal
    );
    const { shell } = this;
    shell.root.dataset.view = 'image';
    this.cards = new StateCards(
      shell,
      { cancel, retry: () => this.retry(), state: () => model.state.value },
      {
        reading: 'Reading the image',
        empty: 'No image yet',
        emptyHint: 'Set the path in Python: MaskDraw("map.fits")',
        snapshot: options.snapshot ?? '',
        served: options.served
      }
    );
    const bar = new ColourBar();
    const histogram = new HistogramPanel(
      {
        limits: (limits, done) => this.looks.drag(limits, done),
        auto: () => model.set({ limits_mode: 'zscale' })
      },
      signal
    );
    this.scene = new Scene(
      model,
      {
        loading: missing => this.loading(missing),
        failed: () => this.showState(),
        hover: (at, screen) => this.hover(at, screen),
        placed: stage => bar.setLayout({ bar: stage.bar }, stage.width, stage.height)
      },
      signal
    );
    const { picture } = this.scene;
    picture.element.append(bar.element);
    this.looks = new Looks(model, { picture, bar, histogram }, signal);
    shell.stage.prepend(picture.element);
    shell.stage.append(this.card.element);
    this.card.enabled = false;
    this.readout = new Readout(model, this.card, shell.status, shell.stage, signal);
    this.scene.catalog.changed = (): void => {
      this.readout.extra = this.scene.catalog.lines();
      this.readout.refresh();
      picture.request();
    };
    this.profiles = new Profiles(
      model,
      { here: () => this.takeProfiles(), region: () => this.takeRegionProfile(), read: text => shell.status.read(text) },
      signal
    );
    this.controls = new Controls(model, histogram, this.profiles.element, signal);
    const side = h('div', { class: 'dsa-draw-side' });
    shell.side.append(side, this.controls.element);
    this.drawing = new Drawing({ plate: picture, model, shell, side }, signal);
    this.drawing.onTool = (): void => this.toolChanged();
    this.players = new Players(model, signal);
    shell.stage.after(this.players.element);
    this.setTool('pan');
    this.profiles.offer(null);
    listen(shell.root, 'keydown', event => this.key(event), signal);
    model.onNotice = ({ level, text }) => shell.notices.add(level, text, level === 'info' ? 6 : 0);
    model.onRefusal = refusal => {
      if (!this.controls.refuse(refusal)) {
        shell.notices.add('error', `${refusal.failure.message} ${refusal.failure.hint}`.trim(), 12);
      }
    };
    model.onAccepted = keys => this.controls.accept(keys);
    model.session.subscribe((session, changed) => this.sessionChanged(session, changed), signal);
    model.state.subscribe((state, changed) => this.stateChanged(state, changed), signal);
    this.showTools(model.state.value);
    this.showState();
    void model.greet();
  }

  get picture(): Scene['picture'] {
    return this.scene.picture;
  }

  get player(): Player {
    return this.players.main;
  }

  // ---- model

  private sessionChanged(session: Session, changed: ReadonlySet<keyof Session>): void {
    if (changed.has('greeted') && session.greeted) {
      this.options.onLive?.();
    }
    if (changed.has('image')) {
      this.imageChanged(session.image);
    }
    if (changed.has('compare')) {
      this.scene.setSecond(session.compare);
    }
    if (changed.has('catalog')) {
      this.scene.setCatalog();
    }
    if (changed.has('source') || changed.has('image')) {
      this.showTitle();
    }
    if (changed.has('regions') || changed.has('image')) {
      this.profiles.offer(this.regionProfile());
    }
    if (changed.has('busy')) {
      this.players.setReady(!session.busy && this.scene.missing === 0);
    }
    this.showState();
  }

  private stateChanged(state: ImageState, changed: ReadonlySet<StateKey>): void {
    if (COLOUR_KEYS.some(key => changed.has(key))) {
      this.showColours();
    }
    if (changed.has('title')) {
      this.showTitle();
    }
    this.scene.stateChanged();
    this.players.show();
    this.showTools(state);
    if (changed.has('path')) {
      this.showState();
    }
    if (changed.has('selected')) {
      this.profiles.offer(this.regionProfile());
    }
  }

  private imageChanged(image: ImageInfo | null): void {
    if (this.scene.setImage(image)) {
      this.profiles.clear();
    }
    this.looks.setImage(image);
    this.controls.showFacts(image, this.looks.unit);
    this.shell.status.setIdle(image ? [image.object, image.channel_label, image.stokes_label && `Stokes ${image.stokes_label}`].filter(Boolean).join('  ·  ') : '');
    this.showColours();
    this.players.show();
    this.hover(this.picture.at, { x: 0, y: 0 });
  }

  private loading(missing: number): void {
    const { root } = this.shell;
    root.dataset.renderer = this.picture.rendererKind;
    root.dataset.tiles = missing === 0 ? 'done' : 'pending';
    root.dataset.generation = String(this.scene.drawn > 0 ? this.model.session.value.image!.generation : 0);
    root.dataset.plane = String(this.scene.plane ?? '');
    this.showState();
    this.players.setReady(missing === 0 && !this.model.session.value.busy);
  }

  // ---- looks

  private showColours(): void {
    this.looks.show();
    const { limits } = this.looks;
    if (limits) {
      this.controls.showLimits(limits, this.looks.unit);
    }
    for (const name of this.looks.unknown) {
      this.shell.notices.add('warning', `This viewer does not know ${name} and draws with another.`);
    }
  }

  private showTitle(): void {
    const { source, image } = this.model.session.value;
    const { name = '' } = source;
    const title = this.model.state.value.title ?? image?.title ?? source.title ?? '';
    this.shell.toolbar.setTitle(name, name && title.startsWith(`${name} · `) ? title.slice(name.length + 3) : title === name ? '' : title);
  }

  private showTools({ grid, contours, compare_mode: mode }: ImageState): void {
    const { toolbar } = this.shell;
    toolbar.press('grid', grid);
    toolbar.press('contours', contours);
    toolbar.press('blink', mode === 'blink');
  }

  private showState(): void {
    const { session, state } = this.model;
    this.cards.show({
      session: session.value,
      path: state.value.path,
      told: this.scene.told,
      drawn: this.scene.drawn,
      drawFailure: this.scene.failure
    });
  }

  private hover(at: Point | null, screen: Point): void {
    this.scene.catalog.hover(this.picture, at ? screen : null);
    this.readout.extra = at ? this.scene.catalog.lines() : null;
    this.readout.show(at, screen, at ? this.scene.reading(this.looks.unit) : null);
  }

  // ---- what the user does

  private key(event: KeyboardEvent): void {
    const { target } = event;
    const isElsewhere = target instanceof Node && this.shell.side.contains(target);
    if (!event.defaultPrevented && !isElsewhere && !isTyping(target) && this.picture.key(event)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    handleKey(event, KEYS, this.shell.side, action => perform(action, this));
  }

  private retry(): void {
    if (this.scene.failure) {
      this.scene.retry();
      this.showState();
    } else {
      void this.model.request('retry');
    }
  }

  toggleHoverCard(): void {
    this.card.enabled = !this.card.enabled;
    this.readout.refresh();
  }

  takeProfiles(): void {
    const { image } = this.model.session.value;
    const { at } = this.picture;
    this.controls.reveal('profiles', false);
    if (!image || !at) {
      this.shell.notices.add('info', 'Point at a pixel, or move the cross-hair with Shift and the arrow keys, and press v.', 6);
      return;
    }
    this.showProfiles(throughPixel(at, image), image);
  }

  private takeRegionProfile(): void {
    const { image } = this.model.session.value;
    const wish = this.regionProfile();
    if (image && wish) {
      this.showProfiles([wish], image);
    }
  }

  /** What the one selected region offers. */
  private regionProfile(): ProfileWish | null {
    const { image, regions } = this.model.session.value;
    const [id, ...others] = this.model.state.value.selected;
    const region = id !== undefined && others.length === 0 ? regions?.regions.find(one => one.id === id) : undefined;
    return ofRegion(region ?? null, image);
  }

  private showProfiles(wishes: readonly ProfileWish[], image: ImageInfo): void {
    if (this.shell.root.dataset.side !== 'open') {
      this.shell.toggleSide();
    }
    void this.profiles.take(wishes, image, this.looks.unit).then(shown => shown && this.controls.reveal('profiles', false));
  }

  toggleBlink(): void {
    const { compare, compare_mode: mode } = this.model.state.value;
    if (compare === '') {
      this.shell.notices.add('info', 'There is no second image yet: give its path under Compare.', 6);
      if (this.shell.root.dataset.side !== 'open') {
        this.shell.toggleSide();
      }
      this.controls.reveal('compare', true);
      return;
    }
    this.model.set({ compare_mode: mode === 'blink' ? 'off' : 'blink' });
  }

  /** Takes a tool that looks: the one that draws is laid down. */
  setTool(tool: Tool): void {
    this.picture.stage.setTool(tool);
    this.drawing.setTool(null);
    this.toolChanged();
  }

  private toolChanged(): void {
    const { stage } = this.picture;
    const { tool: draws } = this.drawing.kit.value;
    if (draws !== null) {
      // The pointer is offered to whoever draws only while it would pan.
      stage.setTool('pan');
    }
    this.shell.root.dataset.tool = draws ?? stage.tool();
    for (const name of ['pan', 'zoom'] as const) {
      this.shell.toolbar.press(`tool-${name}`, draws === null && name === stage.tool());
    }
  }
}

