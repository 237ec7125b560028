/** The picture and all that follows its view: tiles, grid, contours, sky, the second image, the catalogue. */

import { float64s } from '../core/buffers';
import type { PlaneStage } from '../core/plane-stage';
import type { TileKey } from '../core/tiles';
import type { Failure } from '../core/transport';
import type { Point, Span } from '../core/view';
import { BeamLayer } from './beam';
import { CatalogLayer } from './catalog';
import { Compare } from './compare';
import { ContourLayer } from './contours';
import { GridLayer } from './grid';
import { Latest } from './latest';
import type { ImageModel } from './model';
import { Picture } from './picture';
import type { CompareInfo, ImageInfo, TileResult, Which } from './protocol';
import type { Reading } from './readout';
import { MESH, SkyMesh } from './sky';
import { ImageTiles, levelFor, readTile, type TileSource } from './tiles';
import type { ShownUnit } from './units';

export interface SceneHost {
  /** How many tiles are still to come. */
  loading(missing: number): void;
  failed(): void;
  hover(at: Point | null, screen: Point): void;
  /** The stage has another size. */
  placed(stage: PlaneStage): void;
}

const BYTES: Readonly<Record<Which, number>> = { image: 96 << 20, compare: 48 << 20, difference: 48 << 20 };
const KINDS = ['image', 'compare', 'difference'] as const;
/** Milliseconds of rest after a zoom before tiles of the new binning are asked for. */
const REST = 70;
/** How much more than what is seen the mesh spans, as a share of it. */
const MARGIN = 0.25;

export class Scene {
  readonly picture: Picture;
  readonly catalog: CatalogLayer;
  failure: Failure | null = null;
  private readonly tiles: Record<Which, ImageTiles>;
  private readonly sources: Partial<Record<Which, TileSource>> = {};
  private readonly grid: GridLayer;
  private readonly contours: ContourLayer;
  private readonly beam: BeamLayer;
  private readonly compare: Compare;
  private readonly meshes: Latest<{ frame: string }>;
  private mesh: SkyMesh | null = null;
  private image: ImageInfo | null = null;
  private second: CompareInfo | null = null;
  private bar: PlaneStage['bar'] | null = null;
  private seen = '';
  private timer: ReturnType<typeof setTimeout> | undefined;
  private drawnStamp = 0;

  constructor(
    private readonly model: ImageModel,
    private readonly host: SceneHost,
    signal: AbortSignal
  ) {
    this.picture = new Picture(
      {
        parts: (view, devicePixels) => this.parts(view, devicePixels),
        viewed: () => this.viewed(),
        hover: (at, screen) => host.hover(at, screen),
        reset: () => this.picture.fit(),
        tap: () => undefined
      },
      signal
    );
    const { picture } = this;
    const redraw = (): void => picture.request();
    const tiles = (which: Which): ImageTiles =>
      new ImageTiles({ forget: tile => picture.forget(tile), changed: () => this.arrived(), failed: failure => this.failed(failure) }, BYTES[which]);
    this.tiles = { image: tiles('image'), compare: tiles('compare'), difference: tiles('difference') };
    this.grid = new GridLayer(model, redraw, signal);
    this.contours = new ContourLayer(model, redraw, signal);
    this.catalog = new CatalogLayer(model, signal);
    this.beam = new BeamLayer(picture);
    this.compare = new Compare(
      picture,
      {
        swipe: (swipe, done) => (done ? model.set({ swipe }) : model.preview({ swipe })),
        redraw
      },
      signal
    );
    [this.grid, this.contours, this.catalog, this.beam].forEach(layer => picture.addLayer(layer));
    this.meshes = new Latest<{ frame: string }>(
      model,
      { op: 'mesh', delay: 100 },
      (answer, params) => this.takeMesh(answer?.result.frame ?? '', answer?.buffers ?? [], params as Span),
      signal
    );
    signal.addEventListener('abort', () => {
      clearTimeout(this.timer);
      KINDS.forEach(which => this.tiles[which].stop());
    });
  }

  /** What the kernel has told of, as a number: 0 where that is nothing. */
  get told(): number {
    return this.image ? stamp(this.image) : 0;
  }

  /** What is on the screen with all its tiles. */
  get drawn(): number {
    return this.drawnStamp;
  }

  /** The plane on the screen with all its tiles. */
  get plane(): number | null {
    return this.drawnStamp === 0 ? null : this.drawnStamp % PLANES;
  }

  get missing(): number {
    return this.compare.needed.reduce((sum, which) => sum + this.tiles[which].missing, 0);
  }

  /** Takes what the kernel has told of; says whether it is another plane. */
  setImage(image: ImageInfo | null): boolean {
    const old = this.image;
    const isOther = old?.generation !== image?.generation || old?.plane !== image?.plane;
    this.image = image;
    if (isOther) {
      this.failure = null;
    }
    if (old?.generation !== image?.generation) {
      KINDS.forEach(which => this.setSource(which, null));
      this.mesh = null;
      this.beam.setMesh(null);
    }
    if (!image || (old && (old.nx !== image.nx || old.ny !== image.ny))) {
      this.drawnStamp = 0;
    }
    this.picture.setSize(image?.nx ?? 0, image?.ny ?? 0);
    this.setSource('image', image);
    this.setCatalog();
    this.stateChanged();
    return isOther;
  }

  setSecond(second: CompareInfo | null): void {
    this.second = second;
    // Another file has other tiles.
    this.setSource('compare', null);
    this.setSource('difference', null);
    this.stateChanged();
  }

  setCatalog(): void {
    const { image, model } = this;
    const { catalog } = model.session.value;
    this.catalog.set(image ? catalog : null, image?.generation ?? 0, model.state.value.show_catalog);
  }

  /** Everything that the controls say is taken over. */
  stateChanged(): void {
    const { image, model, second } = this;
    const { value: state } = model.state;
    this.compare.set(state, image !== null && second !== null, {
      first: model.session.value.source.name ?? 'first image',
      second: second?.name ?? ''
    });
    const { needed } = this.compare;
    for (const which of ['compare', 'difference'] as const) {
      this.setSource(which, needed.includes(which) ? image : null);
    }
    this.beam.set(image, state.beam);
    this.catalog.set(image ? model.session.value.catalog : null, image?.generation ?? 0, state.show_catalog);
    this.seen = '';
    this.picture.request();
  }

  retry(): void {
    this.failure = null;
    KINDS.forEach(which => this.tiles[which].retry());
  }

  /** What is needed to say what is under the pointer. */
  reading(unit: ShownUnit): Reading | null {
    const { image, picture } = this;
    if (!image) {
      return null;
    }
    const [view, level] = [picture.span(), this.level(picture.scale * picture.ratio)];
    const other = this.compare.needed[1];
    const { frame, style } = this.model.state.value;
    return {
      image,
      unit,
      style,
      frame: this.isSky(frame) ? frame : 'pixel',
      mesh: this.mesh,
      tiles: this.tiles.image.tiles(view, level),
      second: other ? { tiles: this.tiles[other].tiles(view, level), isDifference: other === 'difference' } : null
    };
  }

  private isSky(frame: string): boolean {
    return (this.image?.celestial ?? null) !== null && frame !== '' && frame !== 'pixel';
  }

  private level(devicePixels: number): number {
    return levelFor(devicePixels, this.image?.levels ?? 1);
  }

  private setSource(which: Which, image: ImageInfo | null): void {
    const old = this.sources[which];
    if (!image) {
      // Of the image itself the old tiles stay until the new ones are there.
      if (which !== 'image') {
        this.tiles[which].setSource(null);
      }
      this.sources[which] = undefined;
      if (which === 'image' && this.image === null) {
        this.tiles.image.setSource(null);
      }
      return;
    }
    const { generation, nx, ny, levels, tile: side, plane } = image;
    const fetch = async (key: TileKey, signal: AbortSignal): ReturnType<TileSource['fetch']> => {
      const level = Math.round(Math.log2(key.fx));
      const params = { generation, plane: key.iteration, level, column: key.column, row: key.row, which };
      return readTile(await this.model.transport.request<TileResult>('tile', params, { signal }), key.iteration);
    };
    const source = { nx, ny, levels, side, plane, fetch: old?.fetch ?? fetch };
    this.sources[which] = source;
    this.tiles[which].setSource(source);
  }

  private parts(view: Span, devicePixels: number): ReturnType<ConstructorParameters<typeof Picture>[0]['parts']> {
    const level = this.level(devicePixels);
    return this.compare.parts(this.hasSecond).map(({ which, until }) => ({ tiles: this.tiles[which].tiles(view, level), until }));
  }

  private get hasSecond(): boolean {
    const other = this.compare.needed[1];
    return other !== undefined && this.tiles[other].isComplete;
  }

  /** After each drawing: what else the view needs is asked for. */
  private viewed(): void {
    const { picture, image, model } = this;
    const { stage } = picture;
    if (stage.bar !== this.bar) {
      this.bar = stage.bar;
      this.host.placed(stage);
    }
    this.compare.draw(this.hasSecond);
    if (!image) {
      return;
    }
    const view = picture.span();
    const { x0, x1, y0, y1 } = view;
    const { rect } = stage;
    const seen = `${image.generation}/${image.plane}/${x0}/${x1}/${y0}/${y1}/${rect.width}/${rect.height}`;
    if (seen === this.seen) {
      return;
    }
    this.seen = seen;
    const level = this.level(picture.scale * picture.ratio);
    this.wantTiles(view, level);
    const { value: state } = model.state;
    const isSky = this.isSky(state.frame);
    const coordinates = isSky ? `${image.generation}/${state.frame}/${state.style}` : '';
    this.grid.want(picture, image.generation, coordinates, state.grid);
    this.contours.want(picture, image, state, level);
    this.wantMesh(image, isSky ? state.frame : '');
  }

  /** At once where only the place is another one, after some rest where the binning is, or what was asked would be in vain. */
  private wantTiles(view: Span, level: number): void {
    clearTimeout(this.timer);
    const want = (): void => this.compare.needed.forEach(which => this.tiles[which].want(view, level));
    if (this.tiles.image.level === level || this.tiles.image.level === null) {
      want();
    } else {
      this.timer = setTimeout(want, REST);
    }
  }

  private wantMesh(image: ImageInfo, frame: string): void {
    const { x0, x1, y0, y1 } = this.picture.window();
    const [w, h] = [2 ** Math.ceil(Math.log2(x1 - x0)) * MARGIN, 2 ** Math.ceil(Math.log2(y1 - y0)) * MARGIN];
    const box = {
      x0: Math.floor(x0 / w) * w,
      x1: Math.ceil(x1 / w) * w,
      y0: Math.floor(y0 / h) * h,
      y1: Math.ceil(y1 / h) * h
    };
    const { generation } = image;
    this.meshes.want(frame ? `${generation}/${frame}/${Object.values(box).join()}` : '', { generation, ...box, n: MESH });
  }

  private takeMesh(frame: string, buffers: readonly DataView[], box: Span): void {
    const n = MESH * MESH;
    const [lon, lat] = [float64s(buffers[0], n), float64s(buffers[1], n)];
    this.mesh = lon && lat ? new SkyMesh(frame, MESH, box, lon, lat) : null;
    this.beam.setMesh(this.mesh);
    this.picture.request();
  }

  private arrived(): void {
    const { image } = this;
    if (image && this.tiles.image.isComplete && !this.failure) {
      this.drawnStamp = stamp(image);
    }
    this.picture.request();
    this.host.loading(this.missing);
  }

  private failed(failure: Failure): void {
    if (failure.code === 'stale') {
      return; // its image is not shown any more: the event with the new one is on its way
    }
    if (failure.code === 'offline') {
      this.model.session.patch({ offline: true });
      return;
    }
    this.failure = failure;
    this.host.failed();
  }
}

/** More planes than an image has. */
const PLANES = 2 ** 24;

function stamp({ generation, plane }: ImageInfo): number {
  return generation * PLANES + plane;
}
