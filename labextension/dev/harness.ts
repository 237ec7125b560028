/** The page of the harness: index.html?mode=ready&state={"x":"frequency"}&big=1, or ?view=antennas&mode=pending */

import { ChannelTransport } from '../src/viewer/core/channel';
import { mountAntennaLayout } from '../src/viewer/antennas/mount';
import { mountRaster } from '../src/viewer/raster/mount';
import { FakeArray, type FakeArrayOptions } from './fake-array';
import { FakeKernel, type FakeOptions } from './fake-kernel';

const query = new URLSearchParams(location.search);
const delay = Number(query.get('delay') ?? 15);
const state: unknown = JSON.parse(query.get('state') ?? '{}');
const isArray = query.get('view') === 'antennas';
const kernel = isArray
  ? new FakeArray({
      mode: (query.get('mode') ?? 'ready') as FakeArrayOptions['mode'],
      state: state as FakeArrayOptions['state'],
      stretch: Number(query.get('stretch') ?? 1),
      delay
    })
  : new FakeKernel({
      mode: (query.get('mode') ?? 'ready') as FakeOptions['mode'],
      big: query.has('big'),
      state: state as FakeOptions['state'],
      warnings: query.getAll('warning'),
      delay
    });
if (query.has('theme')) {
  document.body.dataset.jpThemeLight = String(query.get('theme') !== 'dark');
  document.documentElement.dataset.theme = query.get('theme') ?? '';
}
if (query.has('no-webgl')) {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with apply below
  const original = HTMLCanvasElement.prototype.getContext as (this: HTMLCanvasElement, ...args: unknown[]) => unknown;
  HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, ...args: unknown[]) {
    return args[0] === 'webgl2' ? null : original.apply(this, args);
  } as typeof HTMLCanvasElement.prototype.getContext;
}
const controller = new AbortController();
Object.assign(window, { kernel, controller });
const snapshot = query.get('snapshot') ?? '';
const mount = isArray ? mountAntennaLayout : mountRaster;
mount(document.getElementById('host')!, new ChannelTransport(kernel, controller.signal), controller.signal, { snapshot });
