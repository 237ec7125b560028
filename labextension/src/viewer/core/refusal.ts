/** Stands where a viewer would, and says why there is none. */

import { h } from './dom';
import { Card } from './states';
import type { Failure } from './transport';

export function showRefusal(failure: Failure, path: string, retry: () => void, signal: AbortSignal): HTMLElement {
  const card = new Card(signal);
  card.failure(failure, retry, () =>
    [`${failure.code}: ${failure.message}`, failure.hint, `path: ${path}`, `browser: ${navigator.userAgent}`].join('\n')
  );
  const stage = h('div', { class: 'dsa-stage' }, card.element);
  return h('div', { class: 'dsa-root', 'data-state': 'error' }, h('div', { class: 'dsa-body' }, stage));
}
