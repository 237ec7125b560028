// MsRaster in a real JupyterLab, on the real VLA observation of NGC 5921 (351 baselines, 60 times, 63 channels, RR and LL).
import { readFileSync } from 'node:fs';

import { expect, test, type Page } from '@playwright/test';

import { askKernel, command, makeNotebook, openNotebook, python, runAll } from './lab';
import {
  action,
  cellPlace,
  type Colour,
  colourAt,
  expectColour,
  field,
  newPicture,
  openSection,
  readyViewer,
  tickLabels
} from './viewer';

const OPEN = [
  'import os',
  'from dsa110_vis import MsRaster',
  'raster = MsRaster(os.environ["DSA110_VIS_E2E_MS"])',
  'raster'
].join('\n');

// What matplotlib would paint a cell: an independent word on the value, the limits and the colour map.
const COLOUR = [
  'import json, matplotlib',
  'def colour(iy, ix, dataset=None):',
  '    raster.wait(60)',
  '    value = float((raster.data if dataset is None else dataset)["value"][..., iy, ix])',
  '    lo, hi = raster.limits',
  '    rgba = matplotlib.colormaps[raster.colormap](min(max((value - lo) / (hi - lo), 0), 1))',
  '    return [round(255 * part) for part in rgba[:3]]'
].join('\n');

async function open(page: Page, name: string, ...cells: string[]) {
  await makeNotebook(page, name, cells.length ? cells : [OPEN]);
  await openNotebook(page, name);
  await runAll(page);
  return readyViewer(page);
}

test.describe.configure({ mode: 'parallel' });

test('every cell has the colour of its value, where its axes say', async ({ page }) => {
  const viewer = await open(page, 'colours.ipynb', COLOUR, OPEN.replace('"])', '"], x="frequency")'));
  await expect(viewer).toHaveAttribute('data-renderer', /gl/);
  // the calibrator at the bottom, the source in the middle, both edges of the band
  for (const [ix, iy] of [
    [2, 3],
    [30, 3],
    [60, 3],
    [5, 25],
    [57, 57]
  ]) {
    const wanted = await python<Colour>(page, `colour(${iy}, ${ix})`);
    const place = await cellPlace(viewer, ix, iy, 63, 60);
    expectColour(await colourAt(viewer, place), wanted, 4);
  }
  expect(Number((await tickLabels(viewer, 'x'))[0])).toBeGreaterThan(1412);
  expect((await tickLabels(viewer, 'y'))[0]).toMatch(/^\d\d:\d\d:\d\d$/);
  await expect(viewer.locator('.dsa-overlay .dsa-axis-title.dsa-x')).toContainText('MHz');
  await expect(viewer.locator('.dsa-overlay .dsa-axis-title.dsa-y')).toContainText('TAI');
  await page.screenshot({ path: 'test-results/picture.png' });
});

test('hovering tells the exact value, the time and the baseline', async ({ page }) => {
  const viewer = await open(page, 'hover.ipynb');
  const place = await cellPlace(viewer, 12, 3, 351, 60);
  await page.mouse.move(place.x, place.y);
  const names = await askKernel(page, 'print(raster.data["baseline"].values[12])');
  const value = await python<number>(page, 'float(raster.data["value"][3, 12])');
  await page.mouse.move(place.x + 1, place.y);
  const hover = viewer.locator('.dsa-hover');
  await expect(hover).toContainText(names.trim());
  await expect(hover).toContainText('TAI');
  await expect(hover).toContainText(value.toPrecision(4).slice(0, 4));
  await page.screenshot({ path: 'test-results/hover.png' });
});

test('controls and Python say the same', async ({ page }) => {
  const viewer = await open(page, 'controls.ipynb', COLOUR, OPEN);
  await newPicture(page, () => field(viewer, 'x').selectOption('frequency'));
  await expect(viewer.locator('.dsa-overlay .dsa-axis-title.dsa-x')).toContainText('MHz');
  await expect.poll(() => python<string>(page, 'raster.x')).toBe('frequency');
  await newPicture(page, () => field(viewer, 'quantity').selectOption('phase'));
  await expect.poll(() => python<string>(page, 'raster.quantity')).toBe('phase');
  await expect(viewer.locator('.dsa-colourbar')).toContainText('Phase');
  await newPicture(page, () => askKernel(page, 'raster.quantity = "amp"; raster.y = "antenna"'));
  await expect(field(viewer, 'y')).toHaveValue('antenna');
  await askKernel(page, 'raster.colormap = "plasma"');
  await expect(field(viewer, 'colormap')).toHaveValue('plasma');
  const wanted = await python<Colour>(page, 'colour(20, 30)');
  const place = await cellPlace(viewer, 30, 20, 63, 27);
  await page.mouse.move(0, 0);
  expectColour(await colourAt(viewer, place), wanted, 4);
});

test('a selection with a fault is refused under its field, and can be mended', async ({ page }) => {
  const viewer = await open(page, 'selection.ipynb');
  await openSection(viewer, 'selection');
  const spw = field(viewer, 'selection.spw');
  await spw.fill('0:abc');
  await spw.press('Enter');
  await expect(viewer.locator('.dsa-field[data-field="selection.spw"] .dsa-field-error')).not.toBeEmpty();
  await expect(viewer).toHaveAttribute('data-state', 'error');
  await expect(viewer.locator('.dsa-card-error')).toContainText('0:abc');
  await newPicture(page, async () => {
    await spw.fill('0:10~20');
    await spw.press('Enter');
  });
  await expect.poll(() => python<string>(page, 'raster.selection.get("spw", "")')).toBe('0:10~20');
});

test('wheel, box and keys zoom, and the whole picture comes back', async ({ page }) => {
  const viewer = await open(page, 'zoom.ipynb');
  await expect(viewer.locator('.dsa-overlay .dsa-tick-label.dsa-y').first()).toBeVisible();
  const whole = await tickLabels(viewer, 'y');
  const place = await cellPlace(viewer, 175, 30, 351, 60);
  await page.mouse.move(place.x, place.y);
  await page.mouse.wheel(0, -600);
  await expect.poll(() => tickLabels(viewer, 'y')).not.toEqual(whole);
  await readyViewer(page);
  await action(viewer, 'reset').click();
  await expect.poll(() => tickLabels(viewer, 'y')).toEqual(whole);

  await action(viewer, 'tool-zoom').click();
  const from = await cellPlace(viewer, 100, 5, 351, 60);
  const to = await cellPlace(viewer, 140, 15, 351, 60);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 4 });
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.up();
  await expect.poll(() => tickLabels(viewer, 'y')).not.toEqual(whole);
  await viewer.locator('.dsa-stage').focus();
  await page.keyboard.press('0');
  await expect.poll(() => tickLabels(viewer, 'y')).toEqual(whole);
  await page.keyboard.press('+');
  await expect.poll(() => tickLabels(viewer, 'y')).not.toEqual(whole);
});

test('a box of cells becomes a table in Python', async ({ page }) => {
  const viewer = await open(page, 'locate.ipynb');
  await action(viewer, 'tool-box').click();
  const from = await cellPlace(viewer, 100, 10, 351, 60);
  const to = await cellPlace(viewer, 120, 14, 351, 60);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 6 });
  await page.mouse.up();
  await expect(viewer.locator('.dsa-located')).toBeVisible();
  const located = (what: string): Promise<unknown> => python(page, `raster.located is not None and ${what}`);
  await expect.poll(() => located('len(raster.located)')).toBe(21 * 5);
  expect(await located('int(raster.located["time"].nunique())')).toBe(5);
  expect(await located('list(raster.located.columns)')).toEqual(expect.arrayContaining(['time', 'baseline', 'value', 'count', 'flagged']));
});

test('iterating goes through the correlations, and sub-plots stand side by side', async ({ page }) => {
  const viewer = await open(page, 'iterate.ipynb');
  await newPicture(page, () => askKernel(page, 'raster.iterate = "correlation"'));
  const player = viewer.locator('.dsa-player');
  await expect(player).toContainText('RR');
  await viewer.locator('.dsa-stage').focus();
  await page.keyboard.press(']');
  await expect(player).toContainText('LL');
  await expect.poll(() => python<number>(page, 'raster.iteration')).toBe(1);
  await askKernel(page, 'raster.iteration = 0; raster.subplots = (1, 2)');
  await expect(viewer.locator('.dsa-overlay .dsa-frame')).toHaveCount(2);
  await readyViewer(page);
  await page.screenshot({ path: 'test-results/subplots.png' });
});

for (const [format, begins] of [
  ['png', '\x89PNG'],
  ['svg', '<?xml'],
  ['pdf', '%PDF'],
  ['html', '<!DOCTYPE html>']
] as const) {
  test(`saving makes a ${format} file`, async ({ page }) => {
    const viewer = await open(page, `save-${format}.ipynb`);
    await action(viewer, 'save').click();
    const waiting = page.waitForEvent('download');
    await action(viewer, `save-${format}`).click();
    const download = await waiting;
    expect(download.suggestedFilename()).toMatch(new RegExp(`\\.${format}$`));
    const content = readFileSync(await download.path()).toString('latin1').trimStart();
    expect(content.slice(0, begins.length)).toBe(begins);
    expect(content.length).toBeGreaterThan(5_000);
  });
}

test('a slow reading shows how far it is, and can be cancelled', async ({ page }) => {
  // the same reading, with a pause after each small chunk: as slow as a large set on a busy disk; in the process that
  // reads, which imports what is named here
  const slow = [
    'import pathlib, sys, tempfile',
    'from dsa110_vis import preload',
    'folder = tempfile.mkdtemp()',
    'sys.path.insert(0, folder)',
    'pathlib.Path(folder, "slow_reading.py").write_text("""',
    'import time',
    'from dsa110_vis.ms import MeasurementSet',
    'read = MeasurementSet.read',
    'def slowly(self, *words, **options):',
    '    for chunk in read(self, *words, **{**options, "chunk_bytes": 1 << 18}):',
    '        time.sleep(0.25)',
    '        yield chunk',
    'MeasurementSet.read = slowly',
    '""")',
    'preload.PRELOAD = ("slow_reading", *preload.PRELOAD)'
  ].join('\n');
  await makeNotebook(page, 'cancel.ipynb', [slow, OPEN]);
  await openNotebook(page, 'cancel.ipynb');
  await runAll(page);
  const viewer = page.locator('.dsa-root').first();
  const progress = viewer.locator('progress:visible').first();
  await expect.poll(async () => Number(await progress.getAttribute('value')), { timeout: 60_000 }).toBeGreaterThan(0.02);
  await page.screenshot({ path: 'test-results/loading.png' });
  // the kernel is free meanwhile
  expect(await python<number>(page, '1 + 1')).toBe(2);
  await viewer.getByRole('button', { name: /cancel/i }).first().click();
  await expect(progress).toBeHidden();
  await expect.poll(() => python<boolean>(page, 'raster.busy')).toBe(false);
});

test('a path without a Measurement Set says so in one sentence', async ({ page }) => {
  await makeNotebook(page, 'absent.ipynb', ['from dsa110_vis import MsRaster\nraster = MsRaster("absent.ms")\nraster']);
  await openNotebook(page, 'absent.ipynb');
  await runAll(page);
  const card = page.locator('.dsa-root').first();
  await expect(card).toHaveAttribute('data-state', 'error');
  await expect(card).toContainText('absent.ms');
  await expect(card).not.toContainText('Traceback');
  await page.screenshot({ path: 'test-results/error.png' });
});

test('a reloaded page shows the live picture again', async ({ page }) => {
  await open(page, 'reload.ipynb');
  await askKernel(page, 'raster.colormap = "magma"');
  await command(page, 'docmanager:save');
  await page.reload();
  const viewer = await readyViewer(page);
  await expect(field(viewer, 'colormap')).toHaveValue('magma');
  await expect(page.locator('.dsa110-vis-static')).toBeHidden();
});

test('a notebook reopened without its kernel shows the static picture', async ({ page }) => {
  await open(page, 'static.ipynb');
  await expect(page.locator('.dsa110-vis-static img')).toHaveCount(1);
  await expect(page.locator('.dsa110-vis-static')).toBeHidden();
  await command(page, 'docmanager:save');
  await command(page, 'kernelmenu:shutdown');
  await page.reload();
  const picture = page.locator('.dsa110-vis-static img');
  await expect(picture).toBeVisible();
  const width = await picture.evaluate(image => (image as HTMLImageElement).naturalWidth);
  expect(width).toBeGreaterThan(400);
  await page.screenshot({ path: 'test-results/static.png' });
});

test('the dark theme is followed, and 390 pixels are enough', async ({ page }) => {
  const viewer = await open(page, 'dark.ipynb');
  const background = () => viewer.evaluate(root => getComputedStyle(root).backgroundColor);
  const light = await background();
  await command(page, 'apputils:change-theme', { theme: 'JupyterLab Dark' });
  await expect.poll(background).not.toBe(light);
  await page.screenshot({ path: 'test-results/dark.png' });
  await command(page, 'application:toggle-left-area');
  await page.setViewportSize({ width: 390, height: 800 });
  await expect.poll(() => viewer.evaluate(root => root.scrollWidth - root.clientWidth)).toBeLessThanOrEqual(1);
  await readyViewer(page);
  await page.screenshot({ path: 'test-results/narrow.png' });
});
