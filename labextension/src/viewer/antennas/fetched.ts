/** What a tab shows beyond the layout: asked for when the tab comes to the front, and again when it is out of date. */

import { h, setText } from '../core/dom';
import { type Answer, asFailure, isAbort } from '../core/transport';
import type { AntennaModel } from './model';

export class Fetched<R> {
  /** One line over the panel while something is on its way, or when it failed. */
  readonly element = h('div', { class: 'dsa-panel-note', role: 'status', hidden: true });
  private have = '';
  private running: AbortController | null = null;

  constructor(
    private readonly model: Pick<AntennaModel, 'transport' | 'settled'>,
    private readonly op: string,
    private readonly doing: string,
    private readonly take: (answer: Answer<R> | null) => void,
    signal: AbortSignal
  ) {
    signal.addEventListener('abort', () => this.running?.abort());
  }

  /** Makes sure that what is shown belongs to `key`; an empty key is nothing. */
  want(key: string, params: object): void {
    if (key === this.have) {
      return;
    }
    this.have = key;
    this.running?.abort();
    this.running = null;
    if (key === '') {
      this.element.hidden = true;
      this.take(null);
      return;
    }
    void this.ask(key, params);
  }

  private async ask(key: string, params: object): Promise<void> {
    const running = new AbortController();
    this.running = running;
    this.note(`${this.doing} …`);
    try {
      // The kernel answers by its own controls: it must know of the changes first.
      await this.model.settled();
      const answer = await this.model.transport.request<R>(this.op, params, { signal: running.signal });
      if (this.have === key) {
        this.element.hidden = true;
        this.take(answer);
      }
    } catch (error) {
      if (this.have === key && !isAbort(error)) {
        const { code, message, hint } = asFailure(error);
        // What is stale is asked for again as soon as the new layout is there.
        this.have = '';
        if (code !== 'stale') {
          this.take(null);
          this.note(`${message} ${hint}`.trim());
        }
      }
    }
  }

  private note(text: string): void {
    this.element.hidden = false;
    setText(this.element, text);
  }
}
