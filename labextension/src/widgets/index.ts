/** The entry that anywidget loads: it chooses the view and gives it the model's messages. */

import { ChannelTransport, mountAntennaLayout, mountRaster, OfflineError } from '../viewer';
import { type AnyModel, modelPort } from './port';

interface RenderContext {
  model: AnyModel;
  el: HTMLElement;
  /** Fires on teardown, from anywidget 0.11 on. */
  signal?: AbortSignal;
}

/** The views by the name that the model gives. */
const VIEWS: Readonly<Record<string, typeof mountRaster>> = { 'ms-raster': mountRaster, 'antenna-layout': mountAntennaLayout };

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

function render({ model, el, signal }: RenderContext): () => void {
  const controller = new AbortController();
  signal?.addEventListener('abort', () => controller.abort());
  const view = text(model, '_view');
  const mount = Object.hasOwn(VIEWS, view) ? VIEWS[view] : undefined;
  if (!mount) {
    const message = document.createElement('p');
    message.textContent = `This version of dsa110-vis has no view “${view}”. Install the same version in kernel and browser.`;
    el.append(message);
    return () => controller.abort();
  }
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

export default { render };
