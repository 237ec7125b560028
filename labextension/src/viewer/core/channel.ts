/** The request / response / cancel / event protocol over anything that passes messages with buffers. */

import { type Answer, type EventHandler, OfflineError, RemoteError, type RequestOptions, type Transport } from './transport';

/** A pipe for messages: anywidget's custom messages, a WebSocket, or a test. */
export interface Port {
  send(message: object, buffers?: ArrayBuffer[]): void;
  /** Calls `handler` for each message that comes in; returns what ends that. */
  listen(handler: (message: unknown, buffers: DataView[]) => void): () => void;
}

/** The event that tells of a new process behind the model: views greet again, and generations begin anew. */
export const RESTARTED = 'restarted';
/** The event by which a pipe tells that nobody is at its other end. */
export const OFFLINE = 'offline';

interface Pending {
  resolve(answer: Answer<unknown>): void;
  reject(error: unknown): void;
  finish(): void;
}

interface ErrorBody {
  code?: string;
  message?: string;
  hint?: string;
  key?: string;
}

type Incoming =
  | { kind: 'response'; id: string; ok: true; result: unknown }
  | { kind: 'response'; id: string; ok: false; error: ErrorBody }
  | { kind: 'event'; event: string; data: unknown };

function isIncoming(message: unknown): message is Incoming {
  return typeof message === 'object' && message !== null && 'kind' in message;
}

function abortError(): DOMException {
  return new DOMException('The request was aborted.', 'AbortError');
}

export class ChannelTransport implements Transport {
  private readonly pending = new Map<string, Pending>();
  private readonly handlers = new Map<string, Set<EventHandler>>();
  private readonly prefix = Math.floor(Math.random() * 2 ** 32).toString(36);
  private counter = 0;
  private closed: Error | null = null;

  constructor(
    private readonly port: Port,
    signal: AbortSignal
  ) {
    const stop = port.listen((message, buffers) => this.receive(message, buffers));
    signal.addEventListener('abort', () => {
      stop();
      this.close(abortError());
    });
  }

  request<T>(op: string, params: object, options: RequestOptions = {}): Promise<Answer<T>> {
    const { signal, buffers, timeout } = options;
    if (this.closed) {
      return Promise.reject(this.closed);
    }
    if (signal?.aborted) {
      return Promise.reject(abortError());
    }
    this.counter += 1;
    const id = `${this.prefix}-${this.counter}`;
    return new Promise<Answer<T>>((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const onAbort = (): void => {
        this.drop(id, abortError());
        this.port.send({ kind: 'cancel', id });
      };
      const finish = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.pending.delete(id);
      };
      this.pending.set(id, { resolve: resolve as Pending['resolve'], reject, finish });
      signal?.addEventListener('abort', onAbort);
      if (timeout !== undefined) {
        timer = setTimeout(() => {
          this.drop(id, new OfflineError(`The kernel has not answered for ${Math.round(timeout / 1000)} s.`));
        }, timeout);
      }
      try {
        this.port.send({ kind: 'request', id, op, params }, buffers);
      } catch (error) {
        this.drop(id, new OfflineError(error instanceof Error ? error.message : String(error)));
      }
    });
  }

  on(event: string, handler: EventHandler): () => void {
    const set = this.handlers.get(event) ?? new Set();
    this.handlers.set(event, set);
    set.add(handler);
    return () => set.delete(handler);
  }

  /** Rejects what is waiting; what comes later is refused, too, if `forGood`. */
  close(error: Error, forGood = true): void {
    if (forGood) {
      this.closed = error;
    }
    for (const pending of [...this.pending.values()]) {
      pending.finish();
      pending.reject(error);
    }
  }

  private drop(id: string, error: Error): void {
    const pending = this.pending.get(id);
    if (pending) {
      pending.finish();
      pending.reject(error);
    }
  }

  private receive(message: unknown, buffers: DataView[]): void {
    if (!isIncoming(message)) {
      return;
    }
    if (message.kind === 'event') {
      if (message.event === RESTARTED) {
        // Whoever was asked is not there any more: nothing that waits will be answered.
        this.close(abortError(), false);
      }
      for (const handler of [...(this.handlers.get(message.event) ?? [])]) {
        handler(message.data, buffers);
      }
      return;
    }
    const pending = this.pending.get(message.id);
    if (!pending) {
      return; // answered after it was cancelled
    }
    pending.finish();
    if (message.ok) {
      pending.resolve({ result: message.result, buffers });
    } else {
      const { code = 'error', message: text = 'The kernel answered with an error.', hint = '', key } = message.error;
      pending.reject(new RemoteError(code, text, hint, key));
    }
  }
}
