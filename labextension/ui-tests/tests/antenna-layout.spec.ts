// AntennaLayout in a notebook of a real JupyterLab, on the VLA observation of NGC 5921 (27 of 28 antennas have data).
import { expect, type Locator, type Page, test } from '@playwright/test';

import { askKernel, command, makeNotebook, openNotebook, python, runAll } from './lab';

const OPEN = [
  'import os',
  'from dsa110_vis import AntennaLayout',
  'array = AntennaLayout(os.environ["DSA110_VIS_E2E_MS"])',
  'array'
].join('\n');

async function open(page: Page, name: string, ...cells: string[]): Promise<Locator> {
  await makeNotebook(page, name, cells.length ? cells : [OPEN]);
  await openNotebook(page, name);
  await runAll(page);
  const viewer = page.locator('.dsa-root:has([data-antenna])').first();
  await expect(viewer).toHaveAttribute('data-state', 'ready', { timeout: 90_000 });
  await expect(viewer).toHaveAttribute('data-flags', 'known');
  return viewer;
}

function antenna(viewer: Locator, id: number): Locator {
  return viewer.locator(`.dsa-stage [data-antenna="${id}"]`);
}

/** Where an antenna's circle is on the page. */
async function placeOf(viewer: Locator, id: number): Promise<{ x: number; y: number }> {
  const box = await antenna(viewer, id).locator('circle').first().boundingBox();
  if (!box) {
    throw new Error(`antenna ${id} is not drawn`);
  }
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

test('antennas stand where they are: east to the right, north up, both to one scale', async ({ page }) => {
  const viewer = await open(page, 'array.ipynb');
  await expect(viewer.locator('.dsa-stage [data-antenna]')).toHaveCount(28);
  const metres = await python<[number, number][]>(page, 'array.antennas[["east_m", "north_m"]].values.tolist()');
  await viewer.scrollIntoViewIfNeeded();
  // the ends of the three arms: 20, 26 and 6
  const [west, north, east] = await Promise.all([19, 25, 5].map(id => placeOf(viewer, id)));
  const scale = (east.x - west.x) / (metres[5][0] - metres[19][0]);
  expect(scale).toBeGreaterThan(0);
  expect((west.y - north.y) / (metres[25][1] - metres[19][1])).toBeCloseTo(scale, 1);
  expect(Math.abs(west.x + (metres[25][0] - metres[19][0]) * scale - north.x)).toBeLessThan(2);
  await page.screenshot({ path: 'test-results/array.png' });
});

test('hovering tells what is known of an antenna', async ({ page }) => {
  const viewer = await open(page, 'array-hover.ipynb');
  await viewer.scrollIntoViewIfNeeded();
  const place = await placeOf(viewer, 5);
  await page.mouse.move(place.x, place.y);
  const card = viewer.locator('.dsa-hover');
  await expect(card).toContainText('VLA:E9');
  await expect(card).toContainText('26');
  await expect.poll(() => python<boolean>(page, 'bool(array.antennas.mean_amp[5] > 0)')).toBe(true);
  const amplitude = await python<number>(page, 'float(array.antennas.mean_amp[5])');
  await page.mouse.move(0, 0);
  await viewer.scrollIntoViewIfNeeded();
  const again = await placeOf(viewer, 5);
  await page.mouse.move(again.x, again.y);
  await expect(card).toContainText(amplitude.toPrecision(3).slice(0, 4));
});

test('what is clicked is selected in Python and in the raster beside it, and the reverse', async ({ page }) => {
  const viewer = await open(
    page,
    'array-link.ipynb',
    OPEN,
    [
      'from dsa110_vis import MsRaster',
      'raster = MsRaster(array.path, x="baseline", y="time")',
      'unlink = array.link(raster)'
    ].join('\n')
  );
  await viewer.scrollIntoViewIfNeeded();
  const first = await placeOf(viewer, 5);
  await page.mouse.click(first.x, first.y);
  await expect(antenna(viewer, 5)).toHaveAttribute('aria-pressed', 'true');
  await expect.poll(() => python<object>(page, 'dict(raster.selection)')).toEqual({ antenna: '6' });
  await expect.poll(() => python<number[]>(page, 'array.selected')).toEqual([5]);
  await viewer.scrollIntoViewIfNeeded();
  const second = await placeOf(viewer, 25);
  await page.keyboard.down('Shift');
  await page.mouse.click(second.x, second.y);
  await page.keyboard.up('Shift');
  const length = await python<number>(page, 'array.baseline(5, 25)["length_m"]');
  await expect.poll(() => python<object>(page, 'dict(raster.selection)')).toEqual({ antenna: '6&26' });
  await expect.poll(() => python<number[]>(page, 'array.selected')).toEqual([5, 25]);
  await expect(viewer.locator('.dsa-side')).toContainText(length.toFixed(1));
  await expect(viewer.locator('.dsa-side .uplot')).toHaveCount(4);
  await page.screenshot({ path: 'test-results/array-baseline.png' });
  await askKernel(page, 'raster.selection = {"antenna": "3&*"}');
  await expect(antenna(viewer, 2)).toHaveAttribute('aria-pressed', 'true');
});

test('controls, tabs and the table follow Python and tell it', async ({ page }) => {
  const viewer = await open(page, 'array-controls.ipynb');
  await askKernel(page, 'array.set_controls({"tab": "uv", "uv_color": "time"})');
  await expect(viewer.getByRole('tab', { name: 'uv coverage' })).toHaveAttribute('aria-selected', 'true');
  await expect(viewer.locator('canvas:visible').first()).toBeVisible();
  await viewer.getByRole('tab', { name: 'Baseline lengths' }).click();
  await expect.poll(() => python<string>(page, 'array.tab')).toBe('lengths');
  await page.screenshot({ path: 'test-results/array-lengths.png' });
  await viewer.getByRole('tab', { name: 'Map' }).click();
  const flagged = viewer.locator('th', { hasText: 'E (m)' });
  await flagged.getByRole('button').click();
  await expect(flagged).toHaveAttribute('aria-sort', /ascending|descending/);
});

test('an array that is not there is said so in the dark theme, too', async ({ page }) => {
  await makeNotebook(page, 'array-missing.ipynb', [OPEN.replace('os.environ["DSA110_VIS_E2E_MS"]', '"/no/such.ms"')]);
  await openNotebook(page, 'array-missing.ipynb');
  await command(page, 'apputils:change-theme', { theme: 'JupyterLab Dark' });
  await runAll(page);
  const viewer = page.locator('.dsa-root').first();
  await expect(viewer).toHaveAttribute('data-state', 'error', { timeout: 90_000 });
  await expect(viewer.locator('.dsa-card-error')).toContainText('such.ms');
  await page.screenshot({ path: 'test-results/array-missing-dark.png' });
  await command(page, 'apputils:change-theme', { theme: 'JupyterLab Light' });
});
