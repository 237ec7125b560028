/** The viewer's copy of the kernel's state: changes go out, events come in, neither overruns the other. */

import { WatchedTransport } from '../core/silence';
import { Store } from '../core/store';
import { asFailure, type Failure, isAbort, OfflineError, RemoteError, type Transport } from '../core/transport';
import {
  type Choices,
  type Hello,
  INITIAL_STATE,
  type Located,
  type Picture,
  type Progress,
  type RasterState,
  type Source,
  type StateKey
} from './protocol';

export interface Session {
  /** Whether the kernel has answered yet. */
  greeted: boolean;
  offline: boolean;
  busy: boolean;
  /** Whether a change that needs another picture is on its way to the kernel. */
  waiting: boolean;
  progress: Progress | null;
  failure: Failure | null;
  picture: Picture | null;
  choices: Choices;
  source: Source;
  located: Located | null;
}

export interface Notice {
  level: 'info' | 'warning' | 'error';
  text: string;
}

/** What a refused change was about. */
export interface Refusal {
  keys: readonly string[];
  failure: Failure;
}

/** Milliseconds without any message, while an answer is due, after which the kernel counts as gone. */
export const PATIENCE = 8000;
const SLOW = ['save', 'part', 'locate', 'code'];

/** Controls that change colours and words, not cells. */
const LOOKS: readonly string[] = [
  'colormap',
  'flagged_colormap',
  'show_flagged',
  'stretch',
  'limits',
  'limits_mode',
  'percentile',
  'title'
];

export class RasterModel {
  readonly state = new Store<RasterState>(INITIAL_STATE);
  readonly session = new Store<Session>({
    greeted: false,
    offline: false,
    busy: false,
    waiting: false,
    progress: null,
    failure: null,
    picture: null,
    choices: {},
    source: {},
    located: null
  });
  onNotice: (notice: Notice) => void = () => undefined;
  onRefusal: (refusal: Refusal) => void = () => undefined;
  /** Changes that went through. */
  onAccepted: (keys: readonly string[]) => void = () => undefined;

  private queued: Partial<RasterState> = {};
  private sending: Partial<RasterState> | null = null;
  /** What the kernel said about keys that have newer local values. */
  private withheld: Partial<RasterState> = {};

  readonly transport: Transport;

  constructor(
    transport: Transport,
    private readonly signal: AbortSignal
  ) {
    const tell = (offline: boolean): void => this.session.patch({ offline });
    this.transport = new WatchedTransport(transport, { patience: PATIENCE, slow: SLOW, tell }, signal);
    const on = (event: string, handler: (data: never) => void): void => {
      const stop = this.transport.on(event, data => handler(data as never));
      signal.addEventListener('abort', stop);
    };
    on('state', ({ changes }: { changes: Partial<RasterState> }) => this.receive(changes));
    on('choices', (choices: Choices) => this.session.patch({ choices }));
    on('source', (source: Source) => this.session.patch({ source }));
    on('busy', ({ busy }: { busy: boolean }) => this.session.patch({ busy, progress: null }));
    on('progress', (progress: Progress) => this.session.patch({ progress }));
    on('picture', (picture: Picture | null) => this.session.patch({ picture, failure: null }));
    on('failure', (failure: Failure | null) => this.session.patch({ failure }));
    on('notice', (notice: Notice) => this.onNotice(notice));
    on('located', (located: Located | null) => this.session.patch({ located }));
  }

  /** Asks for everything. */
  async greet(): Promise<void> {
    try {
      const { result } = await this.transport.request<Hello>('hello', {}, { signal: this.signal });
      const { state, choices, source, ...more } = result;
      this.receive(state);
      this.session.patch({
        greeted: true,
        offline: false,
        choices: choices ?? {},
        source: source ?? {},
        ...('busy' in more ? { busy: more.busy === true } : {}),
        ...('failure' in more ? { failure: more.failure ?? null } : {}),
        ...('progress' in more ? { progress: more.progress ?? null } : {}),
        ...('located' in more ? { located: more.located ?? null } : {})
      });
      const picture = await this.transport.request<Picture | null>('picture', {}, { signal: this.signal });
      const known = this.session.value.picture;
      if (picture.result && (!known || picture.result.generation >= known.generation)) {
        this.session.patch({ picture: picture.result });
      }
    } catch (error) {
      this.failed(error);
    }
  }

  /** Changes the state here at once and in the kernel as soon as it listens. */
  set(changes: Partial<RasterState>): void {
    this.state.patch(changes);
    Object.assign(this.queued, changes);
    if (Object.keys(changes).some(key => !LOOKS.includes(key))) {
      this.session.patch({ waiting: true });
    }
    if (!this.sending) {
      void this.flush();
    }
  }

  /** Changes the state here only, while something is dragged: `set` comes after. */
  preview(changes: Partial<RasterState>): void {
    this.state.patch(changes);
  }

  async request<T>(op: string, params: object = {}): Promise<T | null> {
    try {
      return (await this.transport.request<T>(op, params, { signal: this.signal })).result;
    } catch (error) {
      this.failed(error);
      return null;
    }
  }

  /** What went wrong outside of making a picture: offline is a state, the rest a notice. */
  failed(error: unknown): void {
    if (isAbort(error) || this.signal.aborted) {
      return;
    }
    if (error instanceof OfflineError) {
      this.session.patch({ offline: true });
      return;
    }
    const { message, hint } = asFailure(error);
    this.onNotice({ level: 'error', text: `${message} ${hint}`.trim() });
  }

  private async flush(): Promise<void> {
    // Changes made in the same breath go together.
    this.sending = {};
    await Promise.resolve();
    while (Object.keys(this.queued).length > 0 && !this.signal.aborted) {
      const changes = this.queued;
      this.queued = {};
      this.sending = changes;
      try {
        await this.transport.request('set', { changes }, { signal: this.signal });
        this.onAccepted(keysOf(changes));
      } catch (error) {
        this.refused(changes, error);
      }
      this.release(changes);
    }
    this.sending = null;
    this.session.patch({ waiting: false });
  }

  private refused(changes: Partial<RasterState>, error: unknown): void {
    if (error instanceof RemoteError) {
      this.onRefusal({ keys: error.key ? [error.key] : keysOf(changes), failure: asFailure(error) });
    } else {
      this.failed(error);
    }
  }

  /** Takes what the kernel said meanwhile about keys that are not on their way any more. */
  private release(sent: Partial<RasterState>): void {
    const take: Partial<RasterState> = {};
    for (const key of Object.keys(sent) as StateKey[]) {
      if (key in this.withheld && !(key in this.queued)) {
        copy(take, this.withheld, key);
        // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a record with optional keys
        delete this.withheld[key];
      }
    }
    this.state.patch(take);
  }

  private receive(changes: Partial<RasterState>): void {
    const take: Partial<RasterState> = {};
    for (const key of Object.keys(changes) as StateKey[]) {
      const onItsWay = key in this.queued || (this.sending !== null && key in this.sending);
      copy(onItsWay ? this.withheld : take, changes, key);
    }
    this.state.patch(take);
  }
}

function copy(to: Partial<RasterState>, from: Partial<RasterState>, key: StateKey): void {
  Object.assign(to, { [key]: from[key] });
}

/** "x", or "selection.spw" for a part of the selection. */
function keysOf(changes: Partial<RasterState>): string[] {
  return Object.keys(changes);
}
