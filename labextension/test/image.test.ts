import { describe, expect, it, vi } from 'vitest';
import { choose, el, find, kernel, mount, ops, placeOf, pointer, press, sets, text, unmount, wait } from './image-page';

describe('states', () => {
  it('loads, then is ready with axes, title, unit and beam', async () => {
    const onLive = vi.fn();
    const root = mount({}, { onLive });
    expect(root.dataset.state).toBe('loading');
    await wait();
    expect(root.dataset).toMatchObject({ state: 'ready', generation: '1', plane: '0', tiles: 'done', renderer: 'canvas2d' });
    expect(onLive).toHaveBeenCalledOnce();
    expect(text('.dsa-name')).toBe('m81_tile.fits');
    expect(text('.dsa-title')).toBe('M81 tile · DSA-110');
    expect(text('.dsa-plane')).toContain('Right ascension (ICRS)');
    expect(text('.dsa-colourbar')).toContain('Intensity (µJy/beam)');
    expect(find('.dsa-beam-box').getAttribute('visibility')).toBe('visible');
    expect(ops('tile')[0]).toMatchObject({ generation: 1, plane: 0, which: 'image' });
  });

  it('shows how far a reading is, and cancels it', async () => {
    const root = mount({ mode: 'loading' });
    await wait();
    expect(root.dataset.state).toBe('loading');
    expect(text('.dsa-card')).toContain('Reading m81_tile.fits 30');
    find('.dsa-card [data-action=cancel]').click();
    await wait();
    expect(ops('cancel')).toHaveLength(1);
  });

  it('shows an error with its hint and tries again', async () => {
    const root = mount({ mode: 'error' });
    await wait();
    expect(root.dataset.state).toBe('error');
    expect(text('.dsa-card')).toContain('it ends after 2880 bytes');
    find('[data-action=retry]').click();
    await wait();
    expect(ops('retry')).toHaveLength(1);
  });

  it('is empty without an image, offline when nobody answers, stale while a new one is read', async () => {
    expect(mount({ mode: 'empty' }).dataset.state).toBe('loading');
    await wait();
    expect(find('.dsa-root').dataset.state).toBe('empty');
    unmount();
    mount({ mode: 'offline' }, { snapshot: 'data:image/png;base64,AA==' });
    await wait(9000);
    expect(find('.dsa-root').dataset.state).toBe('offline');
    unmount();
    mount({ mode: 'stale' });
    await wait(1500);
    expect(find('.dsa-root').dataset.state).toBe('stale');
    expect(text('.dsa-work')).toContain('Reading m81_tile_v2.fits 30');
  });

  it('tells of a tile that cannot be read, and reads it when asked again', async () => {
    const root = mount();
    kernel.failing.set('tile', 'unreadable|The file ends before pixel (0, 0).|Copy it again.');
    await wait();
    expect(root.dataset.state).toBe('error');
    expect(text('.dsa-card')).toContain('Copy it again.');
    kernel.failing.clear();
    find('[data-action=retry]').click();
    await wait();
    expect(root.dataset.state).toBe('ready');
    expect(ops('retry')).toHaveLength(0);
  });

  it('shows another file with another generation', async () => {
    const root = mount();
    await wait();
    kernel.state.path = '/data/other.fits';
    kernel.generation = 2;
    kernel.event('image', kernel.image());
    await wait();
    expect(root.dataset).toMatchObject({ state: 'ready', generation: '2' });
    expect(ops('tile').at(-1)).toMatchObject({ generation: 2 });
  });

  it('leaves nothing behind', async () => {
    mount({ state: { compare: '/data/b.fits', compare_mode: 'blink' } });
    await wait();
    unmount();
    expect(el.childElementCount).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('read-out', () => {
  it('says value, place in the sky and pixel, as the kernel would', async () => {
    mount({ size: 200 });
    await wait();
    for (const [x, y] of [[100, 100], [37, 150], [199, 60]] as const) {
      const asked = ops('value').length;
      pointer('pointermove', ...placeOf(x, y));
      // At once from tile and mesh: nothing had to be asked.
      const said = text('.dsa-readout');
      expect(ops('value')).toHaveLength(asked);
      expect(said).toContain(`x ${x}  y ${y}`);
      const { world } = (kernel as unknown as { exact(a: number, b: number, c: number): { world: [string, string] } }).exact(x, y, 0);
      expect(said).toContain(`${world[0]} ${world[1]}`);
      expect(said).toContain(`${Number((kernel.value(x, y, 0) * 1e6).toPrecision(5))} µJy/beam`.replace('-', '−'));
      await wait(200);
      expect(text('.dsa-readout')).toBe(said);
    }
    pointer('pointermove', 5, 5);
    expect(text('.dsa-readout')).toContain('M81 tile');
  });

  it('asks for the exact value where the screen has larger bins, one question at a time', async () => {
    mount({ size: 900, delay: 100 });
    await wait(1500);
    pointer('pointermove', ...placeOf(500, 400));
    expect(text('.dsa-readout')).toContain('≈');
    for (let k = 0; k < 10; k += 1) {
      pointer('pointermove', ...placeOf(500 + 8 * k, 400));
      await wait(8);
    }
    expect(ops('value').length).toBeLessThanOrEqual(1);
    await wait(500);
    const last = ops('value').at(-1)!;
    expect(Math.abs(Number(last.x) - 572)).toBeLessThan(5);
    expect(text('.dsa-readout')).not.toContain('≈');
    const exact = kernel.value(Number(last.x), Number(last.y), 0);
    expect(text('.dsa-readout')).toContain(String(Math.abs(Number((exact * 1e6).toPrecision(5)))));
  });

  it('says that a pixel is blank', async () => {
    mount({ size: 200 });
    await wait();
    pointer('pointermove', ...placeOf(5, 5));
    await wait(50);
    expect(text('.dsa-readout')).toContain('blank');
  });

  it('goes with the cross-hair of the keys', async () => {
    mount({ size: 200 });
    await wait();
    press('ArrowUp', { shiftKey: true });
    press('ArrowRight', { shiftKey: true });
    await wait(50);
    expect(text('.dsa-readout')).toMatch(/x 10[01] {2}y (99|100)/);
    expect(find('.dsa-halo-line[visibility=visible]')).not.toBeNull();
  });
});

describe('axes', () => {
  it('are pixels where there is no sky, and where pixels are wanted', async () => {
    mount({ plain: true });
    await wait();
    expect(text('.dsa-plane')).toContain('x (pixels)');
    expect(ops('graticule')).toHaveLength(0);
    expect(ops('mesh')).toHaveLength(0);
    unmount();
    mount();
    await wait();
    choose('frame', 'pixel');
    await wait();
    expect(text('.dsa-plane')).toContain('y (pixels)');
    expect(sets()).toEqual([{ frame: 'pixel' }]);
  });

  it('are written above and at the right, too, where a turned image needs it, and never on one another', async () => {
    mount({ rotation: 40, size: 400 });
    await wait();
    const frame = Object.fromEntries(['x', 'y', 'width', 'height'].map(name => [name, Number(find('.dsa-frame').getAttribute(name))])) as Record<'x' | 'y' | 'width' | 'height', number>;
    const boxes = ['left', 'bottom', 'right', 'top'].flatMap(side =>
      [...el.querySelectorAll<SVGTextElement>(`.dsa-image .dsa-tick-label.dsa-${side}[visibility=visible]`)].map(label => {
        const [x, y] = [Number(label.getAttribute('x')), Number(label.getAttribute('y'))];
        const [long, high] = [label.textContent!.length * 6, 8];
        const [x0, x1] = side === 'left' ? [x - long, x] : side === 'right' ? [x - high, x] : [x - long / 2, x + long / 2];
        const [y0, y1] = side === 'right' ? [y - long / 2, y + long / 2] : [y - high, y];
        return { side, text: label.textContent!, x0, x1, y0, y1 };
      })
    );
    expect(new Set(boxes.map(({ side }) => side))).toEqual(new Set(['left', 'bottom', 'right', 'top']));
    expect(new Set(boxes.map(box => box.text)).size).toBe(boxes.length);
    for (const [i, a] of boxes.entries()) {
      expect(a.y0).toBeGreaterThanOrEqual(0);
      expect(a.x1 <= frame.x || a.x0 >= frame.x + frame.width || a.y1 <= frame.y || a.y0 >= frame.y + frame.height, a.text).toBe(true);
      for (const b of boxes.slice(i + 1)) {
        expect(a.x1 <= b.x0 || b.x1 <= a.x0 || a.y1 <= b.y0 || b.y1 <= a.y0, `${a.text} and ${b.text}`).toBe(true);
      }
    }
    choose('frame', 'pixel');
    await wait();
    expect(el.querySelectorAll(':is(.dsa-top, .dsa-right)[visibility=visible]')).toHaveLength(0);
  });

  it('are asked for once when a pan has come to rest', async () => {
    mount();
    await wait();
    const before = ops('graticule').length;
    for (let k = 0; k < 4; k += 1) {
      press('ArrowLeft');
      await wait(20);
    }
    expect(ops('graticule')).toHaveLength(before);
    await wait();
    expect(ops('graticule')).toHaveLength(before + 1);
  });

  it('are of the frame that is chosen: the kernel knows of it first', async () => {
    mount({ delay: 300 });
    await wait(1500);
    choose('frame', 'galactic');
    await wait(10);
    // While the first change is on its way the second one waits.
    choose('style', 'degrees');
    await wait(2000);
    const at = (op: string): number => kernel.asked.map(asked => asked.op).lastIndexOf(op);
    expect(at('graticule')).toBeGreaterThan(at('set'));
    expect(at('mesh')).toBeGreaterThan(at('set'));
  });
});

describe('view', () => {
  it('zooms by keys, asks for finer tiles, and goes back to the whole', async () => {
    mount({ size: 900 });
    await wait(1500);
    expect(ops('tile').every(({ level }) => level === 2)).toBe(true);
    for (let k = 0; k < 6; k += 1) {
      press('+');
    }
    await wait(1500);
    expect(ops('tile').at(-1)!.level).toBe(0);
    const n = ops('tile').length;
    press('0');
    await wait(1000);
    expect(ops('tile')).toHaveLength(n);
  });

  it('shows one pixel of the image on one of the screen', async () => {
    mount({ size: 900 });
    await wait(1500);
    press('1');
    await wait(1500);
    expect(ops('tile').at(-1)!.level).toBe(0);
    const read = async (x: number): Promise<number> => {
      pointer('pointermove', x, 200);
      await wait(50);
      return Number(/x (\d+)/.exec(text('.dsa-readout'))![1]);
    };
    expect((await read(450)) - (await read(350))).toBe(100);
  });

  it('keeps the pixel under the pointer when the wheel turns', async () => {
    mount();
    await wait();
    const [x, y] = placeOf(120, 300);
    pointer('pointermove', x, y);
    find('.dsa-plane').dispatchEvent(new WheelEvent('wheel', { deltaY: -400, clientX: x, clientY: y, bubbles: true, cancelable: true }));
    await wait();
    pointer('pointermove', x, y);
    await wait(50);
    expect(text('.dsa-readout')).toContain('x 120  y 300');
  });

  it('pans with a drag', async () => {
    mount({ size: 200 });
    await wait();
    const [x, y] = placeOf(100, 100);
    pointer('pointerdown', x, y);
    pointer('pointermove', x + 40, y - 30);
    pointer('pointerup', x + 40, y - 30);
    await wait(50);
    expect(text('.dsa-readout')).toContain('x 100  y 100');
  });
});
