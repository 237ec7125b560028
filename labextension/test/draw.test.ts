import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeDrawing } from '../dev/fake-drawing';
import { FakeImage, type FakeImageOptions } from '../dev/fake-image';
import { ChannelTransport } from '../src/viewer/core/channel';
import type { Region } from '../src/viewer/image/draw/shapes';
import { statisticsLines } from '../src/viewer/image/draw/statistics';
import { mountImage } from '../src/viewer/image/mount';

const SIZE = 400;
let end: AbortController;
let image: FakeImage;
let kernel: FakeDrawing;
let el: HTMLElement;

async function mount(fake: Partial<FakeImageOptions> = {}): Promise<void> {
  image = new FakeImage({ size: SIZE, ...fake });
  kernel = new FakeDrawing(image);
  mountImage(el, new ChannelTransport(kernel, end.signal), end.signal);
  await wait();
}

const wait = (ms = 600): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const find = (selector: string): HTMLElement => el.querySelector<HTMLElement>(selector)!;
const all = (selector: string): HTMLElement[] => [...el.querySelectorAll<HTMLElement>(selector)];
const text = (selector: string): string => find(selector).textContent ?? '';
const ops = (name: string): Record<string, unknown>[] => image.asked.filter(a => a.op === name).map(a => a.params);
const act = (name: string): HTMLButtonElement => find(`[data-action="${name}"]`) as HTMLButtonElement;
const isOn = (name: string): boolean => act(name).getAttribute('aria-pressed') === 'true';
const said = (): string => text('.dsa-palette [role=status]');
const notices = (): string => text('.dsa-notices');

function press(key: string, more: KeyboardEventInit = {}, on: Element = find('.dsa-stage')): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more });
  on.dispatchEvent(event);
  return event;
}

function type(field: string, value: string): void {
  const input = el.querySelector<HTMLInputElement>(`[data-field="${field}"] input`)!;
  input.value = value;
  input.dispatchEvent(new Event('change'));
}

function choose(field: string, value: string): void {
  const select = el.querySelector<HTMLSelectElement>(`[data-field="${field}"] select`)!;
  select.value = value;
  select.dispatchEvent(new Event('change'));
}

/** Where a pixel is on the stage: the whole image is in view, as large as it goes. */
function placeOf(x: number, y: number): [number, number] {
  const frame = find('.dsa-frame');
  const [left, top, width, height] = ['x', 'y', 'width', 'height'].map(name => Number(frame.getAttribute(name))) as [number, number, number, number];
  const scale = Math.min(width - 1, height - 1) / SIZE;
  return [left + 0.5 + (width - 1) / 2 + (x + 0.5 - SIZE / 2) * scale, top + 0.5 + (height - 1) / 2 - (y + 0.5 - SIZE / 2) * scale];
}

type Place = readonly [number, number];

function pointer(name: string, [x, y]: Place, more: MouseEventInit = {}, id = 1): void {
  const [clientX, clientY] = placeOf(x, y);
  const event = new MouseEvent(name, { clientX, clientY, bubbles: true, cancelable: true, button: 0, ...more });
  find('.dsa-plane').dispatchEvent(Object.assign(event, { pointerId: id, pointerType: 'mouse' }));
}

function drag(path: readonly Place[], more: MouseEventInit = {}): void {
  pointer('pointermove', path[0]!, more);
  pointer('pointerdown', path[0]!, more);
  path.slice(1).forEach(place => pointer('pointermove', place, { buttons: 1, ...more }));
  pointer('pointerup', path[path.length - 1]!, more);
}

function click(at: Place, more: MouseEventInit = {}): void {
  drag([at], more);
}

function region(id: string, shape: object, more: Partial<Region> = {}): Region {
  return { id, frame: 'pixel', drawn_in: 'pixel', include: true, label: '', colour: '', channels: null, stokes: null, ...shape, ...more } as unknown as Region;
}

const CIRCLE = region('r1', { shape: 'circle', x: 100, y: 100, radius: 30 });
const BOX = region('r2', { shape: 'box', x: 250, y: 200, width: 80, height: 40, angle: 0 });
const POLYGON = region('r3', { shape: 'polygon', vertices: [[50, 250], [120, 250], [120, 330], [50, 330]] });

/** Draws these regions, with some of them selected. */
async function given(regions: readonly Region[], selected: readonly string[] = []): Promise<void> {
  kernel.set(regions);
  press('s');
  await wait();
  for (const id of selected) {
    const one = regions.find(other => other.id === id)!;
    click('x' in one ? [one.x, one.y] : [85, 290], { shiftKey: selected[0] !== id });
  }
  await wait();
  image.asked.length = 0;
}

const near = (value: number): number => expect.closeTo(value, 0) as number;

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

describe('tools', () => {
  it('are taken by a key or a press, and laid down for the tools that look', async () => {
    await mount();
    expect(find('.dsa-palette').getAttribute('role')).toBe('toolbar');
    press('4');
    expect(isOn('draw-circle')).toBe(true);
    expect(find('.dsa-root').dataset.tool).toBe('circle');
    expect(act('tool-pan').getAttribute('aria-pressed')).toBe('false');
    act('draw-polygon').click();
    expect([isOn('draw-circle'), isOn('draw-polygon')]).toEqual([false, true]);
    expect(said()).toContain('Click the corners');
    press('p');
    expect(isOn('draw-polygon')).toBe(false);
    expect(find('.dsa-root').dataset.tool).toBe('pan');
    press('z');
    press('5');
    expect(find('.dsa-root').dataset.tool).toBe('ellipse');
    drag([[100, 100], [120, 110]]);
    await wait();
    expect(ops('draw')).toHaveLength(1);
  });

  it('change to the layer that they are for', async () => {
    await mount();
    expect(isOn('layer-mask')).toBe(true);
    press('s');
    expect(isOn('layer-regions')).toBe(true);
    press('q');
    expect([isOn('layer-mask'), isOn('draw-brush')]).toEqual([true, true]);
    press('m');
    expect([isOn('layer-regions'), isOn('draw-select')]).toEqual([true, true]);
    expect(act('mode-intersect').disabled).toBe(true);
    await wait();
    expect(ops('set').map(({ changes }) => changes)).toEqual([{ layer: 'regions' }, { layer: 'mask' }, { layer: 'regions' }].slice(-1));
  });

  it('stand in the help with their keys', async () => {
    await mount();
    press('?');
    expect(text('.dsa-help')).toContain('island above the threshold');
    expect(text('.dsa-help')).toContain('Drawing tools');
  });
});

describe('drawing on the mask', () => {
  it('draws each shape by a drag, in image pixels', async () => {
    await mount();
    const draws: readonly (readonly [string, readonly Place[], object, Place?])[] = [
      ['4', [[100, 100], [130, 100]], { shape: 'circle', x: near(100), y: near(100), radius: near(30) }],
      ['5', [[100, 100], [160, 140]], { shape: 'ellipse', x: near(130), y: near(120), a: near(30), b: near(20), angle: 0 }],
      ['6', [[160, 140], [100, 100]], { shape: 'box', x: near(130), y: near(120), width: near(60), height: near(40), angle: 0 }],
      ['7', [[100, 100], [140, 140]], { shape: 'box', x: near(110), y: near(130), height: near(28), angle: near(45) }, [100, 140]],
      ['9', [[200, 200], [240, 200]], { shape: 'circle_annulus', x: near(200), inner: near(20), outer: near(40) }, [200, 220]],
      ['l', [[50, 50], [90, 50], [90, 90], [50, 90]], { shape: 'polygon' }],
      ['q', [[50, 50], [90, 50], [90, 90]], { shape: 'brush', radius: 5, vertices: [[near(50), near(50)], [near(90), near(50)], [near(90), near(90)]] }]
    ];
    for (const [key, path, expected, then] of draws) {
      image.asked.length = 0;
      press(key);
      drag(path);
      if (then) {
        click(then);
      }
      await wait();
      expect(ops('draw')).toEqual([{ generation: 1, shape: expect.objectContaining(expected) as object, mode: 'add' }]);
    }
    expect(said()).toBe('Stroke added to the mask');
  });

  it('puts the pixels that were drawn into the mask, fetches its tiles, and undoes it', async () => {
    await mount();
    press('6');
    drag([[100, 100], [109, 119]]);
    await wait();
    expect(Math.abs(kernel.count() - 200)).toBeLessThan(40);
    expect(text('.dsa-mask-count')).toContain(`${kernel.count()} pixels`);
    expect(ops('mask_tile').length).toBeGreaterThan(0);
    expect(all('.dsa-ghost')).toHaveLength(0);
    expect(act('undo').title).toBe('Undo: add box (Ctrl Z)');
    press('z', { ctrlKey: true });
    await wait();
    expect(kernel.count()).toBe(0);
    expect(text('.dsa-mask-count')).toContain('Empty');
    expect(act('undo').disabled).toBe(true);
    press('Z', { ctrlKey: true, shiftKey: true });
    await wait();
    expect(kernel.count()).toBeGreaterThan(0);
    expect(said()).toBe('Done again: add box');
  });

  it('shows the shape until the mask has it', async () => {
    await mount();
    press('4');
    drag([[100, 100], [130, 100]]);
    await wait(5);
    vi.advanceTimersToNextFrame();
    expect(all('.dsa-ghost')).toHaveLength(1);
    await wait();
    expect(all('.dsa-ghost')).toHaveLength(0);
  });

  it('takes away with e, with Alt, and with the eraser; Alt turns that round', async () => {
    await mount();
    press('4');
    drag([[100, 100], [130, 100]], { altKey: true });
    press('e');
    expect(isOn('mode-subtract')).toBe(true);
    drag([[100, 100], [130, 100]]);
    drag([[100, 100], [130, 100]], { altKey: true });
    press('h');
    drag([[100, 100], [130, 100]]);
    press('x');
    drag([[100, 100], [130, 100]]);
    press('a');
    drag([[100, 100], [130, 100]]);
    await wait();
    expect(ops('draw').map(({ mode }) => mode)).toEqual(['subtract', 'subtract', 'add', 'intersect', 'subtract', 'subtract']);
  });

  it('draws polygons corner by corner: Enter, a double click or a click on the first corner ends them', async () => {
    await mount();
    press('8');
    const corners: readonly Place[] = [[100, 100], [150, 100], [150, 160]];
    corners.forEach(corner => click(corner));
    press('Enter');
    await wait();
    corners.forEach(corner => click(corner));
    click([150, 160]);
    pointer('dblclick', [150, 160]);
    await wait();
    corners.forEach(corner => click(corner));
    click([100, 100]);
    await wait();
    const shapes = ops('draw').map(({ shape }) => shape);
    expect(shapes).toHaveLength(3);
    for (const shape of shapes) {
      expect(shape).toMatchObject({ shape: 'polygon', vertices: corners.map(([x, y]) => [near(x), near(y)]) });
    }
  });

  it('takes corners back with Backspace and Ctrl Z, and gives up with Esc', async () => {
    await mount();
    press('8');
    for (const corner of [[100, 100], [150, 100], [150, 160], [10, 10], [20, 20]] as const) {
      click(corner);
    }
    press('Backspace');
    press('z', { ctrlKey: true });
    press('Enter');
    await wait();
    expect((ops('draw')[0]!.shape as { vertices: unknown[] }).vertices).toHaveLength(3);
    expect(ops('undo')).toHaveLength(0);
    click([100, 100]);
    press('Escape');
    press('Enter');
    await wait();
    expect(ops('draw')).toHaveLength(1);
  });

  it('draws nothing of a click with a tool that needs a drag, and says so', async () => {
    await mount();
    press('6');
    click([100, 100]);
    click([100, 100]);
    await wait();
    expect(ops('draw')).toHaveLength(0);
    expect(said()).toContain('Too small');
  });

  it('gives up what a finger has begun when a second one comes, but not the corners before', async () => {
    await mount();
    press('q');
    pointer('pointerdown', [100, 100]);
    pointer('pointermove', [120, 100], { buttons: 1 });
    pointer('pointerdown', [200, 200], {}, 2);
    pointer('pointerup', [120, 100]);
    pointer('pointerup', [200, 200], {}, 2);
    press('8');
    click([100, 100]);
    click([150, 100]);
    pointer('pointerdown', [10, 10]);
    pointer('pointerdown', [300, 300], {}, 2);
    pointer('pointerup', [300, 300], {}, 2);
    pointer('pointerup', [10, 10]);
    click([150, 160]);
    press('Enter');
    await wait();
    expect(ops('draw')).toHaveLength(1);
    expect((ops('draw')[0]!.shape as { vertices: unknown[] }).vertices).toHaveLength(3);
  });

  it('takes the island under a click at the threshold of the panel', async () => {
    await mount();
    type('sigma', '4.5');
    press('t');
    click([80, 90]);
    await wait();
    expect(ops('threshold')).toEqual([{ generation: 1, sigma: 4.5, mode: 'add', point: [80, 90] }]);
    type('sigma', 'many');
    expect(text('[data-field="sigma"]')).toContain('Not a number');
    type('sigma', '0');
    expect(text('[data-field="sigma"]')).toContain('Not possible');
    click([80, 90]);
    await wait();
    // the same island again changes nothing, which is said
    expect(notices()).toContain('nothing more above 4.5 sigma');
  });

  it('adds what is above the threshold, replaces by it, takes it out, or keeps only that', async () => {
    await mount();
    const modes = (): unknown[] => ops('threshold').map(({ mode }) => mode);
    for (const mode of ['add', 'replace', 'subtract', 'intersect']) {
      choose('found', mode);
      act('threshold').click();
      await wait();
    }
    expect(modes()).toEqual(['add', 'replace', 'subtract', 'intersect']);
    // of the tool the signs of the palette come first, and Alt turns them round
    press('t');
    choose('found', 'replace');
    click([80, 90]);
    await wait();
    click([80, 90], { altKey: true });
    act('mode-intersect').click();
    click([80, 90]);
    await wait();
    expect(modes().slice(4)).toEqual(['replace', 'subtract', 'intersect']);
  });

  it('changes the size of the brush with [ and ]', async () => {
    await mount();
    expect(press('[').defaultPrevented).toBe(false);
    press('q');
    press(']');
    press(']');
    pointer('pointermove', [100, 100]);
    await wait(50);
    expect(find('.dsa-brush').getAttribute('visibility')).toBe('visible');
    drag([[100, 100], [120, 100]]);
    press('[');
    await wait();
    expect((ops('draw')[0]!.shape as { radius: number }).radius).toBeGreaterThan(6);
    expect(said()).toMatch(/Brush of|Stroke/);
  });

  it('says what the kernel refused, and goes on', async () => {
    await mount();
    kernel.failing.add('draw');
    press('4');
    drag([[100, 100], [130, 100]]);
    await wait();
    expect(notices()).toContain('draw is not possible');
    expect(all('.dsa-ghost')).toHaveLength(0);
    kernel.failing.clear();
    drag([[100, 100], [130, 100]]);
    await wait();
    expect(kernel.count()).toBeGreaterThan(1000);
  });
});

describe('by keys alone', () => {
  it('draws a box and a polygon at the cross-hair', async () => {
    await mount();
    const steps = (key: string, n: number): void => Array.from({ length: n }, () => press(key, { shiftKey: true })).forEach(() => undefined);
    press('6');
    steps('ArrowRight', 1);
    press('Enter');
    steps('ArrowRight', 12);
    steps('ArrowUp', 8);
    expect(said()).toContain('Point 1 of 2');
    press('Enter');
    await wait();
    expect(ops('draw')).toHaveLength(1);
    const { width, height } = ops('draw')[0]!.shape as { width: number; height: number };
    expect(width / height).toBeCloseTo(1.5, 1);
    press('8');
    for (const key of ['ArrowUp', 'ArrowRight', 'ArrowDown']) {
      steps(key, 10);
      press('Enter');
    }
    press('Enter');
    await wait();
    expect((ops('draw')[1]!.shape as { vertices: unknown[] }).vertices).toHaveLength(3);
  });

  it('selects regions one after the other, and moves them', async () => {
    await mount();
    await given([CIRCLE, BOX]);
    press('j');
    expect(image.state.selected).toEqual([]);
    await wait();
    expect(image.state.selected).toEqual(['r1']);
    expect(said()).toBe('Region 1 of 2: circle');
    press('j');
    press('J', { shiftKey: true });
    await wait();
    expect(image.state.selected).toEqual(['r1']);
    press('ArrowRight');
    press('ArrowRight');
    press('ArrowUp', { shiftKey: true });
    expect(ops('edit_regions')).toHaveLength(0);
    await wait(700);
    // presses in a row are one change
    expect(ops('edit_regions')).toEqual([{ generation: 1, action: 'replace', regions: [expect.objectContaining({ id: 'r1', x: 102, y: 110 })] }]);
  });

  it('leaves arrows, letters and Ctrl to others where it has no use for them', async () => {
    await mount();
    const before = image.asked.length;
    expect(press('ArrowRight').defaultPrevented).toBe(true);
    expect(press('v', { ctrlKey: true }).defaultPrevented).toBe(false);
    expect(press('c', { ctrlKey: true }).defaultPrevented).toBe(false);
    expect(press('Delete').defaultPrevented).toBe(true);
    await wait();
    expect(image.asked.slice(before).filter(({ op }) => op === 'edit_regions')).toHaveLength(0);
    press('4', {}, el.querySelector('[data-field="sigma"] input')!);
    expect(isOn('draw-circle')).toBe(false);
  });

  it('keeps the keys with Ctrl that it uses from the page around it', async () => {
    await mount();
    const stage = find('.dsa-stage');
    press('z', { ctrlKey: true });
    expect(stage.getAttribute('data-lm-suppress-shortcuts')).toBe('true');
    press('s', { ctrlKey: true });
    expect(stage.hasAttribute('data-lm-suppress-shortcuts')).toBe(false);
  });
});

describe('regions', () => {
  it('are drawn in the frame that is shown, and selected with handles', async () => {
    await mount();
    press('m');
    press('4');
    drag([[100, 100], [130, 100]]);
    await wait();
    expect(ops('edit_regions')).toEqual([
      { generation: 1, action: 'add', regions: [{ id: '', shape: 'circle', x: near(100), y: near(100), radius: near(30), frame: 'pixel', drawn_in: 'icrs', include: true, label: '', colour: '', channels: null, stokes: null }] }
    ]);
    expect(image.state.selected).toEqual(['r1']);
    await wait(50);
    expect(all('.dsa-knob-size')).toHaveLength(8);
    press('e');
    press('6');
    drag([[200, 200], [240, 240]]);
    await wait();
    expect((ops('edit_regions')[1]!.regions as Region[])[0]).toMatchObject({ shape: 'box', include: false });
    // without sky coordinates the pixels are what it is drawn in
    end.abort();
    el.replaceChildren();
    end = new AbortController();
    await mount({ plain: true });
    press('m');
    press('d');
    click([10, 10]);
    await wait();
    expect((ops('edit_regions')[0]!.regions as Region[])[0]).toMatchObject({ shape: 'point', drawn_in: 'pixel' });
  });

  it('are selected by a click, with Shift as well, and by a box around them', async () => {
    await mount();
    await given([CIRCLE, BOX, POLYGON]);
    click([100, 100]);
    await wait();
    expect(image.state.selected).toEqual(['r1']);
    click([250, 200], { shiftKey: true });
    await wait();
    expect(image.state.selected).toEqual(['r1', 'r2']);
    click([100, 100], { shiftKey: true });
    await wait();
    expect(image.state.selected).toEqual(['r2']);
    drag([[30, 60], [200, 360]]);
    await wait();
    expect(image.state.selected).toEqual(['r1', 'r3']);
    click([380, 20]);
    await wait();
    expect(image.state.selected).toEqual([]);
    press('a', { ctrlKey: true });
    await wait();
    expect(image.state.selected).toEqual(['r1', 'r2', 'r3']);
    press('Escape');
    await wait();
    expect(image.state.selected).toEqual([]);
    expect(ops('edit_regions')).toHaveLength(0);
  });

  it('choose the smallest of those that lie over each other', async () => {
    await mount();
    await given([region('big', { shape: 'circle', x: 200, y: 200, radius: 150 }), region('small', { shape: 'circle', x: 200, y: 200, radius: 20 }), region('mid', { shape: 'box', x: 200, y: 200, width: 100, height: 100, angle: 0 })]);
    click([205, 200]);
    await wait();
    expect(image.state.selected).toEqual(['small']);
    click([250, 200]);
    await wait();
    expect(image.state.selected).toEqual(['mid']);
  });

  it('move with all that is selected, as one change', async () => {
    await mount();
    await given([CIRCLE, BOX], ['r1', 'r2']);
    drag([[100, 100], [110, 95], [120, 90]]);
    await wait();
    expect(ops('edit_regions')).toEqual([
      {
        generation: 1,
        action: 'replace',
        regions: [expect.objectContaining({ id: 'r1', x: near(120), y: near(90), radius: 30 }), expect.objectContaining({ id: 'r2', x: near(270), y: near(190) })]
      }
    ]);
    expect(image.state.selected).toEqual(['r1', 'r2']);
  });

  it('are resized by a corner, turned by their handle, and keep what else is known of them', async () => {
    await mount();
    await given([{ ...BOX, label: 'core', channels: [0, 3] }], ['r2']);
    drag([[290, 220], [310, 230]]);
    await wait();
    const [first] = ops('edit_regions')[0]!.regions as Region[];
    expect(first).toMatchObject({ id: 'r2', x: near(260), y: near(205), width: near(100), height: near(50), label: 'core', channels: [0, 3] });
    const grip = find('[data-handle="rotate 0 1"]');
    const [, sx, sy] = /^M([\d.]+) ([\d.]+)/.exec(grip.getAttribute('d')!)!.map(Number) as [number, number, number];
    const send = (name: string, x: number, y: number, buttons = 0): void => {
      const event = new MouseEvent(name, { clientX: x, clientY: y, bubbles: true, cancelable: true, buttons });
      find('.dsa-plane').dispatchEvent(Object.assign(event, { pointerId: 1, pointerType: 'mouse' }));
    };
    send('pointerdown', sx + 4.5, sy);
    const [cx, cy] = placeOf(260, 205);
    send('pointermove', cx + 60, cy, 1);
    send('pointerup', cx + 60, cy);
    await wait();
    expect((ops('edit_regions')[1]!.regions as Region[])[0]).toMatchObject({ angle: near(-90), width: near(100) });
  });

  it('can be drawn inside of a larger one while handles of the selected one still work', async () => {
    await mount();
    await given([region('big', { shape: 'box', x: 200, y: 200, width: 300, height: 300, angle: 0 })], ['big']);
    press('4');
    drag([[200, 200], [220, 200]]);
    await wait();
    expect(ops('edit_regions').map(({ action }) => action)).toEqual(['add']);
    const made = kernel.regions[1] as Region & { x: number; radius: number };
    drag([[made.x + made.radius, 200], [240, 200]]);
    await wait();
    expect(ops('edit_regions').map(({ action }) => action)).toEqual(['add', 'replace']);
    expect(kernel.regions[1]).toMatchObject({ shape: 'circle', radius: near(40) });
  });

  it('go back to where they were when a drag is given up with Esc', async () => {
    await mount();
    await given([CIRCLE], ['r1']);
    pointer('pointerdown', [100, 100]);
    pointer('pointermove', [150, 150], { buttons: 1 });
    press('Escape');
    pointer('pointermove', [180, 150], { buttons: 1 });
    pointer('pointerup', [180, 150]);
    await wait();
    expect(ops('edit_regions')).toHaveLength(0);
  });

  it('stay under the pointer when the kernel tells of others during a drag', async () => {
    await mount();
    await given([BOX], ['r2']);
    pointer('pointerdown', [250, 200]);
    pointer('pointermove', [260, 210], { buttons: 1 });
    kernel.set([BOX, CIRCLE]);
    pointer('pointermove', [270, 220], { buttons: 1 });
    pointer('pointerup', [270, 220]);
    await wait();
    expect((ops('edit_regions')[0]!.regions as Region[])[0]).toMatchObject({ id: 'r2', x: near(270), y: near(220) });
  });

  it('get vertices by a double click on a side, and lose them with Delete', async () => {
    await mount();
    await given([POLYGON], ['r3']);
    pointer('dblclick', [85, 250]);
    await wait();
    expect((ops('edit_regions')[0]!.regions as { vertices: unknown[] }[])[0]!.vertices).toHaveLength(5);
    drag([[120, 330], [140, 350]]);
    await wait();
    expect(kernel.regions[0]).toMatchObject({ vertices: [[50, 250], [near(85), near(250)], [120, 250], [near(140), near(350)], [50, 330]] });
    press('Delete');
    await wait();
    expect(kernel.regions[0]).toMatchObject({ vertices: [[50, 250], [near(85), near(250)], [120, 250], [50, 330]] });
    press('Delete');
    await wait();
    expect(kernel.regions).toHaveLength(0);
    expect(image.state.selected).toEqual([]);
  });

  it('are copied, cut and pasted beside themselves', async () => {
    await mount();
    await given([CIRCLE], ['r1']);
    press('c', { ctrlKey: true });
    press('v', { ctrlKey: true });
    await wait();
    press('v', { ctrlKey: true });
    await wait();
    expect(kernel.regions).toHaveLength(3);
    const [, a, b] = kernel.regions as (Region & { x: number })[];
    expect(a!.x).toBeGreaterThan(100);
    expect(b!.x).toBeGreaterThan(a!.x);
    press('x', { ctrlKey: true });
    await wait();
    expect(kernel.regions).toHaveLength(2);
  });

  it('are for all planes, or for those that are named in the side panel', async () => {
    await mount({ channels: 8, stokes: 2 });
    kernel.set([region('a', { shape: 'circle', x: 100, y: 100, radius: 20 })]);
    image.event('state', { changes: { selected: ['a'] } });
    await wait();
    const planes = (): unknown => [kernel.regions[0]!.channels, kernel.regions[0]!.stokes];
    const field = (name: string): HTMLInputElement => el.querySelector<HTMLInputElement>(`[data-field="${name}"] input`)!;
    type('region-channels', '2~5');
    await wait();
    type('region-stokes', 'q, i');
    await wait();
    expect(planes()).toEqual([[2, 5], ['I', 'Q']]);
    expect([field('region-channels').value, field('region-stokes').value]).toEqual(['2~5', 'I, Q']);
    for (const wrong of ['5~2', '8', 'a', '1~', '-1']) {
      type('region-channels', wrong);
      expect(text('[data-field="region-channels"]'), wrong).toContain('No such channels');
    }
    type('region-stokes', 'V');
    expect(text('[data-field="region-stokes"]')).toContain('I, Q');
    await wait();
    expect(planes()).toEqual([[2, 5], ['I', 'Q']]);
    type('region-channels', '7');
    await wait();
    expect(planes()).toEqual([[7, 7], ['I', 'Q']]);
    type('region-channels', '');
    await wait();
    type('region-stokes', '');
    await wait();
    expect(planes()).toEqual([null, null]);
  });

  it('have no fields for planes where the image has one', async () => {
    await mount();
    kernel.set([region('a', { shape: 'circle', x: 100, y: 100, radius: 20 })]);
    image.event('state', { changes: { selected: ['a'] } });
    await wait();
    expect(find('[data-field="region-channels"]').hidden).toBe(true);
    expect(find('[data-field="region-stokes"]').hidden).toBe(true);
    kernel.set([region('a', { shape: 'circle', x: 100, y: 100, radius: 20 }, { channels: [0, 0] })]);
    await wait();
    expect(find('[data-field="region-channels"]').hidden).toBe(false);
  });

  it('have a profile: a line along it, an area of a cube its spectrum', async () => {
    await mount({ channels: 3 });
    kernel.set([region('a', { shape: 'line', x1: 10, y1: 10, x2: 90, y2: 10 }), region('b', { shape: 'circle', x: 100, y: 100, radius: 20 }), region('c', { shape: 'point', x: 5, y: 5 })]);
    await wait();
    expect(act('profile-region').disabled).toBe(true);
    for (const [id, words] of [['a', 'Along the line'], ['b', 'In the region']] as const) {
      image.event('state', { changes: { selected: [id] } });
      await wait();
      expect(act('profile-region').textContent).toBe(words);
      act('profile-region').click();
      await wait();
      expect(all('.dsa-figure')).toHaveLength(1);
    }
    expect(ops('profile')).toEqual([{ kind: 'line', id: 'a' }, { kind: 'spectrum', id: 'b' }]);
    for (const selected of [['c'], ['a', 'b']]) {
      image.event('state', { changes: { selected } });
      await wait();
      expect(act('profile-region').disabled).toBe(true);
    }
  });

  it('are included and excluded, named, coloured and measured in the side panel', async () => {
    await mount();
    await given([CIRCLE, BOX], ['r1']);
    press('e');
    await wait();
    expect(kernel.regions[0]).toMatchObject({ include: false });
    const include = el.querySelector<HTMLInputElement>('[data-field="include"] input')!;
    expect(include.checked).toBe(false);
    type('region-label', 'A, "quoted"');
    await wait();
    choose('colour', '#ffd23f');
    await wait();
    type('shape-radius', '12.5');
    await wait();
    expect(kernel.regions[0]).toMatchObject({ label: 'A, "quoted"', colour: '#ffd23f', radius: 12.5, include: false });
    type('shape-radius', '-3');
    await wait();
    expect(text('[data-field="shape-radius"]')).toContain('Not possible');
    expect(kernel.regions[0]).toMatchObject({ radius: 12.5 });
    expect(text('.dsa-region-panel')).toContain('2 regions');
  });

  it('go to the mask, and out of it', async () => {
    await mount();
    await given([CIRCLE, BOX], ['r1', 'r2']);
    act('to-mask').click();
    await wait();
    expect(ops('region_to_mask')).toEqual([{ generation: 1, ids: ['r1', 'r2'], mode: 'add' }]);
    expect(Math.abs(kernel.count() - Math.PI * 900 - 3200)).toBeLessThan(300);
    act('from-mask').click();
    await wait();
    expect(kernel.count()).toBe(0);
  });

  it('come back as they were when the kernel refuses a change', async () => {
    await mount();
    await given([CIRCLE], ['r1']);
    kernel.failing.add('edit_regions');
    drag([[100, 100], [200, 200]]);
    await wait();
    expect(notices()).toContain('edit_regions is not possible');
    const field = el.querySelector<HTMLInputElement>('[data-field="shape-x"] input')!;
    expect(field.value).toBe('100');
  });
});

describe('the side panel', () => {
  it('does what is said on the buttons of the mask, for the planes that are chosen', async () => {
    await mount({ channels: 3 });
    choose('planes', 'channels');
    act('invert-mask').click();
    await wait(8);
    // the kernel edits by its own controls: it must have taken them first
    expect([ops('set').length, ops('edit_mask').length]).toEqual([1, 0]);
    await wait();
    expect(ops('edit_mask')).toHaveLength(1);
    image.asked.length = 0;
    type('pixels', '3');
    for (const name of ['invert-mask', 'fill-mask', 'clear-mask', 'grow-mask', 'shrink-mask', 'drop-islands', 'copy-mask', 'threshold', 'write-mask']) {
      act(name).click();
      await wait();
    }
    expect(ops('edit_mask').map(({ action }) => action)).toEqual(['invert', 'fill', 'clear', 'grow', 'shrink', 'drop_islands', 'copy']);
    expect(ops('edit_mask')[3]).toMatchObject({ pixels: 3 });
    expect(ops('write_mask')).toHaveLength(1);
    expect(image.state.planes).toBe('channels');
  });

  it('gives the statistics of the selected region, else of the mask, a moment after each change', async () => {
    await mount();
    expect(text('.dsa-statistics')).toContain('Draw a mask');
    expect(ops('statistics')).toHaveLength(0);
    press('6');
    drag([[100, 100], [120, 120]]);
    await wait(900);
    expect(ops('statistics')).toEqual([{ of: 'mask' }]);
    expect(text('.dsa-statistics')).toContain('0.01610 ± 0.00023 Jy');
    expect(text('.dsa-statistics')).toContain('(31, 40)');
    kernel.set([CIRCLE]);
    press('j');
    await wait(900);
    expect(ops('statistics').slice(-1)).toEqual([{ of: 'region', id: 'r1' }]);
    expect(text('.dsa-statistics-title')).toBe('This circle');
    image.asked.length = 0;
    for (let i = 0; i < 5; i += 1) {
      press('ArrowRight');
    }
    await wait(2000);
    expect(ops('statistics')).toHaveLength(1);
  });

  it('leaves out what is not known', () => {
    const none = { sum: null, mean: null, median: null, rms: null, std: null, robust_sigma: null, minimum: null, maximum: null, peak: null };
    const empty = { npix: 0, n_blank: 7, ...none, peak_x: -1, peak_y: -1, peak_world: null, flux: null, flux_error: null, unit: '', flux_unit: '', text: '' };
    expect(statisticsLines(empty)).toEqual([['Pixels', '0 (7 blank)']]);
    const lines = new Map(statisticsLines({ ...empty, npix: 5, peak: 2, unit: 'K' }));
    expect(lines.get('Peak')).toBe('2 K');
    expect(lines.has('Flux density')).toBe(false);
    expect(lines.get('Mean')).toBe('–');
  });

  it('takes files by the button or dropped on the picture, and shows what became of their lines', async () => {
    await mount();
    const file = new File(['image; circle(1,2,3)'], 'my.reg');
    file.arrayBuffer = () => Promise.resolve(new TextEncoder().encode('image; circle(1,2,3)').buffer);
    const drop = new MouseEvent('drop', { bubbles: true, cancelable: true });
    Object.assign(drop, { dataTransfer: { types: ['Files'], files: [file] } });
    find('.dsa-stage').dispatchEvent(drop);
    expect(drop.defaultPrevented).toBe(true);
    await wait();
    expect(ops('import')).toEqual([{ name: 'my.reg' }]);
    expect(kernel.imported).toEqual(['image; circle(1,2,3)']);
    expect(notices()).toContain('my.reg: 2 regions; 1 line could not be taken.');
    expect(text('.dsa-problems')).toBe('Line 3panda(1,2,3)A panda has no counterpart here.');
    const big = new File([], 'big.fits');
    Object.defineProperty(big, 'size', { value: 9 << 20 });
    const input = el.querySelector<HTMLInputElement>('input[type=file]')!;
    Object.defineProperty(input, 'files', { value: [big], configurable: true });
    Object.defineProperty(input, 'value', { value: '', writable: true });
    input.dispatchEvent(new Event('change'));
    await wait();
    expect(notices()).toContain('big.fits has more than 8 MiB');
    expect(ops('import')).toHaveLength(1);
  });

  it('warns before an empty mask is saved, and exports the selected regions', async () => {
    URL.createObjectURL = () => 'blob:x';
    URL.revokeObjectURL = () => undefined;
    HTMLAnchorElement.prototype.click = () => undefined;
    await mount();
    act('export-mask.fits').click();
    await wait();
    expect(notices()).toContain('The mask is empty');
    expect(ops('save')).toHaveLength(0);
    act('export-mask.fits').click();
    await wait();
    expect(ops('save')).toEqual([{ format: 'mask.fits' }]);
    await given([CIRCLE, BOX], ['r1']);
    expect(text('[data-section="files"]')).toContain('Export (regions: the 1 selected)');
    act('export-ds9').click();
    await wait();
    expect(ops('save')).toEqual([{ format: 'ds9' }]);
  });

  it('shows and hides mask and regions', async () => {
    await mount();
    await given([CIRCLE], ['r1']);
    const check = el.querySelector<HTMLInputElement>('[data-field="show_regions"] input')!;
    expect(all('.dsa-knob').length).toBeGreaterThan(0);
    check.checked = false;
    check.dispatchEvent(new Event('change'));
    await wait();
    expect(all('.dsa-knob')).toHaveLength(0);
    expect(ops('set').slice(-1)).toEqual([{ changes: { show_regions: false } }]);
  });
});
