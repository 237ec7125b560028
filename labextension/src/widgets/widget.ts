/** What anywidget loads: a view that has the model's messages. There is a bundle for each view, since every widget brings its own. */

import { ChannelTransport } from '../viewer/core/channel';
import type { MountOptions } from '../viewer/core/shell';
import { OfflineError, type Transport } from '../viewer/core/transport';
import { type AnyModel, modelPort } from './port';

type Mount = (el: HTMLElement, transport: Transport, signal: AbortSignal, options: MountOptions) => void;

export interface RenderContext {
  model: AnyModel;
  el: HTMLElement;
  /** Fires on teardown, from anywidget 0.11 on. */
  signal?: AbortSignal;
}

function text(model: AnyModel, name: string): string {
  const value = model.get(name);
  return typeof value === 'string' ? value : '';
}

/** Hides the static picture of the same output: the live one takes its place. */
function hideStatic(el: HTMLElement, id: string): void {
  if (/^[\w-]+$/.test(id)) {
    const style = document.createElement('style');
    style.textContent = `.dsa110-vis-static-${id} { display: none !important; }`;
    el.append(style);
  }
}

/** Makes an entry of a view. */
export function widget(mount: Mount): { render(context: RenderContext): () => void } {
  return { render: context => render(mount, context) };
}

function render(mount: Mount, { model, el, signal }: RenderContext): () => void {
  const controller = new AbortController();
  signal?.addEventListener('abort', () => controller.abort());
  el.classList.add('dsa-host');
  const transport = new ChannelTransport(
    modelPort(model, () => transport.close(new OfflineError('The kernel has gone.'), false)),
    controller.signal
  );
  mount(el, transport, controller.signal, {
    snapshot: text(model, '_snapshot'),
    onLive: () => hideStatic(el, text(model, '_static_id'))
  });
  return () => controller.abort();
}
