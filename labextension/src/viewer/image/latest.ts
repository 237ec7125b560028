/** An answer that follows the view: asked for after a moment of rest, the one before given up. */

import { type Answer, asFailure, isAbort } from '../core/transport';
import type { ImageModel } from './model';

export interface Question {
  op: string;
  /** Milliseconds of rest before it is asked. */
  delay: number;
}

export class Latest<R> {
  private have = '';
  private running: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly model: Pick<ImageModel, 'transport' | 'settled' | 'failed'>,
    private readonly question: Question,
    private readonly take: (answer: Answer<R> | null, params: object) => void,
    signal: AbortSignal
  ) {
    signal.addEventListener('abort', () => this.stop());
  }

  /** Makes sure that what is shown belongs to `key`; an empty key is nothing. The old answer stays until then. */
  want(key: string, params: object): void {
    if (key === this.have) {
      return;
    }
    this.stop();
    this.have = key;
    if (key === '') {
      this.take(null, params);
    } else {
      this.timer = setTimeout(() => void this.ask(key, params), this.question.delay);
    }
  }

  private stop(): void {
    clearTimeout(this.timer);
    this.running?.abort();
    this.running = null;
  }

  private async ask(key: string, params: object): Promise<void> {
    const running = new AbortController();
    this.running = running;
    try {
      // The kernel answers by its own controls: it must know of the changes first.
      await this.model.settled();
      const answer = await this.model.transport.request<R>(this.question.op, params, { signal: running.signal });
      if (this.have === key) {
        this.take(answer, params);
      }
    } catch (error) {
      if (this.have === key && !isAbort(error)) {
        this.have = '';
        // What is stale is asked for again as soon as the new image is there.
        if (asFailure(error).code !== 'stale') {
          this.take(null, params);
          this.model.failed(error);
        }
      }
    }
  }
}
