import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeArray, type FakeArrayOptions } from '../dev/fake-array';
import { mountAntennaLayout } from '../src/viewer/antennas/mount';
import { ChannelTransport } from '../src/viewer/core/channel';
import type { MountOptions } from '../src/viewer/core/shell';

let end: AbortController;
let kernel: FakeArray;
let el: HTMLElement;

function mount(fake: Partial<FakeArrayOptions> = {}, options: MountOptions = {}): HTMLElement {
  kernel = new FakeArray(fake);
  mountAntennaLayout(el, new ChannelTransport(kernel, end.signal), end.signal, options);
  return el.querySelector<HTMLElement>('.dsa-root')!;
}

const wait = (ms = 400): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const find = (selector: string): HTMLElement => el.querySelector<HTMLElement>(selector)!;
const input = (field: string): HTMLInputElement => el.querySelector<HTMLInputElement>(`[data-field="${field}"] input`)!;
const all = (selector: string): Element[] => [...el.querySelectorAll(selector)];
const ops = (name: string): Record<string, unknown>[] => kernel.asked.filter(a => a.op === name).map(a => a.params);
const antenna = (id: number): Element => find(`[data-antenna="${id}"]`);
const rowOf = (id: number): HTMLElement => find(`tr[data-row="${id}"]`);
const text = (selector: string): string => find(selector).textContent ?? '';

function press(key: string, more: KeyboardEventInit = {}, on: Element = find('.dsa-stage')): void {
  on.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
}

function choose(field: string, value: string): void {
  const select = el.querySelector<HTMLSelectElement>(`[data-field="${field}"] select`)!;
  select.value = value;
  select.dispatchEvent(new Event('change'));
}

function type(field: string, value: string): void {
  input(field).value = value;
  input(field).dispatchEvent(new Event('change'));
}

/** Where an antenna is on the stage. */
function placeOf(id: number): [number, number] {
  const [x, y] = /translate\(([-\d.]+) ([-\d.]+)\)/.exec(antenna(id).getAttribute('transform') ?? '')!.slice(1).map(Number);
  return [x!, y!];
}

function click(id: number, more: MouseEventInit = {}): void {
  const [clientX, clientY] = placeOf(id);
  const plot = find('.dsa-map');
  for (const name of ['pointerdown', 'pointerup']) {
    const event = new MouseEvent(name, { clientX, clientY, bubbles: true, cancelable: true, button: 0, ...more });
    antenna(id).dispatchEvent(Object.assign(event, { pointerId: 1 }));
  }
  expect(plot.contains(antenna(id))).toBe(true);
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'requestAnimationFrame', 'cancelAnimationFrame', 'performance'] });
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

describe('states', () => {
  it('shows positions first, flags after them, amplitudes last', async () => {
    const onLive = vi.fn();
    const root = mount({}, { onLive });
    expect(root.dataset).toMatchObject({ state: 'loading', flags: 'pending' });
    await wait(80);
    expect(root.dataset).toMatchObject({ state: 'ready', generation: '1', flags: 'pending' });
    expect(antenna(7).getAttribute('data-class')).toBe('unknown');
    expect(text('.dsa-work')).toContain('Reading flags 43');
    expect(text('.dsa-legend')).toContain('flags are being read');
    await wait();
    expect(root.dataset).toMatchObject({ state: 'ready', flags: 'known' });
    expect(antenna(7).getAttribute('data-class')).toBe('bad');
    expect(antenna(4).getAttribute('data-class')).toBe('fair');
    expect(antenna(0).getAttribute('data-class')).toBe('good');
    expect(find('.dsa-work').hidden).toBe(true);
    expect(onLive).toHaveBeenCalledOnce();
    expect(text('.dsa-name')).toBe('2025-09-05_tile.ms');
    expect(text('.dsa-title')).toContain('DSA-110');
    expect(text('.dsa-readout')).toContain('96 of 119 antennas with data');
  });

  it('shows how far a reading is, and cancels it', async () => {
    const root = mount({ mode: 'loading' });
    await wait();
    expect(root.dataset.state).toBe('loading');
    expect(text('.dsa-card')).toContain('Opening the Measurement Set 10');
    find('.dsa-card [data-action=cancel]').click();
    await wait();
    expect(ops('cancel')).toHaveLength(1);
  });

  it('shows an error with its hint and tries again', async () => {
    const root = mount({ mode: 'error' });
    await wait();
    expect(root.dataset.state).toBe('error');
    expect(text('.dsa-card')).toContain('is not a Measurement Set');
    find('[data-action=retry]').click();
    await wait();
    expect(ops('retry')).toHaveLength(1);
  });

  it('is empty without a Measurement Set, offline when nobody answers, stale while another is read', async () => {
    const empty = mount({ mode: 'empty' });
    await wait();
    expect(empty.dataset.state).toBe('empty');
    el.replaceChildren();
    const stale = mount({ mode: 'stale' });
    await wait();
    expect(stale.dataset.state).toBe('stale');
    el.replaceChildren();
    const offline = mount({ mode: 'offline' }, { snapshot: 'data:image/png;base64,AA==' });
    await wait(9000);
    expect(offline.dataset.state).toBe('offline');
    expect(find('.dsa-snapshot').getAttribute('src')).toContain('data:image/png');
  });

  it('greets again when the process behind the model is a new one', async () => {
    const root = mount();
    await wait();
    kernel.generation = 1;
    kernel.antennas.length = 10;
    kernel.event('restarted', {});
    expect(root.dataset.generation).toBe('0');
    await wait();
    expect(ops('hello')).toHaveLength(2);
    expect(root.dataset).toMatchObject({ state: 'ready', generation: '1' });
    expect(all('[data-antenna]')).toHaveLength(10);
  });

  it('leaves nothing behind', async () => {
    mount();
    await wait();
    end.abort();
    expect(el.childElementCount).toBe(0);
  });
});

describe('the map', () => {
  it('has true positions: one scale for both axes, north up, zero positions not drawn', async () => {
    mount();
    await wait();
    expect(all('[data-antenna]')).toHaveLength(117);
    const [a, b, c] = [0, 50, 109].map(id => ({ at: placeOf(id), antenna: kernel.antennas[id]! }));
    const scale = (b!.at[0] - a!.at[0]) / (b!.antenna.e! - a!.antenna.e!);
    expect(scale).toBeGreaterThan(0);
    expect((a!.at[1] - c!.at[1]) / (c!.antenna.n! - a!.antenna.n!)).toBeCloseTo(scale, 4);
    expect(text('.dsa-map')).toContain('East (m)');
    expect(text('.dsa-map')).toContain('North (m)');
    expect(rowOf(117).hasAttribute('data-zero-position')).toBe(true);
    expect(rowOf(117).textContent).toContain('no position');
    expect(el.querySelector('[data-antenna="117"]')).toBeNull();
  });

  it('names antennas for screen readers, and those without data are hollow', async () => {
    mount();
    await wait();
    expect(antenna(7).getAttribute('role')).toBe('button');
    expect(antenna(7).getAttribute('aria-label')).toMatch(/^Antenna 8, \d+\.\d\u202f% flagged$/);
    expect(antenna(9).getAttribute('aria-label')).toBe('Antenna 10, no data');
    expect(antenna(9).classList.contains('dsa-class-vacant')).toBe(true);
  });

  it('zooms by key, and presets go into the state', async () => {
    mount();
    await wait();
    const before = placeOf(50)[0] - placeOf(0)[0];
    press('+');
    await wait(50);
    expect((placeOf(50)[0] - placeOf(0)[0]) / before).toBeCloseTo(1.5, 2);
    press('k');
    await wait();
    expect(kernel.state.zoom).toBe('core');
    expect((placeOf(50)[0] - placeOf(0)[0]) / before).toBeGreaterThan(2);
    expect(find('[data-action="zoom-core"]').getAttribute('aria-pressed')).toBe('true');
    press('0');
    await wait();
    expect(kernel.state.zoom).toBe('all');
    expect(placeOf(50)[0] - placeOf(0)[0]).toBeCloseTo(before, 6);
    press('l');
    await wait();
    expect(kernel.state.scale).toBe('log');
    expect(text('.dsa-map')).toContain('100 m');
  });

  it('keeps the view when flags come, and follows what Python sets', async () => {
    mount({ mode: 'pending' });
    await wait();
    press('+');
    await wait(50);
    const before = placeOf(3);
    kernel.event('layout', { ...kernel.layout(), flags: true });
    await wait(50);
    expect(placeOf(3)).toEqual(before);
    kernel.event('state', { changes: { scale: 'log', labels: 'id', exclude: [3] } });
    await wait(50);
    expect(el.querySelector('[data-antenna="3"]')).toBeNull();
    expect(find('[data-label="116"]').textContent).toBe('116');
    kernel.event('state', { changes: { labels: 'none' } });
    await wait(50);
    expect(all('[data-label]')).toEqual([]);
  });

  it('colours by a colour map with a bar', async () => {
    mount({ state: { color_by: 'fraction' } });
    await wait();
    expect(find('[data-antenna="0"] .dsa-dot').style.fill).toMatch(/^rgb/);
    expect(text('.dsa-map .dsa-colourbar')).toContain('Flagged (%)');
    choose('color_by', 'class');
    await wait();
    expect(find('[data-antenna="0"] .dsa-dot').style.fill).toBe('');
    expect(text('.dsa-map .dsa-colourbar')).toBe('');
  });
});

describe('selecting', () => {
  it('by a click shows baselines and flags; a second with Shift the baseline between', async () => {
    mount();
    await wait();
    click(104);
    await wait();
    expect(kernel.state.selected).toEqual([104]);
    expect(antenna(104).getAttribute('aria-pressed')).toBe('true');
    expect(ops('antenna')).toEqual([{ generation: 1, id: 104 }]);
    expect(all('.dsa-baselines line')).toHaveLength(95);
    expect(all('.dsa-figure[aria-label^="Flagged by frequency (%) against Frequency (MHz)"]')).toHaveLength(1);
    expect(all('.dsa-figure[aria-label^="Flagged by time (%) against Time (UTC, 2025-09-05)"]')).toHaveLength(1);
    expect(all('[data-baseline]')).toHaveLength(95);
    click(109, { shiftKey: true });
    await wait();
    expect(kernel.state.selected).toEqual([104, 109]);
    expect(ops('baseline')).toEqual([{ generation: 1, a: 104, b: 109 }]);
    expect(all('.dsa-baselines line').map(l => l.getAttribute('class'))).toEqual(['dsa-baseline-last']);
    expect(text('.dsa-facts')).toContain('Length998.7 m');
    expect(text('.dsa-facts')).toContain('Orientation320.8° (NW)');
    expect(all('.dsa-figure')).toHaveLength(4);
    click(109, { shiftKey: true });
    await wait();
    expect(kernel.state.selected).toEqual([104]);
  });

  it('asks for nothing while flags are unknown, and for an antenna without data', async () => {
    mount({ mode: 'pending', state: { selected: [3] } });
    await wait();
    expect(ops('antenna')).toEqual([]);
    expect(text('.dsa-details')).toContain('as soon as they are read');
    click(116);
    await wait();
    expect(ops('antenna')).toEqual([]);
    expect(text('.dsa-details')).toContain('no data of this antenna');
  });

  it('says in the side panel what the kernel cannot answer', async () => {
    mount({ state: { selected: [0, 9] } });
    await wait();
    expect(text('.dsa-details')).toContain('There are no data of 1 & 10.');
    expect(find('.dsa-root').dataset.state).toBe('ready');
  });

  it('by keys: Shift and arrows go from antenna to antenna, Enter picks, Delete and Esc clear', async () => {
    mount();
    await wait();
    press('ArrowUp', { shiftKey: true });
    await wait();
    expect(text('.dsa-readout')).toContain('Antenna ');
    press('Enter');
    press('ArrowUp', { shiftKey: true });
    press('Enter', { shiftKey: true });
    await wait();
    expect(kernel.state.selected).toHaveLength(2);
    press('Delete');
    await wait();
    expect(kernel.state.selected).toEqual([]);
    press('Enter');
    press('Escape');
    await wait();
    expect(kernel.state.selected).toEqual([]);
    expect(find('.dsa-selection-chip').hidden).toBe(true);
  });

  it('follows Python, and more than two are linked with each other', async () => {
    mount();
    await wait();
    kernel.event('state', { changes: { selected: [1, 104, 108] } });
    await wait();
    expect(all('.dsa-baselines line')).toHaveLength(3);
    expect(all('.dsa-baseline-last')).toHaveLength(1);
    expect(ops('baseline')).toEqual([{ generation: 1, a: 104, b: 108 }]);
    expect(text('.dsa-selection-chip')).toContain('3 selected');
    expect(all('tr[aria-selected="true"]')).toHaveLength(3);
  });

  it('is not asked for twice by changes of colours', async () => {
    mount({ state: { selected: [5] } });
    await wait();
    choose('labels', 'id');
    choose('color_by', 'fraction');
    await wait();
    expect(ops('antenna')).toHaveLength(1);
  });
});

describe('the table', () => {
  it('sorts by its header, and says so', async () => {
    mount();
    await wait();
    find('[data-sort="flagged"]').click();
    expect(find('[data-column="flagged"]').getAttribute('aria-sort')).toBe('descending');
    const first = Number(all('tr[data-row]')[0]!.getAttribute('data-row'));
    expect(kernel.antennas[first]!.flagged_cross).toBe(Math.max(...kernel.antennas.map(a => a.flagged_cross ?? 0)));
    find('[data-sort="flagged"]').click();
    expect(find('[data-column="flagged"]').getAttribute('aria-sort')).toBe('ascending');
    expect(find('[data-column="name"]').getAttribute('aria-sort')).toBe('none');
  });

  it('is walked by arrows and selects by Enter, with Shift adding', async () => {
    mount();
    await wait();
    rowOf(0).focus();
    press('ArrowDown', {}, rowOf(0));
    press('ArrowDown', {}, rowOf(1));
    expect(document.activeElement).toBe(rowOf(2));
    press('Enter', {}, rowOf(2));
    press('End', {}, rowOf(2));
    press('Home', {}, rowOf(118));
    press(' ', { shiftKey: true }, rowOf(0));
    await wait();
    expect(kernel.state.selected).toEqual([2, 0]);
    expect(document.activeElement).toBe(rowOf(0));
    expect(all('tr[tabindex="0"]')).toHaveLength(1);
  });
});

describe('tabs', () => {
  it('fetch what they show when they come to the front, once', async () => {
    mount();
    await wait();
    expect(ops('uv')).toEqual([]);
    press('2');
    await wait();
    expect(kernel.state.tab).toBe('uv');
    expect(find('[data-panel="uv"]').hidden).toBe(false);
    expect(find('[data-panel="map"]').hidden).toBe(true);
    expect(ops('uv')).toEqual([{ generation: 1, max_points: 200_000 }]);
    expect(text('.dsa-uv')).toContain('u (kλ)');
    expect(text('.dsa-uv')).toContain('u (m)');
    expect(text('.dsa-uv .dsa-colourbar')).toContain('Baseline length');
    choose('uv_color', 'time');
    await wait();
    expect(ops('uv')).toHaveLength(2);
    expect(text('.dsa-uv .dsa-colourbar')).toContain('Time since');
    press('3');
    await wait();
    expect(ops('lengths')).toEqual([{ generation: 1 }]);
    expect(all('.dsa-bar').length).toBeGreaterThan(20);
    expect(text('[data-panel="lengths"] .dsa-caption')).toContain('longest 2605 m');
    press('2');
    await wait();
    expect(ops('uv')).toHaveLength(2);
  });

  it('are a tab list', async () => {
    mount();
    await wait();
    const tabs = all('[role=tab]') as HTMLElement[];
    expect(tabs.map(t => t.getAttribute('aria-selected'))).toEqual(['true', 'false', 'false']);
    tabs[0]!.focus();
    press('ArrowRight', {}, tabs[0]);
    await wait();
    expect(kernel.state.tab).toBe('uv');
    expect(document.activeElement).toBe(tabs[1]);
  });
});

describe('controls', () => {
  it('set thresholds in percent, in order', async () => {
    mount();
    await wait();
    type('thresholds.0', '60');
    await wait();
    expect(ops('set')).toEqual([]);
    expect(text('[data-field="thresholds.0"] .dsa-field-error')).toContain('Must be below');
    type('thresholds.0', '5');
    await wait();
    expect(kernel.state.thresholds).toEqual([0.05, 0.5]);
    expect(text('.dsa-legend')).toContain('under 5');
  });

  it('leave antennas out by name, and say what there is not', async () => {
    mount();
    await wait();
    type('exclude', '1, 117');
    await wait();
    expect(kernel.state.exclude).toEqual([0, 116]);
    expect(all('[data-antenna]')).toHaveLength(115);
    type('exclude', '1, ea99');
    await wait();
    expect(text('[data-field="exclude"] .dsa-field-error')).toContain('There is no antenna ea99.');
    expect(kernel.state.exclude).toEqual([0, 116]);
    find('[data-action="exclude-none"]').click();
    await wait();
    expect(kernel.state.exclude).toEqual([]);
    expect(input('exclude').value).toBe('');
  });

  it('put what the kernel refuses under the field', async () => {
    mount();
    await wait();
    type('exclude', kernel.antennas.map(a => a.name).join(','));
    await wait();
    expect(text('[data-field="exclude"] .dsa-field-error')).toContain('No antenna would be left.');
  });

  it('save in the formats of the array', async () => {
    mount();
    await wait();
    press('w');
    expect(all('.dsa-menu:not([hidden]) [data-action]').map(i => i.getAttribute('data-action'))).toEqual(['save-png', 'save-svg', 'save-pdf', 'save-csv']);
    press('?');
    expect(text('.dsa-help')).toContain('outriggers');
  });
});
