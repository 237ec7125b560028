import { describe, expect, it, vi } from 'vitest';
import type { Transport } from '../src/viewer/core/transport';
import { KnownRegions } from '../src/viewer/image/known-regions';
import { ImageModel } from '../src/viewer/image/model';
import type { RegionInfo, RegionsEvent, RegionsInfo } from '../src/viewer/image/protocol';

const region = (id: string, x = 0): RegionInfo => ({ id, shape: 'circle', frame: 'pixel', drawn_in: 'pixel', include: true, label: '', colour: '', channels: null, stokes: null, x });
const event = (changes: Partial<RegionsEvent>): RegionsEvent => ({ base: 1, revision: 2, removed: [], changed: [], added: [], last: true, ...changes });
const list = (ids: string): RegionsInfo => ({ revision: 1, regions: ids.split(' ').map(id => region(id)) });
const ids = (info: RegionsInfo | string | null): string => (info === null || typeof info === 'string' ? String(info) : info.regions.map(({ id }) => id).join(''));

describe('the regions that are known', () => {
  it('are put where they are in the list of the kernel', () => {
    const known = new KnownRegions();
    const added = [
      { at: 0, regions: [region('x'), region('y')] },
      { at: 4, regions: [region('z')] },
      { at: 6, regions: [region('w')] }
    ];
    const now = known.take(list('a b c d'), event({ removed: ['b'], changed: [region('c', 7)], added })) as RegionsInfo;
    expect(ids(now)).toBe('xyaczdw');
    expect(now.revision).toBe(2);
    expect(now.regions[3]!.x).toBe(7);
  });

  it('may come in parts, and are not shown before the last one', () => {
    const known = new KnownRegions();
    const before = list('a b c');
    expect(known.take(before, event({ removed: ['a'], added: [{ at: 1, regions: [region('x')] }], last: false }))).toBe('more');
    expect(ids(known.take(before, event({ base: 2, added: [{ at: 3, regions: [region('y')] }] })))).toBe('bxcy');
    expect(known.take(before, event({ base: 2 }))).toBe('lost');
  });

  it('begin anew where there is no base', () => {
    const known = new KnownRegions();
    expect(ids(known.take(list('a b c'), event({ base: null, added: [{ at: 0, regions: [region('x')] }] })))).toBe('x');
    expect(ids(known.take(null, event({ base: null })))).toBe('');
  });

  it('of 20,000 take a change of many places in a moment', () => {
    const many = { revision: 1, regions: Array.from({ length: 20_000 }, (_, k) => region(`r${k}`)) };
    const added = Array.from({ length: 5000 }, (_, k) => ({ at: 3 * k, regions: [region(`n${k}`)] }));
    const begin = performance.now();
    const now = new KnownRegions().take(many, event({ removed: ['r7'], added })) as RegionsInfo;
    expect(now.regions).toHaveLength(24_999);
    expect(added.every(({ at, regions }) => now.regions[at] === regions[0])).toBe(true);
    expect(performance.now() - begin).toBeLessThan(500);
  });
});

describe('a model that has missed a change', () => {
  it('asks for everything, but not before it knows anything', () => {
    const handlers = new Map<string, (data: unknown) => void>();
    const request = vi.fn(() => new Promise<never>(() => undefined));
    const transport = { request, on: (name: string, handler: (data: unknown) => void) => (handlers.set(name, handler), () => undefined) } as unknown as Transport;
    const model = new ImageModel(transport, new AbortController().signal);
    const tell = handlers.get('regions')!;
    tell(event({ base: 4, revision: 5 }));
    expect(request).not.toHaveBeenCalled();
    expect(model.session.value.regions).toBeNull();
    tell(event({ base: null, revision: 5, added: [{ at: 0, regions: [region('a')] }] }));
    tell(event({ base: 6, revision: 7 }));
    expect(request).toHaveBeenCalledTimes(1);
    expect(request.mock.calls[0]).toEqual(expect.arrayContaining(['hello']));
    expect(ids(model.session.value.regions)).toBe('a');
  });
});
