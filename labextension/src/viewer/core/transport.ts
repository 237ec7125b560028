/** What every viewer knows of the outside: requests with one answer, and events. */

export interface RequestOptions {
  /** Aborting it cancels the request on the other side too. */
  signal?: AbortSignal;
  buffers?: ArrayBuffer[];
  /** Milliseconds after which the request counts as lost. Without it a request may take as long as it takes. */
  timeout?: number;
}

export interface Answer<T> {
  result: T;
  buffers: DataView[];
}

export type EventHandler = (data: unknown, buffers: DataView[]) => void;

export interface Transport {
  request<T>(op: string, params: object, options?: RequestOptions): Promise<Answer<T>>;
  /** Calls `handler` for each event of this name; returns what ends that. */
  on(event: string, handler: EventHandler): () => void;
}

/** The other side answered with an error: one sentence, and what to do. */
export class RemoteError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly hint: string,
    readonly key?: string
  ) {
    super(message);
    this.name = 'RemoteError';
  }
}

/** Nobody is there to answer. */
export class OfflineError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OfflineError';
  }
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** The same three parts for any error, to be shown and copied. */
export interface Failure {
  code: string;
  message: string;
  hint: string;
}

export function asFailure(error: unknown): Failure {
  if (error instanceof RemoteError) {
    return { code: error.code, message: error.message, hint: error.hint };
  }
  if (error instanceof OfflineError) {
    return { code: 'offline', message: error.message, hint: 'Run the cell again when the kernel is back.' };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'viewer', message, hint: '' };
}
