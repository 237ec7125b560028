// What lies over an image or beside it in MaskDraw: a second image in three ways, and sources of a catalogue.
import { expect, type Locator, type Page, test } from '@playwright/test';

import { askKernel, python } from './lab';
import { chart, drag, open } from './mask';
import { colourAt, type Place } from './viewer';

// two more sources, one on each side; what is in both is the same
const SECOND = [
  'extra = (np.exp(-((x - 40) ** 2 + (y - 200) ** 2) / 20) + np.exp(-((x - 260) ** 2 + (y - 40) ** 2) / 20)).astype("f4")',
  'fits.writeto("second.fits", sky + extra, header, overwrite=True)',
  'w.set_controls({"compare": "second.fits", "compare_mode": "off", "limits": (-0.02, 1.0), "grid": False})'
].join('\n');
const [LEFT, RIGHT, BOTH] = [[40, 200], [260, 40], [100, 80]] as const;

test.describe.configure({ timeout: 150_000 });

async function light(viewer: Locator, place: Place): Promise<number> {
  const [red, green, blue] = await colourAt(viewer, place);
  return red + green + blue;
}

/** Which of the three sources are bright on the screen. */
async function seen(viewer: Locator, to: { at(x: number, y: number): Place }): Promise<boolean[]> {
  const dark = await light(viewer, to.at(150, 225));
  const found = [];
  for (const [x, y] of [LEFT, RIGHT, BOTH]) {
    found.push((await light(viewer, to.at(x, y))) > dark + 200);
  }
  return found;
}

async function mode(page: Page, viewer: Locator, name: string): Promise<void> {
  await askKernel(page, `w.set_controls({"compare_mode": "${name}", "blink_ms": 400})`);
  await expect(viewer).toHaveAttribute('data-tiles', 'done');
}

test('a second image blinks, is swiped over the first, and taken from it', async ({ page }) => {
  const viewer = await open(page, 'mask-compare.ipynb', SECOND);
  const to = await chart(page, viewer);
  await to.look();
  await page.mouse.move(0, 0);
  await expect.poll(() => seen(viewer, to)).toEqual([false, false, true]);
  await mode(page, viewer, 'blink');
  const name = viewer.locator('.dsa-which').first();
  for (const [which, file, bright] of [['compare', 'second.fits', true], ['image', 'field.fits', false], ['compare', 'second.fits', true]] as const) {
    await expect(name).toHaveAttribute('data-which', which);
    await expect(name).toHaveText(file);
    await expect.poll(() => seen(viewer, to)).toEqual([bright, bright, true]);
  }
  await mode(page, viewer, 'swipe');
  await expect.poll(() => seen(viewer, to)).toEqual([false, true, true]);
  const divider = viewer.locator('.dsa-divider');
  const grip = (await divider.boundingBox())!;
  const middle = grip.y + grip.height / 2;
  await drag(page, { x: grip.x + grip.width / 2, y: middle }, { x: to.at(20, 0).x, y: middle });
  await expect.poll(() => seen(viewer, to)).toEqual([true, true, true]);
  await expect.poll(() => python<number>(page, 'w.swipe')).toBeLessThan(0.35);
  await page.screenshot({ path: 'test-results/mask-swipe.png' });
  await mode(page, viewer, 'difference');
  await expect(name).toHaveText('field.fits − second.fits');
  await expect.poll(() => seen(viewer, to)).toEqual([false, false, false]);
  const place = to.at(...LEFT);
  await page.mouse.move(place.x, place.y);
  await expect(viewer.locator('.dsa-status')).toContainText(/difference [-−]\d/);
});

test('sources of a catalogue are marked, and say what is known of them', async ({ page }) => {
  const marks = [
    'from astropy.table import Table',
    'from dsa110_vis.image import open_image',
    'lon, lat = open_image("field.fits").celestial.to_world(np.array([100., 210.]), np.array([80., 170.]))',
    'w.set_catalog(Table(dict(name=["alpha", "beta"], ra=lon, dec=lat, flux=[1.25, 0.125])), "two")'
  ].join('\n');
  const viewer = await open(page, 'mask-catalog.ipynb', marks);
  const to = await chart(page, viewer);
  await to.look();
  const orange = (x: number, y: number): Promise<number> =>
    viewer.locator('.dsa-lines').evaluate(
      (canvas, { x, y }) => {
        const source = canvas as HTMLCanvasElement;
        const box = source.getBoundingClientRect();
        const k = source.width / box.width;
        const { data } = source.getContext('2d')!.getImageData((x - box.x) * k - 12 * k, (y - box.y) * k - 12 * k, 24 * k, 24 * k);
        return Array.from({ length: data.length / 4 }, (_, i) => data[4 * i]! > 200 && data[4 * i + 2]! < 140 && data[4 * i + 3]! > 100).filter(Boolean).length;
      },
      to.at(x, y)
    );
  await expect.poll(() => orange(100, 80)).toBeGreaterThan(10);
  await expect.poll(() => orange(210, 170)).toBeGreaterThan(10);
  expect(await orange(40, 200)).toBe(0);
  const card = viewer.locator('.dsa-hover');
  for (const [x, y, name, flux] of [[100, 80, 'alpha', '1.25'], [210, 170, 'beta', '0.125']] as const) {
    const place = to.at(x, y);
    await page.mouse.move(place.x - 3, place.y);
    await page.mouse.move(place.x, place.y);
    await expect(card).toContainText(name);
    await expect(card).toContainText(flux);
  }
  await page.screenshot({ path: 'test-results/mask-catalog.png' });
  const beside = to.at(150, 120);
  await page.mouse.move(beside.x, beside.y);
  await expect(card).toBeHidden();
  await askKernel(page, 'w.show_catalog = False');
  await expect.poll(() => orange(100, 80)).toBe(0);
});
