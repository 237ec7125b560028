/** The page of the harness: index.html?mode=ready&state={"x":"frequency"}&big=1, ?view=antennas&mode=pending, or ?view=image&size=5040 */

import { ChannelTransport } from '../src/viewer/core/channel';
import { mountAntennaLayout } from '../src/viewer/antennas/mount';
import { mountImage } from '../src/viewer/image/mount';
import { mountRaster } from '../src/viewer/raster/mount';
import { FakeArray, type FakeArrayOptions } from './fake-array';
import { FakeDrawing } from './fake-drawing';
import { FakeImage, type FakeImageOptions } from './fake-image';
import { FakeKernel, type FakeOptions } from './fake-kernel';

const query = new URLSearchParams(location.search);
const delay = Number(query.get('delay') ?? 15);
const state: unknown = JSON.parse(query.get('state') ?? '{}');
const view = query.get('view') ?? 'raster';
const number = (name: string, otherwise: number): number => Number(query.get(name) ?? otherwise);
const mode = query.get('mode') ?? 'ready';

function makeArray(): FakeArray {
  return new FakeArray({ mode: mode as FakeArrayOptions['mode'], state: state as FakeArrayOptions['state'], stretch: number('stretch', 1), delay });
}

function makeImage(): FakeDrawing {
  const image = new FakeImage({
    mode: mode as FakeImageOptions['mode'],
    state: state as FakeImageOptions['state'],
    size: number('size', 1200),
    channels: number('channels', 1),
    stokes: number('stokes', 1),
    rotation: number('rotation', 0),
    plain: query.has('plain'),
    catalog: query.has('catalog'),
    delay
  });
  return new FakeDrawing(image, delay);
}

function makeRaster(): FakeKernel {
  return new FakeKernel({
    mode: mode as FakeOptions['mode'],
    big: query.has('big'),
    state: state as FakeOptions['state'],
    warnings: query.getAll('warning'),
    delay
  });
}

const kernel = view === 'antennas' ? makeArray() : view === 'image' ? makeImage() : makeRaster();
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
const mount = view === 'antennas' ? mountAntennaLayout : view === 'image' ? mountImage : mountRaster;
mount(document.getElementById('host')!, new ChannelTransport(kernel, controller.signal), controller.signal, { snapshot });
