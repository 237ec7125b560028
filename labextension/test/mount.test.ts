import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeKernel, type FakeOptions } from '../dev/fake-kernel';
import { ChannelTransport } from '../src/viewer/core/channel';
import type { MountOptions } from '../src/viewer/core/shell';
import { mountRaster } from '../src/viewer/raster/mount';

let end: AbortController;
let kernel: FakeKernel;
let el: HTMLElement;

function mount(fake: Partial<FakeOptions> = {}, options: MountOptions = {}): HTMLElement {
  kernel = new FakeKernel(fake);
  mountRaster(el, new ChannelTransport(kernel, end.signal), end.signal, options);
  return el.querySelector<HTMLElement>('.dsa-root')!;
}

const wait = (ms = 400): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const find = (selector: string): HTMLElement => el.querySelector<HTMLElement>(selector)!;
const input = (field: string): HTMLInputElement => el.querySelector<HTMLInputElement>(`[data-field="${field}"] input`)!;
const select = (field: string): HTMLSelectElement => el.querySelector<HTMLSelectElement>(`[data-field="${field}"] select`)!;
const ops = (name: string): Record<string, unknown>[] => kernel.asked.filter(a => a.op === name).map(a => a.params);

function press(key: string, more: KeyboardEventInit = {}): void {
  find('.dsa-stage').dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
}

function choose(field: string, value: string): void {
  select(field).value = value;
  select(field).dispatchEvent(new Event('change'));
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'requestAnimationFrame', 'cancelAnimationFrame', 'performance'] });
  end = new AbortController();
  el = document.createElement('div');
  document.body.append(el);
});

afterEach(() => {
  end.abort();
  el.remove();
  vi.useRealTimers();
});

describe('states', () => {
  it('loads, then is ready with axes, title and colour bar', async () => {
    const onLive = vi.fn();
    const root = mount({}, { onLive });
    expect(root.dataset.state).toBe('loading');
    await wait();
    expect(root.dataset).toMatchObject({ state: 'ready', generation: '1', tiles: 'done', renderer: 'canvas2d' });
    expect(onLive).toHaveBeenCalledOnce();
    expect(find('.dsa-name').textContent).toBe('ngc5921.ms');
    expect(el.querySelectorAll('.dsa-overlay .dsa-tick-label').length).toBeGreaterThan(6);
    expect(find('.dsa-colourbar').textContent).toContain('Amplitude (Jy)');
    expect(ops('tile').every(p => Number(p.width) <= 512 && Number(p.height) <= 512)).toBe(true);
  });

  it('shows how far a reading is, and cancels it', async () => {
    const root = mount({ mode: 'loading' });
    await wait();
    expect(root.dataset.state).toBe('loading');
    expect(find('.dsa-card').textContent).toContain('Reading DATA 43');
    find('.dsa-card [data-action=cancel]').click();
    await wait();
    expect(ops('cancel')).toHaveLength(1);
  });

  it('shows an error with its hint and tries again', async () => {
    const root = mount({ mode: 'error' });
    await wait();
    expect(root.dataset.state).toBe('error');
    expect(find('.dsa-card').textContent).toContain('is not a Measurement Set');
    expect(find('.dsa-card').textContent).toContain('Give the folder');
    find('[data-action=retry]').click();
    await wait();
    expect(ops('retry')).toHaveLength(1);
  });

  it('is empty without a Measurement Set', async () => {
    const root = mount({ mode: 'empty' });
    await wait();
    expect(root.dataset.state).toBe('empty');
  });

  it('is offline when nobody answers, with the last picture', async () => {
    const onLive = vi.fn();
    const root = mount({ mode: 'offline' }, { snapshot: 'data:image/png;base64,AA==', onLive });
    await wait(9000);
    expect(root.dataset.state).toBe('offline');
    expect(find('.dsa-snapshot').getAttribute('src')).toContain('data:image/png');
    expect(onLive).not.toHaveBeenCalled();
  });

  it('is stale while a new picture is made, and the old one stays', async () => {
    const root = mount({ mode: 'stale' });
    await wait(1500);
    expect(root.dataset.state).toBe('stale');
    expect(find('.dsa-work').textContent).toContain('Reading CORRECTED_DATA 43');
    expect(el.querySelectorAll('.dsa-overlay .dsa-tick-label').length).toBeGreaterThan(6);
  });

  it('shows warnings that can be dismissed for good', async () => {
    mount({ warnings: ['CORRECTED_DATA is all zeros.'] });
    await wait();
    expect(find('.dsa-notice-warning').textContent).toContain('all zeros');
    find('.dsa-notice button').click();
    choose('x', 'frequency');
    await wait(800);
    expect(el.querySelector('.dsa-notice-warning')).toBeNull();
  });

  it('leaves nothing behind', async () => {
    mount();
    await wait();
    end.abort();
    expect(el.childElementCount).toBe(0);
  });
});

describe('controls', () => {
  it('send changes and take over what the kernel says', async () => {
    const root = mount();
    await wait();
    choose('x', 'frequency');
    expect(root.dataset.state).toBe('stale');
    await wait(800);
    expect(ops('set')[0]).toEqual({ changes: { x: 'frequency' } });
    expect(root.dataset).toMatchObject({ state: 'ready', generation: '2' });
    expect(find('.dsa-overlay').textContent).toContain('Frequency (MHz)');
    kernel.event('state', { changes: { colormap: 'magma', aggregator: 'max' } });
    expect(select('colormap').value).toBe('magma');
    expect(select('aggregator').value).toBe('max');
  });

  it('put an error under its field and keep what was typed', async () => {
    mount();
    await wait();
    const spw = input('selection.spw');
    spw.value = 'x';
    spw.dispatchEvent(new Event('change'));
    await wait();
    expect(find('[data-field="selection.spw"] .dsa-field-error').textContent).toContain('a number was expected');
    expect(spw.value).toBe('x');
    expect(spw.getAttribute('aria-invalid')).toBe('true');
    spw.value = '0:1~5';
    spw.dispatchEvent(new Event('change'));
    await wait();
    expect(find('[data-field="selection.spw"] .dsa-field-error').hidden).toBe(true);
    expect(kernel.state.selection).toEqual({ spw: '0:1~5' });
  });

  it('set limits by hand, the lower one below the upper one', async () => {
    mount();
    await wait();
    const lo = input('limits.lo');
    lo.value = '5';
    lo.dispatchEvent(new Event('change'));
    await wait();
    expect(ops('set')).toEqual([]);
    expect(find('[data-field="limits.lo"] .dsa-field-error').textContent).toContain('below');
    lo.value = '0.1';
    lo.dispatchEvent(new Event('change'));
    await wait();
    expect(ops('set')[0]).toEqual({ changes: { limits_mode: 'manual', limits: [0.1, 0.86] } });
  });

  it('move a limit by the arrow keys on its handle', async () => {
    mount();
    await wait();
    find('.dsa-handle').dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true, cancelable: true }));
    await wait();
    const { changes } = ops('set')[0] as { changes: { limits_mode: string; limits: [number, number] } };
    expect(changes.limits_mode).toBe('manual');
    expect(changes.limits[0]).toBeGreaterThan(0.02);
    expect(changes.limits[1]).toBe(0.86);
  });
});

describe('iteration', () => {
  it('steps by pages of sub-plots and says where it is', async () => {
    mount({ state: { iterate: 'scan', x: 'frequency', subplots: [1, 2] } });
    await wait();
    expect(find('.dsa-player').hidden).toBe(false);
    expect([...el.querySelectorAll('.dsa-panel-title')].map(t => t.textContent)).toEqual(['Scan 1', 'Scan 2']);
    press(']');
    await wait(800);
    expect(kernel.state.iteration).toBe(2);
    expect([...el.querySelectorAll('.dsa-panel-title')].map(t => t.textContent)).toEqual(['Scan 3', 'Scan 4']);
    press('[');
    press('[');
    await wait(800);
    expect(kernel.state.iteration).toBe(0);
  });

  it('plays, waits for each picture, and pauses', async () => {
    mount({ state: { iterate: 'scan', x: 'frequency' } });
    await wait();
    press(' ');
    await wait(1600);
    const reached = kernel.state.iteration;
    expect(reached).toBeGreaterThan(1);
    press(' ');
    await wait(3000);
    expect(kernel.state.iteration).toBe(reached);
  });
});

describe('keys', () => {
  it('choose tools', async () => {
    const root = mount();
    await wait();
    for (const [key, tool] of [['z', 'zoom'], ['b', 'box'], ['s', 'point'], ['p', 'pan']] as const) {
      press(key);
      expect(root.dataset.tool).toBe(tool);
      expect(find(`[data-action="tool-${tool}"]`).getAttribute('aria-pressed')).toBe('true');
    }
  });

  it('zoom, and ask for the finer tiles', async () => {
    mount({ big: true });
    await wait(900);
    const before = ops('tile').length;
    for (let i = 0; i < 8; i += 1) {
      press('+');
    }
    await wait(600);
    const asked = ops('tile').slice(before);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.at(-1)!.fx).toBe(1);
    press('0');
    await wait(300);
    expect(find('.dsa-overlay').textContent).toContain('ea01 & ea02');
  });

  it('read and select cells without a mouse', async () => {
    mount();
    await wait();
    press('ArrowUp', { shiftKey: true });
    press('ArrowRight', { shiftKey: true });
    await wait();
    const probe = ops('probe').at(-1)!;
    expect(probe).toMatchObject({ generation: 1, iteration: 0 });
    expect(find('.dsa-readout').textContent).toContain('Jy');
    press('b');
    press('Enter');
    press('ArrowRight', { shiftKey: true });
    press('Enter');
    await wait();
    const { ix, iy } = probe as { ix: number; iy: number };
    expect(ops('locate')[0]).toMatchObject({ boxes: [[ix, ix + 2, iy, iy + 1]], mode: 'replace' });
    expect(find('.dsa-located').textContent).toContain('2 cells selected');
    press('Delete');
    await wait();
    expect(ops('locate')[1]).toMatchObject({ mode: 'clear' });
    expect(find('.dsa-located').hidden).toBe(true);
  });

  it('open the help, and Esc closes it', async () => {
    mount();
    await wait();
    press('?');
    expect(find('.dsa-help').hidden).toBe(false);
    press('Escape');
    expect(find('.dsa-help').hidden).toBe(true);
  });

  it('are kept from the notebook, but for those with Ctrl', async () => {
    mount();
    await wait();
    press('b');
    expect(find('.dsa-stage').hasAttribute('data-lm-suppress-shortcuts')).toBe(true);
    press('s', { ctrlKey: true });
    expect(find('.dsa-stage').hasAttribute('data-lm-suppress-shortcuts')).toBe(false);
  });
});
