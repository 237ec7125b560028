import { describe, expect, it } from 'vitest';
import { Store } from '../src/viewer/core/store';
import type { EventHandler, Transport } from '../src/viewer/core/transport';
import { RemoteError } from '../src/viewer/core/transport';
import { RasterModel, type Refusal } from '../src/viewer/raster/model';

interface Call {
  op: string;
  params: { changes?: Record<string, unknown> };
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}

class ManualTransport implements Transport {
  calls: Call[] = [];
  private readonly handlers = new Map<string, EventHandler>();

  request: Transport['request'] = (op, params) =>
    new Promise((resolve, reject) => {
      this.calls.push({ op, params, resolve: result => resolve({ result: result as never, buffers: [] }), reject });
    });

  on(event: string, handler: EventHandler): () => void {
    this.handlers.set(event, handler);
    return () => this.handlers.delete(event);
  }

  emit(event: string, data: unknown): void {
    this.handlers.get(event)?.(data, []);
  }

  get sets(): Call[] {
    return this.calls.filter(call => call.op === 'set');
  }
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 12; i += 1) {
    await Promise.resolve();
  }
};

function setUp(): { transport: ManualTransport; model: RasterModel } {
  const transport = new ManualTransport();
  return { transport, model: new RasterModel(transport, new AbortController().signal) };
}

describe('Store', () => {
  it('tells what has changed, and nothing when nothing has', () => {
    const store = new Store({ a: 1, b: [1, 2] });
    const heard: string[][] = [];
    const end = new AbortController();
    store.subscribe((_, changed) => heard.push([...changed]), end.signal);
    store.patch({ a: 1, b: [1, 2] });
    store.patch({ a: 2, b: [1, 3] });
    end.abort();
    store.patch({ a: 3 });
    expect(heard).toEqual([['a', 'b']]);
  });
});

describe('RasterModel', () => {
  it('takes over what hello and picture answer', async () => {
    const { transport, model } = setUp();
    void model.greet();
    transport.calls[0]!.resolve({ state: { x: 'frequency' }, choices: { axes: ['time'] }, source: { name: 'a.ms' }, busy: true });
    await settle();
    expect(model.state.value.x).toBe('frequency');
    expect(model.session.value).toMatchObject({ greeted: true, busy: true, source: { name: 'a.ms' } });
    expect(transport.calls[1]!.op).toBe('picture');
    transport.emit('picture', { generation: 5 });
    transport.calls[1]!.resolve({ generation: 4 });
    await settle();
    expect(model.session.value.picture?.generation).toBe(5);
  });

  it('changes at once here, and sends changes made together in one message', async () => {
    const { transport, model } = setUp();
    model.set({ x: 'time' });
    model.set({ y: 'baseline' });
    expect(model.state.value).toMatchObject({ x: 'time', y: 'baseline' });
    await settle();
    expect(transport.sets.map(call => call.params)).toEqual([{ changes: { x: 'time', y: 'baseline' } }]);
  });

  it('has one message on its way and sends the newest values next', async () => {
    const { transport, model } = setUp();
    model.set({ iteration: 1 });
    await settle();
    model.set({ iteration: 2 });
    model.set({ iteration: 3 });
    await settle();
    expect(transport.sets).toHaveLength(1);
    transport.sets[0]!.resolve({});
    await settle();
    expect(transport.sets[1]!.params).toEqual({ changes: { iteration: 3 } });
  });

  it('is not thrown back by the echo of an older value', async () => {
    const { transport, model } = setUp();
    model.set({ iteration: 1 });
    await settle();
    model.set({ iteration: 2 });
    transport.emit('state', { changes: { iteration: 1 } });
    expect(model.state.value.iteration).toBe(2);
    transport.sets[0]!.resolve({});
    await settle();
    expect(model.state.value.iteration).toBe(2);
    transport.sets[1]!.resolve({});
    transport.emit('state', { changes: { iteration: 2 } });
    await settle();
    transport.emit('state', { changes: { iteration: 7 } });
    expect(model.state.value.iteration).toBe(7);
  });

  it('goes back to the old value when a change is refused, and says about what', async () => {
    const { transport, model } = setUp();
    const refusals: Refusal[] = [];
    model.onRefusal = refusal => refusals.push(refusal);
    model.set({ x: 'nonsense' });
    await settle();
    transport.emit('state', { changes: { x: 'baseline' } });
    transport.sets[0]!.reject(new RemoteError('bad-option', 'No such axis.', 'Allowed: time.'));
    await settle();
    expect(model.state.value.x).toBe('baseline');
    expect(refusals).toEqual([{ keys: ['x'], failure: { code: 'bad-option', message: 'No such axis.', hint: 'Allowed: time.' } }]);
  });

  it('waits for the kernel only when cells change', async () => {
    const { transport, model } = setUp();
    model.set({ colormap: 'magma' });
    expect(model.session.value.waiting).toBe(false);
    model.set({ quantity: 'phase' });
    expect(model.session.value.waiting).toBe(true);
    await settle();
    transport.sets[0]!.resolve({});
    await settle();
    expect(model.session.value.waiting).toBe(false);
  });

  it('keeps failure and busy as the events say', () => {
    const { transport, model } = setUp();
    transport.emit('busy', { busy: true });
    transport.emit('progress', { fraction: 0.5, text: 'Reading' });
    expect(model.session.value).toMatchObject({ busy: true, progress: { fraction: 0.5 } });
    transport.emit('failure', { code: 'locked', message: 'Locked.', hint: '' });
    transport.emit('busy', { busy: false });
    expect(model.session.value).toMatchObject({ busy: false, progress: null, failure: { code: 'locked' } });
    transport.emit('picture', { generation: 1 });
    expect(model.session.value.failure).toBeNull();
  });

  it('greets a new process, whose generations begin anew', async () => {
    const { transport, model } = setUp();
    transport.emit('picture', { generation: 7 });
    transport.emit('busy', { busy: true });
    transport.emit('restarted', {});
    expect(model.session.value).toMatchObject({ picture: null, busy: false });
    expect(transport.calls.map(call => call.op)).toEqual(['hello']);
    transport.calls[0]!.resolve({ state: { x: 'frequency' }, choices: {}, source: {}, busy: false });
    await settle();
    transport.calls[1]!.resolve({ generation: 1 });
    await settle();
    expect(model.session.value.picture?.generation).toBe(1);
  });

  it('gives a new process the change that the old one did not take', async () => {
    const { transport, model } = setUp();
    model.set({ x: 'time' });
    await settle();
    transport.sets[0]!.reject(new DOMException('gone', 'AbortError'));
    await settle();
    expect(transport.sets.map(call => call.params)).toEqual([{ changes: { x: 'time' } }, { changes: { x: 'time' } }]);
  });

  it('says when the kernel has all changes', async () => {
    const { transport, model } = setUp();
    let settled = false;
    model.set({ x: 'time' });
    void model.settled().then(() => (settled = true));
    await settle();
    expect(settled).toBe(false);
    transport.sets[0]!.resolve({});
    await settle();
    expect(settled).toBe(true);
  });
});
