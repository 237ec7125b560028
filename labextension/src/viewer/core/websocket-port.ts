/** A WebSocket as a pipe for messages: it comes back by itself, and brings the view's state back with it. */

import { OFFLINE, type Port, RESTARTED } from './channel';
import { closeReason, record } from './close-reason';
import { packFrame, unpackFrame } from './frames';
import { type Failure, OfflineError } from './transport';

export interface PortOptions {
  /** Makes a socket; called for every attempt. */
  open(): WebSocket;
  /** Nothing that waits will be answered any more: the connection has gone. */
  lost(): void;
  /** The server does not want this viewer. It is not asked again before somebody calls `connect`. */
  refused(failure: Failure): void;
}

type Handler = (message: unknown, buffers: DataView[]) => void;

/** Milliseconds before the second attempt; each further pause is twice as long, up to the longest. */
export const FIRST_PAUSE = 500;
export const LONGEST_PAUSE = 30_000;
/** A connection that stood as long was a good one: after it the pauses begin anew. */
export const STEADY = 10_000;
/** The id of the port's own request. There is one to a connection. */
const RESTORE = 'restore';

export class WebSocketPort implements Port {
  private readonly handlers = new Set<Handler>();
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pause = FIRST_PAUSE;
  private opened = 0;
  /** The last words of the server on this connection. */
  private said: unknown = null;
  /** What is said before the first connection stands; afterwards nothing waits. */
  private early: (string | ArrayBuffer)[] | null = [];
  private hello: unknown = null;
  /** The controls as the other side has told them. */
  private state: Record<string, unknown> = {};

  constructor(
    private readonly options: PortOptions,
    private readonly signal: AbortSignal
  ) {
    const hurry = (): void => {
      if (this.timer !== undefined && document.visibilityState === 'visible') {
        this.connect();
      }
    };
    document.addEventListener('visibilitychange', hurry, { signal });
    window.addEventListener('online', hurry, { signal });
    signal.addEventListener('abort', () => {
      clearTimeout(this.timer);
      const { socket } = this;
      this.socket = null;
      socket?.close();
    });
  }

  /** Connects now, unless there is a connection or one is being made. */
  connect(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.socket || this.signal.aborted) {
      return;
    }
    const socket = this.options.open();
    this.socket = socket;
    this.opened = 0;
    this.said = null;
    socket.binaryType = 'arraybuffer';
    // A socket that was given up says nothing more.
    socket.onopen = () => this.socket === socket && this.stands(socket);
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => this.socket === socket && this.take(data);
    socket.onclose = event => this.socket === socket && this.ended(event.code, event.reason);
  }

  send(message: object, buffers?: ArrayBuffer[]): void {
    const { kind, op, id } = record(message);
    if (op === 'hello') {
      this.hello = id;
    }
    if (this.socket?.readyState === WebSocket.OPEN) {
      this.socket.send(packFrame(message, buffers));
    } else if (this.early) {
      this.early.push(packFrame(message, buffers));
    } else if (kind !== 'cancel') {
      throw new OfflineError('There is no connection to the server.');
    }
  }

  listen(handler: Handler): () => void {
    this.handlers.add(handler);
    return () => this.handlers.delete(handler);
  }

  private stands(socket: WebSocket): void {
    this.opened = Date.now();
    if (this.early) {
      this.early.forEach(frame => socket.send(frame));
      this.early = null;
      return;
    }
    // Another process is behind this connection. The path is in the socket's address.
    const changes = Object.fromEntries(Object.entries(this.state).filter(([name]) => name !== 'path'));
    if (Object.keys(changes).length > 0) {
      this.send({ kind: 'request', id: RESTORE, op: 'set', params: { changes } });
    }
    this.deliver({ kind: 'event', event: RESTARTED, data: {} }, []);
  }

  private take(frame: string | ArrayBuffer): void {
    let unpacked;
    try {
      unpacked = unpackFrame(frame);
    } catch {
      this.giveUp({ code: 'frame', message: 'The server sent what this viewer cannot read.', hint: 'Reload the page.' });
      return;
    }
    const { kind, id, ok, event, data, result, error } = record(unpacked.message);
    if (kind === 'event' && event === 'closing') {
      this.said = data;
      return;
    }
    if (kind === 'event' && event === 'state') {
      Object.assign(this.state, record(record(data).changes));
    } else if (kind === 'response' && id === this.hello) {
      Object.assign(this.state, record(record(result).state));
    }
    if (kind === 'response' && id === RESTORE) {
      if (ok !== true) {
        const { message } = record(error);
        this.notice('error', `What was set before the interruption could not be set again. ${typeof message === 'string' ? message : ''}`);
      }
      return;
    }
    this.deliver(unpacked.message, unpacked.buffers);
  }

  private ended(code: number, reason: string): void {
    const told = closeReason(code, reason, this.said);
    if (told && !told.reloadable) {
      this.giveUp(told.failure);
      return;
    }
    if (told) {
      this.notice('warning', `${told.failure.message} ${told.failure.hint}`);
    }
    this.letGo();
    if (this.opened > 0 && Date.now() - this.opened >= STEADY) {
      this.pause = FIRST_PAUSE;
    }
    this.timer = setTimeout(() => this.connect(), this.pause);
    this.pause = Math.min(2 * this.pause, LONGEST_PAUSE);
  }

  private giveUp(failure: Failure): void {
    this.letGo();
    this.pause = FIRST_PAUSE;
    this.state = {}; // it may be what was set that cannot be served
    this.options.refused(failure);
  }

  /** Lets go of the socket and of all that waits for an answer. */
  private letGo(): void {
    const { socket } = this;
    this.socket = null;
    this.early = null;
    socket?.close();
    this.options.lost();
    this.deliver({ kind: 'event', event: OFFLINE, data: {} }, []);
  }

  /** A warning goes with the next picture, an error stays until it is dismissed. */
  private notice(level: 'warning' | 'error', text: string): void {
    this.deliver({ kind: 'event', event: 'notice', data: { level, text: text.trim() } }, []);
  }

  private deliver(message: unknown, buffers: DataView[]): void {
    for (const handler of [...this.handlers]) {
      handler(message, buffers);
    }
  }
}
