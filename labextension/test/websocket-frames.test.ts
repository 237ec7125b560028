import { describe, expect, it } from 'vitest';
import { packFrame, unpackFrame } from '../src/viewer/core/frames';

/** Repeatable numbers: the case that fails once fails again. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function bytes(view: DataView): number[] {
  return [...new Uint8Array(view.buffer, view.byteOffset, view.byteLength)];
}

describe('a message without buffers', () => {
  it('is a text frame with its JSON', () => {
    const message = { kind: 'request', id: 'a-1', op: 'hello', params: { path: 'Größe 1:2 \u2028.ms' } };
    const frame = packFrame(message);
    expect(typeof frame).toBe('string');
    expect(unpackFrame(frame)).toEqual({ message, buffers: [] });
  });
});

describe('a message with buffers', () => {
  it.each(Array.from({ length: 60 }, (_, seed) => seed))('comes back whole, each part at a multiple of 8 (case %i)', seed => {
    const next = random(seed + 1);
    const buffers = Array.from({ length: 1 + next(9) }, () => {
      const size = [0, 1, 7, 8, 9, next(64), next(70_000)][next(7)]!;
      return Uint8Array.from({ length: size }, () => next(256)).buffer;
    });
    const message = { kind: 'response', id: `${seed}`, text: 'é𝄞'.repeat(next(40)) };
    const frame = packFrame(message, buffers) as ArrayBuffer;
    const header = new DataView(frame);
    expect(header.getUint32(0, true)).toBe(buffers.length + 1);

    const back = unpackFrame(frame);
    expect(back.message).toEqual(message);
    expect(back.buffers.map(bytes)).toEqual(buffers.map(buffer => [...new Uint8Array(buffer)]));
    for (const view of back.buffers) {
      expect(view.byteOffset % 8).toBe(0);
      expect(() => new Float64Array(view.buffer, view.byteOffset, Math.floor(view.byteLength / 8))).not.toThrow();
    }
  });

  it('has the layout that the server speaks', () => {
    const frame = packFrame({ a: 1 }, [Uint8Array.of(1, 2, 3).buffer, Uint8Array.of(9).buffer]) as ArrayBuffer;
    expect([...new Uint8Array(frame)]).toEqual([
      ...[3, 0, 0, 0, 7, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0],
      ...new TextEncoder().encode('{"a":1}'),
      0,
      ...[1, 2, 3, 0, 0, 0, 0, 0],
      9
    ]);
  });

  it('may end before an empty last part would start', () => {
    const frame = packFrame({ a: 12 }, [new ArrayBuffer(0)]) as ArrayBuffer;
    const json = new DataView(frame).getUint32(4, true);
    expect(unpackFrame(frame.slice(0, 16 + json))).toMatchObject({ message: { a: 12 } });
  });
});

describe('what is no frame', () => {
  const whole = packFrame({ a: 1 }, [new ArrayBuffer(100)]) as ArrayBuffer;
  it.each([
    ['empty', new ArrayBuffer(0)],
    ['cut in its header', whole.slice(0, 6)],
    ['cut in a part', whole.slice(0, whole.byteLength - 1)],
    ['without parts', new ArrayBuffer(16)],
    ['with more parts than there can be', Uint8Array.from({ length: 64 }, () => 255).buffer],
    ['text that is no JSON', '{"a":']
  ])('is refused: %s', (_, frame) => {
    expect(() => unpackFrame(frame)).toThrow();
  });
});
