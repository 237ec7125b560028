/** A viewer's copy of the kernel's state: changes go out, events come in, neither overruns the other. */

import { OFFLINE, RESTARTED } from './channel';
import { WatchedTransport } from './silence';
import { Store } from './store';
import { asFailure, type Failure, isAbort, OfflineError, RemoteError, type Transport } from './transport';

export interface Progress {
  fraction: number;
  text: string;
}

export interface Source {
  name?: string;
  path?: string;
  title?: string;
  telescope?: string;
}

/** What every viewer knows beside its controls. */
export interface BaseSession {
  /** Whether the kernel has answered yet. */
  greeted: boolean;
  offline: boolean;
  busy: boolean;
  /** Whether a change that needs another picture is on its way to the kernel. */
  waiting: boolean;
  progress: Progress | null;
  failure: Failure | null;
  source: Source;
}

export const FIRST_SESSION: BaseSession = {
  greeted: false,
  offline: false,
  busy: false,
  waiting: false,
  progress: null,
  failure: null,
  source: {}
};

/** What every viewer is told when it greets. */
export interface BaseHello<S> {
  state: Partial<S>;
  source: Source | null;
  /** Work in hand when the viewer came late. */
  busy?: boolean;
  progress?: Progress | null;
  failure?: Failure | null;
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

export interface ModelOptions<S, T> {
  state: S;
  session: T;
  /** Operations that may take as long as they like. */
  slow: readonly string[];
  /** Whether a change of this control needs another picture, and not only other colours and words. */
  redraws: (key: string) => boolean;
}

/** Milliseconds without any message, while an answer is due, after which the kernel counts as gone. */
export const PATIENCE = 8000;

export abstract class RemoteModel<S extends object, T extends BaseSession, H extends BaseHello<S>> {
  readonly state: Store<S>;
  readonly session: Store<T>;
  readonly transport: Transport;
  onNotice: (notice: Notice) => void = () => undefined;
  onRefusal: (refusal: Refusal) => void = () => undefined;
  /** Changes that went through. */
  onAccepted: (keys: readonly string[]) => void = () => undefined;

  private readonly redraws: (key: string) => boolean;
  private queued: Partial<S> = {};
  private sending: Partial<S> | null = null;
  private flushing: Promise<void> = Promise.resolve();
  /** What the kernel said about keys that have newer local values. */
  private withheld: Partial<S> = {};

  constructor(
    transport: Transport,
    protected readonly signal: AbortSignal,
    { state, session, slow, redraws }: ModelOptions<S, T>
  ) {
    this.state = new Store(state);
    this.session = new Store(session);
    this.redraws = redraws;
    const tell = (offline: boolean): void => this.patch({ offline });
    this.transport = new WatchedTransport(transport, { patience: PATIENCE, slow, tell }, signal);
    this.on('state', ({ changes }: { changes: Partial<S> }) => this.receive(changes));
    this.on('source', (source: Source) => this.patch({ source }));
    this.on('busy', ({ busy }: { busy: boolean }) => this.patch({ busy, progress: null }));
    this.on('progress', (progress: Progress) => this.patch({ progress }));
    this.on('failure', (failure: Failure | null) => this.patch({ failure }));
    this.on('notice', (notice: Notice) => this.onNotice(notice));
    this.on(OFFLINE, () => this.patch({ offline: true }));
    this.on(RESTARTED, ({ message }: { message?: string }) => {
      if (message) {
        this.onNotice({ level: 'error', text: `${message} Another process has taken over.` });
      }
      this.patch({ busy: false, progress: null, failure: null });
      this.forget();
      void this.greet();
    });
  }

  /** Asks for everything. */
  async greet(): Promise<void> {
    try {
      const { result } = await this.transport.request<H>('hello', {}, { signal: this.signal });
      const { state, source, busy, failure, progress } = result;
      this.receive(state);
      this.patch({
        greeted: true,
        offline: false,
        source: source ?? {},
        ...(busy === undefined ? {} : { busy }),
        ...(failure === undefined ? {} : { failure }),
        ...(progress === undefined ? {} : { progress })
      });
      await this.greeted(result);
    } catch (error) {
      this.failed(error);
    }
  }

  /** Changes the state here at once and in the kernel as soon as it listens. */
  set(changes: Partial<S>): void {
    Object.assign(this.queued, changes);
    if (!this.sending) {
      this.flushing = this.flush();
    }
    this.state.patch(changes);
    if (Object.keys(changes).some(this.redraws)) {
      this.patch({ waiting: true });
    }
  }

  /** Resolves when the kernel has all changes made so far: what depends on them can be asked for. */
  settled(): Promise<void> {
    return this.flushing;
  }

  /** Changes the state here only, while something is dragged: `set` comes after. */
  preview(changes: Partial<S>): void {
    this.state.patch(changes);
  }

  async request<R>(op: string, params: object = {}): Promise<R | null> {
    try {
      return (await this.transport.request<R>(op, params, { signal: this.signal })).result;
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
      this.patch({ offline: true });
      return;
    }
    const { message, hint } = asFailure(error);
    this.onNotice({ level: 'error', text: `${message} ${hint}`.trim() });
  }

  /** Takes the rest of what the kernel says to a view that has come. */
  protected abstract greeted(hello: H): Promise<void>;

  /** The process behind the model is a new one: what was made by the old one is nothing to it. */
  protected abstract forget(): void;

  protected on(event: string, handler: (data: never) => void): void {
    const stop = this.transport.on(event, data => handler(data as never));
    this.signal.addEventListener('abort', stop);
  }

  /** Changes what every viewer knows. */
  private patch(changes: Partial<BaseSession>): void {
    this.session.patch(changes as Partial<T>);
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
        this.onAccepted(Object.keys(changes));
      } catch (error) {
        if (isAbort(error)) {
          // The process that was to take them has gone: the next one takes them.
          this.queued = { ...changes, ...this.queued };
          continue;
        }
        this.refused(changes, error);
      }
      this.release(changes);
    }
    this.sending = null;
    this.patch({ waiting: false });
  }

  private refused(changes: Partial<S>, error: unknown): void {
    if (error instanceof RemoteError) {
      this.onRefusal({ keys: error.key ? [error.key] : Object.keys(changes), failure: asFailure(error) });
    } else {
      this.failed(error);
    }
  }

  /** Takes what the kernel said meanwhile about keys that are not on their way any more. */
  private release(sent: Partial<S>): void {
    const take: Partial<S> = {};
    for (const key of Object.keys(sent) as (keyof S)[]) {
      if (key in this.withheld && !(key in this.queued)) {
        take[key] = this.withheld[key];
        // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a record with optional keys
        delete this.withheld[key];
      }
    }
    this.state.patch(take);
  }

  private receive(changes: Partial<S>): void {
    const take: Partial<S> = {};
    for (const key of Object.keys(changes) as (keyof S)[]) {
      const onItsWay = key in this.queued || (this.sending !== null && key in this.sending);
      (onItsWay ? this.withheld : take)[key] = changes[key];
    }
    this.state.patch(take);
  }
}
