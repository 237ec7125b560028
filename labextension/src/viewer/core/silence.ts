/** Finds out that nobody answers: kernels end without a word to their viewers. */

import { type Answer, type EventHandler, OfflineError, RemoteError, type RequestOptions, type Transport } from './transport';

export interface SilenceOptions {
  /** Milliseconds without any message while an answer is due. */
  patience: number;
  /** Operations that may take as long as they like. */
  slow: readonly string[];
  tell: (silent: boolean) => void;
}

/** A transport that notices when it waits in vain, and when somebody speaks again. */
export class WatchedTransport implements Transport {
  private due = 0;
  private silent = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly inner: Transport,
    private readonly options: SilenceOptions,
    signal: AbortSignal
  ) {
    signal.addEventListener('abort', () => clearTimeout(this.timer));
  }

  async request<T>(op: string, params: object, options: RequestOptions = {}): Promise<Answer<T>> {
    if (this.options.slow.includes(op)) {
      const answer = await this.inner.request<T>(op, params, options);
      this.heard();
      return answer;
    }
    this.due += 1;
    this.wait();
    try {
      const answer = await this.inner.request<T>(op, params, options);
      this.due -= 1;
      this.heard();
      return answer;
    } catch (error) {
      this.due -= 1;
      // An error from the other side is a sign of life; giving up here is not.
      if (error instanceof RemoteError) {
        this.heard();
      } else if (error instanceof OfflineError) {
        this.stop();
        this.tell(true);
      } else if (this.due === 0) {
        this.stop();
      }
      throw error;
    }
  }

  on(event: string, handler: EventHandler): () => void {
    return this.inner.on(event, (data, buffers) => {
      this.heard();
      handler(data, buffers);
    });
  }

  private wait(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.tell(true);
    }, this.options.patience);
  }

  private tell(silent: boolean): void {
    if (silent !== this.silent) {
      this.silent = silent;
      this.options.tell(silent);
    }
  }

  private stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private heard(): void {
    this.stop();
    this.tell(false);
    if (this.due > 0) {
      this.wait();
    }
  }
}
