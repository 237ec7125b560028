import { describe, expect, it } from 'vitest';
import { el, find, input, kernel, mount, ops, placeOf, pointer, press, sets, text, type, wait } from './image-page';

describe('colours', () => {
  it('set limits by hand, in the unit that is shown', async () => {
    mount();
    await wait();
    expect(text('[data-field="limits.lo"] .dsa-label')).toBe('From (µJy/beam)');
    type('limits.lo', '2000');
    await wait();
    expect(text('[data-field="limits.lo"] .dsa-field-error')).toContain('below');
    type('limits.lo', '-50');
    await wait();
    const [change] = sets() as [{ limits_mode: string; limits: [number, number] }];
    expect(change.limits_mode).toBe('manual');
    expect(change.limits[0]).toBeCloseTo(-5e-5, 12);
    expect(change.limits[1]).toBeCloseTo(9.6e-4, 12);
  });

  it('move a limit by the arrow keys on its handle', async () => {
    mount();
    await wait();
    press('ArrowRight', {}, find('.dsa-handle'));
    await wait();
    const [{ limits }] = sets() as [{ limits: [number, number] }];
    expect(limits[0]).toBeGreaterThan(-1.8e-4);
    expect(limits[0]).toBeLessThan(0);
    expect(limits[1]).toBeCloseTo(9.6e-4, 12);
  });

  it('are inverted by a key, and take over what the kernel says', async () => {
    mount();
    await wait();
    press('n');
    await wait();
    expect(sets()).toEqual([{ invert: true }]);
    expect(input('invert').checked).toBe(true);
    kernel.event('state', { changes: { colormap: 'viridis', stretch: 'asinh' } });
    expect(find('[data-field=colormap] select')).toHaveProperty('value', 'viridis');
    expect(text('.dsa-notices')).toBe('');
    kernel.event('state', { changes: { colormap: 'nobody-knows' } });
    expect(text('.dsa-notices')).toContain('nobody-knows');
  });
});

describe('planes', () => {
  it('are stepped through by key, and the old one stays until the new one is there', async () => {
    const root = mount({ channels: 5, stokes: 2, delay: 60 });
    await wait(1500);
    expect(text('.dsa-player:nth-child(2) .dsa-player-label')).toContain('1.280 GHz');
    press('.');
    expect(root.dataset.plane).toBe('0');
    await wait(70);
    expect(root.dataset).toMatchObject({ state: 'stale', plane: '0' });
    await wait(1500);
    expect(root.dataset).toMatchObject({ state: 'ready', plane: '1' });
    expect(text('.dsa-player:nth-child(2) .dsa-player-label')).toContain('1.300 GHz  (2/5)');
    find('.dsa-player:nth-child(1) [data-action=next]').click();
    await wait(1500);
    expect(root.dataset.plane).toBe('6');
    const tiles = ops('tile').length;
    press(',');
    press('.');
    await wait(1500);
    expect(root.dataset.plane).toBe('6');
    // What came before is still there.
    expect(ops('tile').slice(tiles).filter(({ plane }) => plane === 6)).toHaveLength(0);
  });

  it('are played, each waited for, and paused', async () => {
    mount({ channels: 5 });
    await wait();
    press(' ');
    await wait(1600);
    const reached = kernel.state.channel;
    expect(reached).toBeGreaterThan(1);
    press(' ');
    await wait(2000);
    expect(kernel.state.channel).toBe(reached);
  });

  it('have curves through the pixel under the cross-hair', async () => {
    mount({ channels: 3, size: 200 });
    await wait();
    press('v');
    expect(text('.dsa-notices')).toContain('Point at a pixel');
    pointer('pointermove', ...placeOf(100, 90));
    press('v');
    await wait();
    expect(ops('profile')).toEqual([{ kind: 'row', x: 100, y: 90 }, { kind: 'column', x: 100, y: 90 }, { kind: 'spectrum', x: 100, y: 90 }]);
    expect([...el.querySelectorAll('.dsa-figure-title')].map(title => title.textContent)).toEqual([
      'Row 90 (µJy/beam)',
      'Column 100 (µJy/beam)',
      'Spectrum at 100, 90 (µJy/beam)'
    ]);
    press('.');
    await wait();
    expect(el.querySelectorAll('.dsa-figure')).toHaveLength(0);
  });
});

describe('contours', () => {
  it('are asked for when they are wanted, at the binning of the screen', async () => {
    mount({ size: 900 });
    await wait(1500);
    expect(ops('contours')).toHaveLength(0);
    press('k');
    await wait();
    expect(ops('contours')).toHaveLength(1);
    expect(ops('contours')[0]).toMatchObject({ step: 4, x0: 0, y0: 0, x1: 899, y1: 899 });
    type('contour_levels', '-5, 5 ;10');
    await wait();
    expect(sets().at(-1)).toEqual({ contour_levels: [-5, 5, 10], contours: true });
    expect(ops('contours')).toHaveLength(2);
    type('contour_levels', 'many');
    expect(text('[data-field=contour_levels] .dsa-field-error')).toContain('Not a list');
  });
});

describe('two images', () => {
  const second = { compare: '/data/m81_v2.fits' };

  it('say that there is none yet', async () => {
    mount();
    await wait();
    press('b');
    expect(text('.dsa-notices')).toContain('no second image');
    expect(sets()).toEqual([]);
    expect(document.activeElement).toBe(input('compare'));
  });

  it('blink in the same colours, and say which one is seen', async () => {
    mount({ state: second });
    await wait();
    expect(find('.dsa-which').hidden).toBe(true);
    press('b');
    await wait(300);
    expect(sets()).toEqual([{ compare_mode: 'blink' }]);
    expect(new Set(ops('tile').map(({ which }) => which))).toEqual(new Set(['image', 'compare']));
    const seen: string[] = [];
    for (let k = 0; k < 4; k += 1) {
      seen.push(text('.dsa-which'));
      await wait(500);
    }
    expect([...seen].sort()).toEqual(['m81_tile.fits', 'm81_tile.fits', 'm81_v2.fits', 'm81_v2.fits']);
    expect(seen[0]).toBe(seen[2]);
    press('b');
    await wait(50);
    expect(find('.dsa-which').hidden).toBe(true);
  });

  it('are swiped with the pointer and with keys', async () => {
    mount({ state: { ...second, compare_mode: 'swipe', swipe: 0.5 } });
    await wait();
    const divider = find('.dsa-divider');
    expect(divider.hidden).toBe(false);
    expect([...el.querySelectorAll<HTMLElement>('.dsa-which')].map(which => which.textContent)).toEqual(['m81_tile.fits', 'm81_v2.fits']);
    press('ArrowLeft', { shiftKey: true }, divider);
    await wait();
    expect(sets()).toEqual([{ swipe: 0.4 }]);
    expect(divider.getAttribute('aria-valuenow')).toBe('40');
    const frame = find('.dsa-frame');
    const x = Number(frame.getAttribute('x')) + 0.5 + 0.75 * (Number(frame.getAttribute('width')) - 1);
    pointer('pointerdown', 100, 100, divider);
    pointer('pointermove', x - 20, 100, divider);
    await wait();
    expect(sets()).toHaveLength(1);
    pointer('pointerup', x, 100, divider);
    await wait();
    expect((sets().at(-1) as { swipe: number }).swipe).toBeCloseTo(0.75, 6);
  });

  it('are subtracted, and both values are read', async () => {
    mount({ size: 200, state: { ...second, compare_mode: 'difference' } });
    await wait();
    expect(text('.dsa-which')).toBe('m81_tile.fits − m81_v2.fits');
    expect(ops('tile').some(({ which }) => which === 'difference')).toBe(true);
    pointer('pointermove', ...placeOf(100, 90));
    await wait();
    const difference = kernel.value(100, 90, 0, 'difference') * 1e6;
    expect(text('.dsa-readout')).toContain(`difference ${difference < 0 ? '−' : ''}${Math.abs(Number(difference.toPrecision(5)))} µJy/beam`);
  });
});

describe('catalogue', () => {
  it('says what is under the pointer', async () => {
    mount({ size: 400, catalog: true });
    await wait();
    const [source] = kernel.sources;
    pointer('pointermove', ...placeOf(source!.x, source!.y));
    await wait();
    expect(text('.dsa-hover')).toContain('FIRST J');
    expect(find('.dsa-hover').hidden).toBe(false);
    input('show_catalog').click();
    await wait();
    pointer('pointermove', ...placeOf(source!.x + 1, source!.y));
    await wait();
    expect(find('.dsa-hover').hidden).toBe(true);
  });
});

describe('help and access', () => {
  it('lists the keys, and has names for what has none', async () => {
    mount();
    await wait();
    press('?');
    expect(find('.dsa-help').hidden).toBe(false);
    expect(text('.dsa-help')).toContain('blink with the second image');
    press('Escape');
    expect(find('.dsa-help').hidden).toBe(true);
    expect(el.querySelectorAll('button:not([aria-label])')).toHaveLength(0);
    expect(find('.dsa-status .dsa-live').getAttribute('aria-live')).toBe('polite');
    pointer('pointermove', ...placeOf(100, 100));
    await wait(1000);
    expect(text('.dsa-status .dsa-live')).toContain('x 100  y 100');
  });
});
