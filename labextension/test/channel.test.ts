import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChannelTransport, type Port } from '../src/viewer/core/channel';
import { WatchedTransport } from '../src/viewer/core/silence';
import { asFailure, isAbort, OfflineError, RemoteError } from '../src/viewer/core/transport';

interface Sent {
  kind: string;
  id: string;
  op?: string;
}

class FakePort implements Port {
  sent: Sent[] = [];
  listening = true;
  private handler: (message: unknown, buffers: DataView[]) => void = () => undefined;

  send(message: object): void {
    this.sent.push(message as Sent);
  }

  listen(handler: (message: unknown, buffers: DataView[]) => void): () => void {
    this.handler = handler;
    return () => {
      this.listening = false;
    };
  }

  say(message: object, buffers: DataView[] = []): void {
    this.handler(message, buffers);
  }

  answer(index: number, result: unknown): void {
    this.say({ kind: 'response', id: this.sent[index]!.id, ok: true, result });
  }
}

let port: FakePort;
let end: AbortController;
let transport: ChannelTransport;

beforeEach(() => {
  vi.useFakeTimers();
  port = new FakePort();
  end = new AbortController();
  transport = new ChannelTransport(port, end.signal);
});
afterEach(() => vi.useRealTimers());

describe('ChannelTransport', () => {
  it('matches answers to requests, in any order, with buffers', async () => {
    const first = transport.request('a', { n: 1 });
    const second = transport.request('b', {});
    expect(port.sent[0]).toMatchObject({ kind: 'request', op: 'a', params: { n: 1 } });
    const buffer = new DataView(new ArrayBuffer(4));
    port.say({ kind: 'response', id: port.sent[1]!.id, ok: true, result: 'B' }, [buffer]);
    port.answer(0, 'A');
    expect((await first).result).toBe('A');
    expect(await second).toEqual({ result: 'B', buffers: [buffer] });
  });

  it('rejects with the three parts of an error', async () => {
    const request = transport.request('a', {});
    const error = { code: 'bad-option', message: 'No axis "z".', hint: 'Allowed: time.', key: 'x' };
    port.say({ kind: 'response', id: port.sent[0]!.id, ok: false, error });
    const caught: unknown = await request.catch((e: unknown) => e);
    expect(caught).toBeInstanceOf(RemoteError);
    expect(caught).toMatchObject(error);
    expect(asFailure(caught)).toEqual({ code: error.code, message: error.message, hint: error.hint });
  });

  it('sends a cancel when aborted, and drops the late answer', async () => {
    const controller = new AbortController();
    const request = transport.request('tile', {}, { signal: controller.signal });
    controller.abort();
    await expect(request).rejects.toSatisfy(isAbort);
    expect(port.sent[1]).toEqual({ kind: 'cancel', id: port.sent[0]!.id });
    port.answer(0, 'late');
  });

  it('does not send what was aborted before', async () => {
    await expect(transport.request('a', {}, { signal: AbortSignal.abort() })).rejects.toSatisfy(isAbort);
    expect(port.sent).toEqual([]);
  });

  it('times out only when told to', async () => {
    const patient = transport.request('a', {});
    const hasty = transport.request('b', {}, { timeout: 5000 });
    const caught = hasty.catch((e: unknown) => e);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await caught).toBeInstanceOf(OfflineError);
    port.answer(0, 1);
    expect((await patient).result).toBe(1);
  });

  it('is offline where sending throws', async () => {
    vi.spyOn(port, 'send').mockImplementation(() => {
      throw new Error('comm is closed');
    });
    await expect(transport.request('a', {})).rejects.toThrow(OfflineError);
  });

  it('gives events to those who listen, and to them only', () => {
    const heard: unknown[] = [];
    const stop = transport.on('busy', data => heard.push(data));
    port.say({ kind: 'event', event: 'busy', data: 1 });
    port.say({ kind: 'event', event: 'other', data: 2 });
    port.say({ nonsense: true });
    stop();
    port.say({ kind: 'event', event: 'busy', data: 3 });
    expect(heard).toEqual([1]);
  });

  it('ends with its signal: waiting requests and later ones are refused', async () => {
    const request = transport.request('a', {});
    end.abort();
    await expect(request).rejects.toSatisfy(isAbort);
    await expect(transport.request('b', {})).rejects.toSatisfy(isAbort);
    expect(port.listening).toBe(false);
  });

  it('lets go of what waits when the process behind the model is a new one, and tells who listens', async () => {
    const request = transport.request('a', {});
    const heard = vi.fn();
    transport.on('restarted', heard);
    port.say({ kind: 'event', event: 'restarted', data: { code: 'died' } });
    await expect(request).rejects.toSatisfy(isAbort);
    expect(heard).toHaveBeenCalledOnce();
    expect(port.sent.map(({ kind }) => kind)).toEqual(['request']);
    const next = transport.request('b', {});
    port.answer(1, 'new');
    expect((await next).result).toBe('new');
  });

  it('can lose what is waiting and go on', async () => {
    const request = transport.request('a', {});
    transport.close(new OfflineError('gone'), false);
    await expect(request).rejects.toThrow('gone');
    const next = transport.request('b', {});
    port.answer(1, 'back');
    expect((await next).result).toBe('back');
  });
});

describe('WatchedTransport', () => {
  const told: boolean[] = [];
  let watched: WatchedTransport;
  beforeEach(() => {
    told.length = 0;
    const options = { patience: 1000, slow: ['save'], tell: (silent: boolean) => told.push(silent) };
    watched = new WatchedTransport(transport, options, end.signal);
  });

  it('notices silence, and the next word', async () => {
    const request = watched.request('probe', {});
    await vi.advanceTimersByTimeAsync(999);
    expect(told).toEqual([]);
    await vi.advanceTimersByTimeAsync(2);
    expect(told).toEqual([true]);
    port.answer(0, 1);
    await request;
    expect(told).toEqual([true, false]);
  });

  it('knows at once where sending is impossible', async () => {
    const send = vi.spyOn(port, 'send').mockImplementation(() => {
      throw new Error('Cannot send');
    });
    await expect(watched.request('probe', {})).rejects.toThrow('Cannot send');
    expect(told).toEqual([true]);
    send.mockRestore();
    const next = watched.request('probe', {});
    port.answer(0, 1);
    await next;
    expect(told).toEqual([true, false]);
  });

  it('takes any event for a sign of life', async () => {
    watched.on('progress', () => undefined);
    void watched.request('tile', {});
    for (let i = 0; i < 5; i += 1) {
      await vi.advanceTimersByTimeAsync(800);
      port.say({ kind: 'event', event: 'progress', data: {} });
    }
    expect(told).toEqual([]);
  });

  it('leaves slow operations and cancelled requests alone', async () => {
    void watched.request('save', {});
    const controller = new AbortController();
    const request = watched.request('probe', {}, { signal: controller.signal }).catch(() => undefined);
    controller.abort();
    await request;
    await vi.advanceTimersByTimeAsync(5000);
    expect(told).toEqual([]);
  });
});
