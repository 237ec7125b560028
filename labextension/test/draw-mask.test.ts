import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Answer, Transport } from '../src/viewer/core/transport';
import { type Around, type Bits, edges, isSet, rim, unpack } from '../src/viewer/image/draw/bits';
import { MaskTiles } from '../src/viewer/image/draw/mask-tiles';
import type { ImageInfo, MaskInfo } from '../src/viewer/image/protocol';

const NOWHERE: Around = { left: null, right: null, below: null, above: null };

function bits(...rows: string[]): Bits {
  const set = Uint8Array.from(rows.reverse().join(''), letter => Number(letter === '#'));
  return { nx: rows[0]!.length, ny: rows.length, set, any: set.includes(1) };
}

describe('bits', () => {
  it('are unpacked from rows of bytes, lowest bit first', () => {
    const { nx, ny, set, any } = unpack(new DataView(Uint8Array.of(0b00000101, 0b00000010, 0, 0b11111100).buffer), 10, 2);
    expect([nx, ny, any]).toEqual([10, 2, true]);
    // the spare bits of the last byte count for nothing
    expect([...set]).toEqual([1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(() => unpack(new DataView(new ArrayBuffer(3)), 10, 2)).toThrow('3 bytes');
  });

  it('agree with a simple reading for any width', () => {
    for (const nx of [1, 7, 8, 9, 31, 64]) {
      const bytes = Uint8Array.from({ length: 3 * Math.ceil(nx / 8) }, (_, i) => (i * 97 + 13) & 255);
      const { set } = unpack(new DataView(bytes.buffer), nx, 3);
      for (let k = 0; k < 3 * nx; k += 1) {
        const [i, j] = [k % nx, Math.floor(k / nx)];
        expect(set[k]).toBe((bytes[j * Math.ceil(nx / 8) + (i >> 3)]! >> (i & 7)) & 1);
      }
    }
  });

  it('have an edge of merged lines, as long as the sides between set and unset bins', () => {
    const shape = bits('....', '.##.', '.##.', '.#..');
    const lines: number[][] = [];
    edges(shape, NOWHERE, (...line) => lines.push(line));
    expect(lines.map(([x0, y0, x1, y1]) => x1! - x0! + (y1! - y0!)).reduce((a, b) => a + b)).toBe(10);
    expect(lines).toContainEqual([1, 3, 3, 3]);
    expect(lines).toContainEqual([1, 0, 1, 3]);
    expect(lines).toContainEqual([3, 1, 3, 3]);
    expect(lines).toHaveLength(6);
  });

  it('have no edge towards a tile that goes on, nor towards one that is not known', () => {
    const shape = bits('##', '##');
    const lines: number[][] = [];
    edges(shape, { left: bits('.#', '.#'), right: undefined, below: bits('..', '..'), above: null }, (...line) => lines.push(line));
    expect(lines).toEqual([
      [0, 0, 2, 0],
      [0, 2, 2, 2]
    ]);
    expect(isSet(shape, { ...NOWHERE, left: bits('.#', '.#') }, -1, 0)).toBe(true);
    expect([...rim(shape, { ...NOWHERE, left: shape, right: shape })]).toEqual([1, 1, 1, 1]);
    expect([...rim(bits('###', '###', '###'), NOWHERE)]).toEqual([1, 1, 1, 1, 0, 1, 1, 1, 1]);
  });
});

const IMAGE = { generation: 1, nx: 1000, ny: 700, plane: 0, n_channels: 2, n_stokes: 1, levels: 3, tile: 256 } as unknown as ImageInfo;
const MASK: MaskInfo = { revision: 1, n_pixels: 5, n_planes_with_mask: 1, box: null, can_undo: null, can_redo: null, unsaved: false };
const ALL = { x0: 0, x1: 1000, y0: 0, y1: 700 };

type Asked = Record<'plane' | 'level' | 'column' | 'row' | 'revision', number>;

/** Answers, when told to, with tiles that are full, or empty by where they begin. */
class FakeTransport implements Transport {
  readonly asked: Asked[] = [];
  revision = 1;
  filled: (x0: number) => boolean = () => true;
  private waiting: (() => void)[] = [];

  request<T>(_op: string, params: object, { signal }: { signal?: AbortSignal } = {}): Promise<Answer<T>> {
    const asked = params as Asked;
    this.asked.push(asked);
    const { level, column, row } = asked;
    const size = 256 * 2 ** level;
    const [x0, y0] = [column * size, row * size];
    const [x1, y1] = [Math.min(1000, x0 + size), Math.min(700, y0 + size)];
    const [nx, ny] = [Math.ceil((x1 - x0) / 2 ** level), Math.ceil((y1 - y0) / 2 ** level)];
    const buffer = new Uint8Array(Math.ceil(nx / 8) * ny).fill(this.filled(x0) ? 255 : 0).buffer;
    const { revision } = this;
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
      this.waiting.push(() => resolve({ result: { level, column, row, x0, x1, y0, y1, nx, ny, revision } as T, buffers: [new DataView(buffer)] }));
    });
  }

  on(): () => void {
    return () => undefined;
  }

  /** Answers all that was and is asked. */
  async settle(): Promise<void> {
    for (let i = 0; i < 12; i += 1) {
      this.waiting.splice(0).forEach(answer => answer());
      await Promise.resolve();
      await new Promise(resolve => setTimeout(resolve));
    }
  }

  take(): string[] {
    return this.asked.splice(0).map(({ plane, level, column, row }) => `${plane}/${level}/${column},${row}`).sort();
  }
}

describe('mask tiles', () => {
  let end: AbortController;
  let transport: FakeTransport;
  let tiles: MaskTiles;

  beforeEach(() => {
    end = new AbortController();
    transport = new FakeTransport();
    tiles = new MaskTiles(transport, { changed: () => undefined, failed: error => expect.unreachable(String(error)) }, end.signal);
    tiles.set(IMAGE, MASK);
  });
  afterEach(() => end.abort());

  it('are fetched for what is seen, a few at a time, once', async () => {
    tiles.want(ALL, 1);
    expect(transport.asked).toHaveLength(4);
    expect(tiles.missing).toBe(4);
    await transport.settle();
    expect(transport.take()).toEqual(['0/1/0,0', '0/1/0,1', '0/1/1,0', '0/1/1,1']);
    expect(tiles.missing).toBe(0);
    tiles.want(ALL, 1);
    expect(transport.asked).toHaveLength(0);
    expect(tiles.pieces(ALL, 1)).toHaveLength(4);
  });

  it('are fetched again only where the mask has changed, and stay until then', async () => {
    tiles.want(ALL, 1);
    await transport.settle();
    transport.take();
    transport.revision = 2;
    tiles.set(IMAGE, { ...MASK, revision: 2, box: [500, 520, 10, 20] });
    tiles.want(ALL, 1);
    expect(tiles.missing).toBe(2);
    expect(tiles.pieces(ALL, 1)).toHaveLength(4);
    await transport.settle();
    expect(transport.take()).toEqual(['0/1/0,0', '0/1/1,0']);
    tiles.set(IMAGE, { ...MASK, revision: 2, box: null });
    tiles.want(ALL, 1);
    expect(tiles.missing).toBe(0);
  });

  it('are all fetched again where it is not known what has changed, and after a state was missed', async () => {
    tiles.want(ALL, 1);
    await transport.settle();
    transport.take();
    transport.revision = 2;
    tiles.set(IMAGE, { ...MASK, revision: 2, box: null });
    expect(tiles.missing).toBe(4);
    tiles.want(ALL, 1);
    await transport.settle();
    transport.take();
    transport.revision = 5;
    tiles.set(IMAGE, { ...MASK, revision: 5, box: [0, 1, 0, 1] });
    expect(tiles.missing).toBe(4);
  });

  it('fetches a tile again that came from before the last change', async () => {
    tiles.want({ x0: 0, x1: 200, y0: 0, y1: 200 }, 0);
    tiles.set(IMAGE, { ...MASK, revision: 2, box: [0, 10, 0, 10] });
    await transport.settle();
    // the answer was of revision 1: it is shown, and another one is asked for
    expect(transport.take().length).toBeGreaterThan(1);
    transport.revision = 2;
    await transport.settle();
    expect(tiles.missing).toBe(0);
  });

  it('shows a part of a coarser tile until a finer one is there, and asks for none where that is empty', async () => {
    transport.filled = x0 => x0 < 512;
    tiles.want(ALL, 1);
    await transport.settle();
    transport.take();
    const view = { x0: 300, x1: 800, y0: 0, y1: 200 };
    tiles.want(view, 0);
    const pieces = tiles.pieces(view, 0);
    expect(pieces.map(({ tile, span }) => [tile.level, span.x0, span.x1])).toEqual([[1, 256, 512]]);
    await transport.settle();
    expect(transport.take()).toEqual(['0/0/1,0']);
    expect(tiles.pieces(view, 0).map(({ tile }) => tile.level)).toEqual([0]);
  });

  it('has nothing to fetch for an empty mask, and nothing of another image or process', async () => {
    tiles.set(IMAGE, { ...MASK, n_pixels: 0 });
    tiles.want(ALL, 1);
    expect(transport.asked).toHaveLength(0);
    tiles.set(IMAGE, MASK);
    tiles.want(ALL, 1);
    await transport.settle();
    expect(tiles.pieces(ALL, 1)).toHaveLength(4);
    tiles.set({ ...IMAGE, generation: 2 }, MASK);
    expect(tiles.pieces(ALL, 1)).toHaveLength(0);
    tiles.want(ALL, 1);
    await transport.settle();
    tiles.set({ ...IMAGE, generation: 2 }, { ...MASK, revision: 0 });
    expect(tiles.pieces(ALL, 1)).toHaveLength(0);
  });

  it('keeps the tiles of each plane', async () => {
    tiles.want(ALL, 1);
    await transport.settle();
    transport.take();
    tiles.set({ ...IMAGE, plane: 1 }, MASK);
    tiles.want(ALL, 1);
    await transport.settle();
    expect(transport.take()[0]).toBe('1/1/0,0');
    tiles.set(IMAGE, MASK);
    tiles.want(ALL, 1);
    expect(tiles.missing).toBe(0);
  });
});
