/** What the server says when it closes a viewer's connection. */

import type { Failure } from './transport';

export interface CloseReason {
  failure: Failure;
  /** Whether to try again without being asked. */
  reloadable: boolean;
}

/** What a code means where the server had no room, or no time, for words. */
const MEANINGS: Readonly<Record<number, readonly [code: string, message: string, reloadable: boolean]>> = {
  4400: ['bad-request', 'The server did not understand this viewer.', false],
  4403: ['forbidden', 'The server does not allow this to be opened.', false],
  4404: ['not-found', 'There is no such folder on the server.', false],
  4422: ['invalid', 'The server cannot show this.', false],
  4500: ['worker-lost', 'The process that reads the data has ended.', true],
  4503: ['busy', 'The server has as many viewers open as it allows.', true]
};

function parsed(reason: string): unknown {
  try {
    return JSON.parse(reason);
  } catch {
    return null;
  }
}

/**
 * Why a connection was closed; `null` where it ended without a word from the server's extension.
 *
 * The frame that closes has room for 123 bytes. All of it is in `said`, the data of the event `closing` before it.
 */
export function closeReason(code: number, reason: string, said: unknown): CloseReason | null {
  const meaning = MEANINGS[code];
  if (!meaning) {
    return null;
  }
  const told = { ...record(parsed(reason)), ...record(said) };
  const text = (name: string, otherwise: string): string => {
    const value = told[name];
    return typeof value === 'string' && value !== '' ? value : otherwise;
  };
  const failure = { code: text('code', meaning[0]), message: text('message', meaning[1]), hint: text('hint', '') };
  return { failure, reloadable: typeof told.reloadable === 'boolean' ? told.reloadable : meaning[2] };
}

/** What came over the wire, to be looked at by name: anything may be missing. */
export function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
