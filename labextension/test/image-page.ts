/** The image viewer over the fake kernel, as the tests of it see it. */

import { afterEach, beforeEach, vi } from 'vitest';
import { FakeImage, type FakeImageOptions } from '../dev/fake-image';
import { ChannelTransport } from '../src/viewer/core/channel';
import type { MountOptions } from '../src/viewer/core/shell';
import { mountImage } from '../src/viewer/image/mount';

let end: AbortController;
export let kernel: FakeImage;
export let el: HTMLElement;

export function mount(fake: Partial<FakeImageOptions> = {}, options: MountOptions = {}): HTMLElement {
  kernel = new FakeImage({ size: 400, ...fake });
  mountImage(el, new ChannelTransport(kernel, end.signal), end.signal, options);
  return el.querySelector<HTMLElement>('.dsa-root')!;
}

/** Ends the viewer; another one can be mounted. */
export function unmount(): void {
  end.abort();
  end = new AbortController();
}

export const wait = (ms = 600): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
export const find = (selector: string): HTMLElement => el.querySelector<HTMLElement>(selector)!;
export const text = (selector: string): string => find(selector).textContent ?? '';
export const input = (field: string): HTMLInputElement => el.querySelector<HTMLInputElement>(`[data-field="${field}"] input`)!;
export const ops = (name: string): Record<string, unknown>[] => kernel.asked.filter(a => a.op === name).map(a => a.params);
export const sets = (): unknown[] => ops('set').map(({ changes }) => changes);

export function press(key: string, more: KeyboardEventInit = {}, on: Element = find('.dsa-stage')): void {
  on.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
}

export function choose(field: string, value: string): void {
  const select = el.querySelector<HTMLSelectElement>(`[data-field="${field}"] select`)!;
  select.value = value;
  select.dispatchEvent(new Event('change'));
}

export function type(field: string, value: string): void {
  input(field).value = value;
  input(field).dispatchEvent(new Event('change'));
}

export function pointer(name: string, x: number, y: number, on: Element = find('.dsa-plane'), more: MouseEventInit = {}): void {
  const event = new MouseEvent(name, { clientX: x, clientY: y, bubbles: true, cancelable: true, button: 0, ...more });
  on.dispatchEvent(Object.assign(event, { pointerId: 1 }));
}

/** Where a pixel is on the stage: the whole image is in view, as large as it goes. */
export function placeOf(x: number, y: number): [number, number] {
  const frame = find('.dsa-frame');
  const [left, top, width, height] = ['x', 'y', 'width', 'height'].map(name => Number(frame.getAttribute(name))) as [number, number, number, number];
  const n = kernel.options.size;
  const scale = Math.min(width - 1, height - 1) / n;
  return [left + 0.5 + (width - 1) / 2 + (x + 0.5 - n / 2) * scale, top + 0.5 + (height - 1) / 2 - (y + 0.5 - n / 2) * scale];
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'requestAnimationFrame', 'cancelAnimationFrame', 'performance'] });
  HTMLElement.prototype.setPointerCapture = () => undefined;
  end = new AbortController();
  el = document.createElement('div');
  document.body.append(el);
});

afterEach(() => {
  end.abort();
  el.remove();
  vi.useRealTimers();
});
