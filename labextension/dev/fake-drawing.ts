/** What a fake kernel lacks: a mask and regions in memory, for the harness and the tests of the drawing. */

import type { Port } from '../src/viewer/core/channel';
import { where } from '../src/viewer/image/draw/hits';
import { boundsOf, type Region, type Shape } from '../src/viewer/image/draw/shapes';
import type { ImageInfo, ImageState, RegionInfo, RegionsEvent } from '../src/viewer/image/protocol';

/** The rest of the kernel. */
export interface FakeRest extends Port {
  readonly asked: { op: string; params: Record<string, unknown> }[];
  state: ImageState;
  generation: number;
  image(): ImageInfo;
  event(event: string, data: unknown): void;
}

interface Step {
  text: string;
  mask: Uint8Array;
  regions: readonly Region[];
}

type Params = Record<string, unknown>;

export class FakeDrawing implements Port {
  mask: Uint8Array;
  regions: readonly Region[] = [];
  revision = 1;
  regionsRevision = 1;
  /** Operations that fail from now on. */
  readonly failing = new Set<string>();
  /** What came with `import`, as text. */
  readonly imported: string[] = [];
  private readonly undos: Step[] = [];
  private readonly redos: Step[] = [];
  private counter = 0;
  private handler: ((message: unknown, buffers: DataView[]) => void) | null = null;

  constructor(
    readonly rest: FakeRest,
    private readonly delay = 10
  ) {
    const { nx, ny } = rest.image();
    this.mask = new Uint8Array(nx * ny);
  }

  listen(handler: (message: unknown, buffers: DataView[]) => void): () => void {
    this.handler = handler;
    return this.rest.listen((message, buffers) => {
      const { kind, result } = message as { kind: string; result?: { mask?: unknown } };
      if (kind === 'response' && result?.mask) {
        result.mask = this.described(null);
        this.reply({ kind: 'event', event: 'regions', data: told(null, this.regions, this.regionsRevision) });
      }
      handler(message, buffers);
    });
  }

  send(message: object, buffers: ArrayBuffer[] = []): void {
    const { kind, id, op, params } = message as { kind: string; id: string; op: string; params: Params };
    const act = kind === 'request' ? this.actions[op] : undefined;
    if (!act) {
      this.rest.send(message, buffers);
      return;
    }
    this.rest.asked.push({ op, params });
    setTimeout(() => {
      if (this.failing.has(op)) {
        this.reply({ kind: 'response', id, ok: false, error: { code: 'option', message: `${op} is not possible.`, hint: 'Try another.' } });
        return;
      }
      const [result, more] = act(params, buffers);
      this.reply({ kind: 'response', id, ok: true, result }, more);
    }, this.delay);
  }

  /** Regions that somebody else has drawn. */
  set(regions: readonly Region[]): void {
    this.tellRegions(this.regions, regions);
  }

  private tellRegions(before: readonly Region[], regions: readonly Region[]): void {
    this.regions = regions;
    this.regionsRevision += 1;
    this.rest.event('regions', told(before, regions, this.regionsRevision));
  }

  count(): number {
    return this.mask.reduce((sum, bit) => sum + bit, 0);
  }

  private readonly actions: Readonly<Record<string, (params: Params, buffers: ArrayBuffer[]) => [object, ArrayBuffer[]?]>> = {
    mask_tile: params => this.tile(params as Record<string, number>),
    draw: ({ shape, mode }) => this.change(`${String(mode)} ${(shape as Shape).shape}`, () => this.paint(shape as Shape, mode as string)),
    edit_mask: ({ action }) => this.change(`${String(action)} mask`, () => this.whole(action as string)),
    threshold: ({ point }) => this.change('threshold', () => this.paint({ shape: 'circle', ...placeOf(point as number[] | undefined), radius: 5 }, 'add')),
    region_to_mask: ({ ids, mode }) =>
      this.change('add region', () => this.regions.filter(({ id }) => (ids as string[]).includes(id)).forEach(region => this.paint(region, mode as string))),
    edit_regions: params => this.editRegions(params),
    undo: () => this.step(this.undos, this.redos),
    redo: () => this.step(this.redos, this.undos),
    statistics: params => [
      {
        npix: params.of === 'mask' ? this.count() : 49, n_blank: 0, sum: 0.5, mean: 0.001, median: 0.0008, rms: 0.0013, std: 0.0009, robust_sigma: 0.0004, minimum: -0.0002,
        maximum: 0.0123, peak: 0.0123, peak_x: 31, peak_y: 40, peak_world: ['11:53:36.20', '+52:36:01.4'], flux: 0.0161, flux_error: 0.00023, unit: 'Jy/beam', flux_unit: 'Jy', text: 'region: 49 pixels'
      }
    ],
    import: (params, buffers) => {
      this.imported.push(new TextDecoder().decode(buffers[0]));
      return [{ n_regions: 2, mask: false, problems: [{ line: 3, text: 'panda(1,2,3)', reason: 'A panda has no counterpart here.' }], warnings: [], name: params.name }];
    }
  };

  private reply(message: object, buffers: ArrayBuffer[] = []): void {
    this.handler?.(message, buffers.map(buffer => new DataView(buffer)));
  }

  private described(box: readonly number[] | null): object {
    const n = this.count();
    return {
      revision: this.revision,
      n_pixels: n,
      n_planes_with_mask: n > 0 ? 1 : 0,
      box,
      can_undo: this.undos[this.undos.length - 1]?.text ?? null,
      can_redo: this.redos[this.redos.length - 1]?.text ?? null,
      unsaved: true
    };
  }

  private change(text: string, act: () => void): [object] {
    const before: Step = { text, mask: this.mask.slice(), regions: this.regions };
    act();
    const box = this.changed(before.mask);
    const others = this.regions !== before.regions;
    if (box || others) {
      this.undos.push(before);
      this.redos.length = 0;
    }
    this.tell(box, before.regions);
    return [{}];
  }

  private tell(box: readonly number[] | null, before: readonly Region[]): void {
    if (this.regions !== before) {
      const known = new Set(this.regions.map(({ id }) => id));
      const selected = this.rest.state.selected.filter(id => known.has(id));
      if (selected.length !== this.rest.state.selected.length) {
        this.rest.state.selected = selected;
        this.rest.event('state', { changes: { selected } });
      }
      this.tellRegions(before, this.regions);
    }
    this.revision += box ? 1 : 0;
    this.rest.event('mask', this.described(box ?? [0, 0, 0, 0]));
  }

  /** The box in which the mask is not what it was. */
  private changed(before: Uint8Array): readonly number[] | null {
    const { nx } = this.rest.image();
    let box: [number, number, number, number] | null = null;
    this.mask.forEach((bit, k) => {
      if (bit !== before[k]) {
        const [x, y] = [k % nx, Math.floor(k / nx)];
        box = box ? [Math.min(box[0], x), Math.max(box[1], x + 1), Math.min(box[2], y), Math.max(box[3], y + 1)] : [x, x + 1, y, y + 1];
      }
    });
    return box;
  }

  private step(from: Step[], to: Step[]): [object] {
    const step = from.pop();
    if (step) {
      to.push({ text: step.text, mask: this.mask, regions: this.regions });
      const { mask, regions } = this;
      this.mask = step.mask;
      this.regions = step.regions;
      this.tell(this.changed(mask), regions);
    }
    return [{}];
  }

  private paint(shape: Shape, mode: string): void {
    const { nx, ny } = this.rest.image();
    const { x0, x1, y0, y1 } = boundsOf(shape);
    const inside = (x: number, y: number): boolean =>
      shape.shape === 'brush' ? shape.vertices.some(([a, b]) => Math.hypot(x - a, y - b) <= shape.radius) : where(shape, { x, y }, 1e-6) !== null;
    const kept = mode === 'intersect' ? this.mask.slice() : null;
    if (kept) {
      this.mask.fill(0);
    }
    for (let y = Math.max(0, Math.ceil(y0)); y <= Math.min(ny - 1, y1); y += 1) {
      for (let x = Math.max(0, Math.ceil(x0)); x <= Math.min(nx - 1, x1); x += 1) {
        if (inside(x, y)) {
          this.mask[y * nx + x] = kept ? kept[y * nx + x]! : mode === 'subtract' ? 0 : 1;
        }
      }
    }
  }

  private whole(action: string): void {
    if (action === 'clear' || action === 'fill') {
      this.mask.fill(action === 'fill' ? 1 : 0);
    } else if (action === 'invert') {
      this.mask = this.mask.map(bit => 1 - bit);
    }
  }

  private editRegions({ action, regions, ids }: Params): [object] {
    const given = (regions ?? []) as Region[];
    let made: string[] = (ids ?? given.map(({ id }) => id)) as string[];
    this.change(`${String(action)} region`, () => {
      if (action === 'add') {
        const named = given.map(region => ({ ...region, id: `r${(this.counter += 1)}` }));
        made = named.map(({ id }) => id);
        this.regions = [...this.regions, ...named];
      } else if (action === 'replace') {
        this.regions = this.regions.map(region => given.find(({ id }) => id === region.id) ?? region);
      } else {
        this.regions = this.regions.filter(({ id }) => !made.includes(id));
      }
    });
    return [{ ids: made }];
  }

  private tile({ level, column, row }: Record<string, number>): [object, ArrayBuffer[]] {
    const { nx: width, ny: height } = this.rest.image();
    const bin = 2 ** level!;
    const [x0, y0] = [column! * 256 * bin, row! * 256 * bin];
    const [x1, y1] = [Math.min(width, x0 + 256 * bin), Math.min(height, y0 + 256 * bin)];
    const [nx, ny] = [Math.ceil((x1 - x0) / bin), Math.ceil((y1 - y0) / bin)];
    const stride = Math.ceil(nx / 8);
    const bytes = new Uint8Array(stride * ny);
    for (let y = y0; y < y1; y += 1) {
      for (let x = x0; x < x1; x += 1) {
        if (this.mask[y * width + x]) {
          const [i, j] = [Math.floor((x - x0) / bin), Math.floor((y - y0) / bin)];
          const at = j * stride + (i >> 3);
          bytes[at] = bytes[at]! | (1 << (i & 7));
        }
      }
    }
    return [{ level, column, row, x0, x1, y0, y1, nx, ny, revision: this.revision }, [bytes.buffer]];
  }
}

/** How one list becomes another; `before`: `null` for those who know none. */
function told(before: readonly Region[] | null, after: readonly Region[], revision: number): RegionsEvent {
  const known = new Map((before ?? []).map(region => [region.id, region]));
  const now = new Set(after.map(({ id }) => id));
  return {
    base: before && revision - 1,
    revision,
    removed: [...known.keys()].filter(id => !now.has(id)),
    changed: after.filter(region => known.has(region.id) && known.get(region.id) !== region) as unknown as RegionInfo[],
    added: after.flatMap((region, at) => (known.has(region.id) ? [] : [{ at, regions: [region as unknown as RegionInfo] }])),
    last: true
  };
}

/** Everywhere is around one pixel here. */
function placeOf(point: number[] | undefined): { x: number; y: number } {
  return { x: point?.[0] ?? 20, y: point?.[1] ?? 20 };
}
