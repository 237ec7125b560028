import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChannelTransport } from '../src/viewer/core/channel';
import { packFrame, unpackFrame } from '../src/viewer/core/frames';
import { FakeKernel } from '../dev/fake-kernel';
import { type Failure, OfflineError } from '../src/viewer/core/transport';
import { FIRST_PAUSE, LONGEST_PAUSE, STEADY, WebSocketPort } from '../src/viewer/core/websocket-port';
import { mountRaster } from '../src/viewer/raster/mount';

interface Sent {
  kind: string;
  id: string;
  op: string;
  params: Record<string, unknown>;
}

/** The browser's half of a socket; the test is the network and the server. */
class FakeSocket {
  readyState = 0;
  binaryType = 'blob';
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly frames: (string | ArrayBuffer)[] = [];

  send(frame: string | ArrayBuffer): void {
    expect(this.readyState).toBe(1);
    this.frames.push(frame);
  }

  close(): void {
    this.readyState = 3;
  }

  // ---- the other end

  get sent(): Sent[] {
    return this.frames.map(frame => unpackFrame(frame).message as Sent);
  }

  stand(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  say(message: object, buffers: ArrayBuffer[] = []): void {
    this.onmessage?.({ data: packFrame(message, buffers) });
  }

  end(code = 1006, reason: string | object = ''): void {
    this.readyState = 3;
    this.onclose?.({ code, reason: typeof reason === 'string' ? reason : JSON.stringify(reason) });
  }
}

let sockets: FakeSocket[];
let end: AbortController;
let port: WebSocketPort;
let transport: ChannelTransport;
let refusals: Failure[];
let visible: boolean;

const last = (): FakeSocket => sockets.at(-1)!;
const ask = (op: string, params = {}): void => void transport.request(op, params).catch(() => undefined);
const wait = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  refusals = [];
  visible = true;
  end = new AbortController();
  vi.spyOn(document, 'visibilityState', 'get').mockImplementation(() => (visible ? 'visible' : 'hidden'));
  port = new WebSocketPort(
    {
      open: () => {
        const socket = new FakeSocket();
        sockets.push(socket);
        return socket as unknown as WebSocket;
      },
      lost: () => transport.close(new OfflineError('lost'), false),
      refused: failure => refusals.push(failure)
    },
    end.signal
  );
  transport = new ChannelTransport(port, end.signal);
});

afterEach(() => {
  end.abort();
  vi.useRealTimers();
});

describe('a connection', () => {
  it('carries what was asked before it stood, in order, and the answers with their buffers', async () => {
    const hello = transport.request('hello', {});
    port.connect();
    ask('tile', { x: 1 });
    expect(last().frames).toEqual([]);
    last().stand();
    expect(last().sent.map(message => message.op)).toEqual(['hello', 'tile']);
    expect(last().binaryType).toBe('arraybuffer');
    last().say({ kind: 'response', id: last().sent[0]!.id, ok: true, result: 7 }, [Float32Array.of(1.5, -2).buffer]);
    const { result, buffers } = await hello;
    expect(result).toBe(7);
    expect(buffers[0]!.getFloat32(4, true)).toBe(-2);
  });

  it('is made once', () => {
    port.connect();
    port.connect();
    last().stand();
    port.connect();
    expect(sockets).toHaveLength(1);
  });

  it('ends with the signal, and does not come back', async () => {
    port.connect();
    last().stand();
    end.abort();
    expect(last().readyState).toBe(3);
    last().end();
    port.connect();
    await wait(LONGEST_PAUSE);
    expect(sockets).toHaveLength(1);
  });
});

describe('a lost connection', () => {
  it('refuses what waits and what comes, as offline', async () => {
    const offline = vi.fn();
    transport.on('offline', offline);
    port.connect();
    last().stand();
    const waiting = transport.request('tile', {}).catch((error: unknown) => error);
    last().end();
    expect(await waiting).toBeInstanceOf(OfflineError);
    expect(offline).toHaveBeenCalledOnce();
    await expect(transport.request('tile', {})).rejects.toBeInstanceOf(OfflineError);
  });

  it('needs no word of what is given up', () => {
    port.connect();
    last().stand();
    last().readyState = 2; // it is closing, and nobody was told yet
    expect(() => port.send({ kind: 'cancel', id: 'a-1' })).not.toThrow();
    expect(() => port.send({ kind: 'request', id: 'a-2', op: 'tile', params: {} })).toThrow(OfflineError);
  });

  it('is made again after pauses that double, up to the longest', async () => {
    port.connect();
    let pause = FIRST_PAUSE;
    for (let attempt = 1; attempt < 12; attempt += 1) {
      last().end();
      await wait(pause - 1);
      expect(sockets).toHaveLength(attempt);
      await wait(1);
      expect(sockets).toHaveLength(attempt + 1);
      pause = Math.min(2 * pause, LONGEST_PAUSE);
    }
    expect(pause).toBe(30_000);
  });

  it('begins with the short pause again only after a good one', async () => {
    port.connect();
    last().end();
    await wait(FIRST_PAUSE);
    last().stand();
    last().end(); // it stood, but not for long
    await wait(2 * FIRST_PAUSE - 1);
    expect(sockets).toHaveLength(2);
    await wait(1);
    last().stand();
    await wait(STEADY);
    last().end();
    await wait(FIRST_PAUSE);
    expect(sockets).toHaveLength(4);
  });

  it.each([
    ['the page is seen again', () => document.dispatchEvent(new Event('visibilitychange'))],
    ['the browser is online again', () => window.dispatchEvent(new Event('online'))]
  ])('is made again at once when %s', (_, happens) => {
    port.connect();
    happens();
    expect(sockets).toHaveLength(1);
    last().end();
    visible = false;
    happens();
    expect(sockets).toHaveLength(1);
    visible = true;
    happens();
    expect(sockets).toHaveLength(2);
  });

  it('listens to the newest socket only', async () => {
    const heard = vi.fn();
    transport.on('busy', heard);
    port.connect();
    const first = last();
    first.stand();
    first.end();
    await wait(FIRST_PAUSE);
    first.say({ kind: 'event', event: 'busy', data: {} });
    first.end();
    expect(heard).not.toHaveBeenCalled();
    expect(sockets).toHaveLength(2);
  });
});

describe('after it has come back', () => {
  async function interrupt(): Promise<FakeSocket> {
    port.connect();
    last().stand();
    ask('hello');
    last().say({ kind: 'response', id: last().sent[0]!.id, ok: true, result: { state: { path: '/data/a.ms', x: 'time', y: 'baseline' } } });
    last().say({ kind: 'event', event: 'state', data: { changes: { x: 'frequency', iteration: 3 } } });
    last().end();
    await wait(FIRST_PAUSE);
    return last();
  }

  it('sets what was set, without the path, and only then has the view greet', async () => {
    const order: string[] = [];
    transport.on('restarted', () => {
      order.push(...last().sent.map(message => message.op), 'restarted');
      ask('hello');
    });
    const socket = await interrupt();
    socket.stand();
    expect(order).toEqual(['set', 'restarted']);
    expect(socket.sent[0]!.params).toEqual({ changes: { x: 'frequency', y: 'baseline', iteration: 3 } });
    expect(socket.sent[1]!.op).toBe('hello');
  });

  it('tells where that could not be set', async () => {
    const notices: unknown[] = [];
    transport.on('notice', data => notices.push(data));
    const socket = await interrupt();
    socket.stand();
    const { id } = socket.sent[0]!;
    socket.say({ kind: 'response', id, ok: false, error: { code: 'bad-option', message: 'x cannot be "frequency".' } });
    expect(notices).toEqual([{ level: 'error', text: expect.stringContaining('x cannot be "frequency".') as string }]);
  });

  it('has the view greet also where nothing was known yet', async () => {
    const restarted = vi.fn();
    transport.on('restarted', restarted);
    port.connect();
    last().end();
    await wait(FIRST_PAUSE);
    last().stand();
    expect(last().sent).toEqual([]);
    expect(restarted).toHaveBeenCalledOnce();
  });
});

describe('the word of the server', () => {
  const reason = { code: 'not-found', message: 'There is no folder "x.ms".', hint: 'Look at the name.', reloadable: false };

  it('that says no is final until somebody asks again', async () => {
    port.connect();
    last().stand();
    last().end(4404, reason);
    expect(refusals).toEqual([{ code: 'not-found', message: reason.message, hint: reason.hint }]);
    window.dispatchEvent(new Event('online'));
    await wait(2 * LONGEST_PAUSE);
    expect(sockets).toHaveLength(1);
    port.connect();
    expect(sockets).toHaveLength(2);
  });

  it('that says later is told, and heeded', async () => {
    const notices: unknown[] = [];
    transport.on('notice', data => notices.push(data));
    port.connect();
    last().end(4503, { code: 'busy', message: 'All 8 viewers are in use.', hint: 'Close one.', reloadable: true });
    expect(notices).toEqual([{ level: 'warning', text: 'All 8 viewers are in use. Close one.' }]);
    await wait(FIRST_PAUSE);
    expect(sockets).toHaveLength(2);
    expect(refusals).toEqual([]);
  });

  it.each([
    [4400, false],
    [4403, false],
    [4404, false],
    [4422, false],
    [4500, true],
    [4503, true],
    [1006, true],
    [1001, true]
  ])('may be a code alone: %i', async (code, again) => {
    port.connect();
    last().end(code, '{"code": "cut o');
    await wait(FIRST_PAUSE);
    expect(sockets).toHaveLength(again ? 2 : 1);
    expect(refusals).toHaveLength(again ? 0 : 1);
    expect(refusals.every(({ message }) => message !== '')).toBe(true);
  });

  it('is in full in the event before the end', () => {
    const message = `There is no folder ${'x'.repeat(300)}.ms`;
    port.connect();
    last().stand();
    last().say({ kind: 'event', event: 'closing', data: { ...reason, message } });
    last().end(4404, { code: 'not-found', message: 'There is no...', reloadable: false });
    expect(refusals[0]).toEqual({ code: 'not-found', message, hint: reason.hint });
    port.connect();
    last().end(4403);
    expect(refusals[1]!.code).toBe('forbidden');
  });

  it('that says no lets the next attempt begin from the start', () => {
    port.connect();
    last().stand();
    last().say({ kind: 'event', event: 'state', data: { changes: { x: 'frequency' } } });
    last().end(4500, { ...reason, code: 'worker-lost' });
    port.connect();
    last().stand();
    expect(last().sent).toEqual([]);
  });

  it('that cannot be read ends the connection', () => {
    port.connect();
    last().stand();
    last().onmessage?.({ data: new ArrayBuffer(3) });
    expect(refusals[0]!.code).toBe('frame');
    expect(last().readyState).toBe(3);
  });
});

describe('the raster viewer over it', () => {
  /** Puts the fake kernel behind the newest socket, as a new process. */
  function serve(): FakeKernel {
    const kernel = new FakeKernel();
    const socket = last();
    kernel.listen((message, buffers) => {
      if (socket.readyState === 1) {
        socket.say(message as object, buffers.map(view => view.buffer));
      }
    });
    const send = socket.send.bind(socket);
    socket.send = frame => {
      send(frame);
      kernel.send(unpackFrame(frame).message as object);
    };
    socket.stand();
    return kernel;
  }

  it('is offline while the connection is, and goes on with the controls that were set', async () => {
    const el = document.body.appendChild(document.createElement('div'));
    mountRaster(el, transport, end.signal);
    const root = el.querySelector<HTMLElement>('.dsa-root')!;
    port.connect();
    const first = serve();
    await wait(2000);
    expect(root.dataset.state).toBe('ready');
    const select = el.querySelector<HTMLSelectElement>('[data-field="x"] select')!;
    select.value = 'frequency';
    select.dispatchEvent(new Event('change'));
    await wait(2000);
    expect(first.state.x).toBe('frequency');

    last().end();
    expect(root.dataset.state).toBe('offline');
    await wait(FIRST_PAUSE);
    const second = serve();
    await wait(3000);
    expect(second.state.x).toBe('frequency');
    expect(root.dataset.state).toBe('ready');
    expect(el.querySelector('.dsa-overlay')!.textContent).toContain('Frequency (MHz)');
    el.remove();
  });

  it('tells that the process behind it was replaced', async () => {
    const el = document.body.appendChild(document.createElement('div'));
    mountRaster(el, transport, end.signal);
    port.connect();
    const kernel = serve();
    await wait(2000);
    kernel.event('restarted', { code: 'worker-lost', message: 'The process has ended (SIGABRT).', hint: '' });
    await wait(2000);
    expect(el.querySelector('.dsa-notice-error')!.textContent).toContain('ended (SIGABRT). Another process has taken over.');
    expect(el.querySelector<HTMLElement>('.dsa-root')!.dataset.state).toBe('ready');
    el.remove();
  });
});
