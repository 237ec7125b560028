// The side panel of MaskDraw: planes of a region, what becomes of what is above a threshold, profiles; and a narrow cell.
import { expect, type Locator, test } from '@playwright/test';

import { askKernel, python } from './lab';
import { open, TOOLS } from './mask';
import { action, field, openSection } from './viewer';

// two Stokes parameters of four channels; a source grows from channel to channel
const CUBE = [
  'cube = np.zeros((2, 4, 240, 300), "f4") + sky',
  'cube[0] += (np.arange(4)[:, None, None] * np.exp(-((x - 210) ** 2 + (y - 170) ** 2) / 20)).astype("f4")',
  'more = dict(CTYPE3="FREQ", CRVAL3=1.4e9, CDELT3=1e6, CRPIX3=1., CUNIT3="Hz", CTYPE4="STOKES", CRVAL4=1., CDELT4=1., CRPIX4=1.)',
  'fits.writeto("cube.fits", cube, header + fits.Header(more), overwrite=True)',
  'w.path = "cube.fits"; w.layer = "regions"'
].join('\n');
const BOTH = '[bool(w.mask[80, 100]), bool(w.mask[170, 210])]';

test.describe.configure({ timeout: 150_000 });

async function fill(viewer: Locator, name: string, text: string): Promise<void> {
  await field(viewer, name).fill(text);
  await field(viewer, name).press('Enter');
}

test('a region is for the channels and the Stokes parameters that its fields name', async ({ page }) => {
  const viewer = await open(page, 'mask-planes.ipynb', TOOLS, `${CUBE}\nw.regions = "image\\nbox(101,81,10,10,0)"\nw.selected = ["r1"]; w.planes = "all"`);
  const planes = (): Promise<unknown[]> => python(page, '[w.regions[0].channels, w.regions[0].stokes]');
  await expect(field(viewer, 'region-channels')).toHaveAttribute('placeholder', 'all');
  expect(await planes()).toEqual([null, null]);
  await fill(viewer, 'region-channels', '1~2');
  await fill(viewer, 'region-stokes', 'q');
  await expect.poll(planes).toEqual([[1, 2], ['Q']]);
  await expect(field(viewer, 'region-stokes')).toHaveValue('Q');
  const channels = viewer.locator('[data-field="region-channels"]');
  await fill(viewer, 'region-channels', '2~4');
  await expect(channels).toContainText('No such channels. From 0 to 3');
  expect(await planes()).toEqual([[1, 2], ['Q']]);
  await fill(viewer, 'region-channels', '2');
  await expect(channels).not.toContainText('No such channels');
  await expect.poll(planes).toEqual([[2, 2], ['Q']]);
  // what it adds to a mask of all planes goes to these alone
  await action(viewer, 'to-mask').click();
  await expect.poll(() => python(page, '[[int(n) for n in at] for at in w.mask.sum(axis=(2, 3)).nonzero()]')).toEqual([[1], [2]]);
  await page.screenshot({ path: 'test-results/mask-planes.png' });
  await fill(viewer, 'region-channels', '');
  await fill(viewer, 'region-stokes', '');
  await expect.poll(planes).toEqual([null, null]);
});

test('what is above a threshold is added, replaces the mask, or is taken out of it', async ({ page }) => {
  const viewer = await open(page, 'mask-found.ipynb', `${TOOLS}\nw.regions = "image\\ncircle(211,171,20)"\nw.layer = "regions"; w.selected = ["r1"]`);
  const pixels = (): Promise<number> => python(page, 'int(w.mask.sum())');
  await fill(viewer, 'sigma', '20');
  await action(viewer, 'threshold').click();
  await expect.poll(() => python(page, BOTH)).toEqual([true, true]);
  const all = await pixels();
  await field(viewer, 'found').selectOption('subtract');
  await action(viewer, 'threshold-region').click();
  await expect.poll(() => python(page, BOTH)).toEqual([true, false]);
  const first = await pixels();
  await field(viewer, 'found').selectOption('add');
  await action(viewer, 'threshold-region').click();
  await expect.poll(pixels).toBe(all);
  await field(viewer, 'found').selectOption('replace');
  await fill(viewer, 'sigma', '60');
  await action(viewer, 'threshold-region').click();
  // outside of the region nothing changes
  await expect.poll(pixels).toBeLessThan(all);
  expect(await pixels()).toBeGreaterThan(first);
  expect(await python(page, BOTH)).toEqual([true, true]);
  await page.screenshot({ path: 'test-results/mask-found.png' });
});

test('a button shows the profile along a line, and the spectrum in a region', async ({ page }) => {
  const shapes = 'image\\nline(61,81,141,81)\\nbox(211,171,5,5,0)';
  const viewer = await open(page, 'mask-profile.ipynb', TOOLS, `${CUBE}\nw.regions = "${shapes}"`);
  await openSection(viewer, 'profiles');
  const button = action(viewer, 'profile-region');
  await expect(button).toBeDisabled();
  await askKernel(page, 'w.selected = ["r1"]');
  await expect(button).toHaveText('Along the line');
  await button.click();
  const figure = viewer.locator('.dsa-profile-plots .dsa-figure');
  await expect(figure).toHaveCount(1);
  await expect(figure).toHaveAttribute('aria-label', /^Along the line .* against distance \(pixels\): from .* to 100\d\.\d mJy\/beam, 81 of 81 points$/);
  await askKernel(page, 'w.selected = ["r2"]');
  await expect(button).toHaveText('In the region');
  await button.click();
  await expect(figure).toHaveAttribute('aria-label', /^Spectrum of box .* against frequency \(MHz\): .*, 4 of 4 points$/);
  // the curve says what it has under the pointer: the last channel
  const curve = (await figure.locator('.u-over').boundingBox())!;
  await page.mouse.move(curve.x + curve.width - 3, curve.y + curve.height / 2);
  await expect(viewer.locator('.dsa-status')).toContainText('1403');
  await page.screenshot({ path: 'test-results/mask-profile.png' });
});

test('in a cell of 200 pixels no title is cut off', async ({ page }) => {
  const viewer = await open(page, 'mask-narrow.ipynb', TOOLS);
  await viewer.evaluate(root => {
    root.parentElement!.style.width = '200px';
  });
  await expect(viewer).toHaveAttribute('data-width', 'folded');
  const titles = viewer.locator('.dsa-axis-title:not(:empty)');
  await expect.poll(() => titles.allTextContents()).toContain('Right ascension (ICRS)');
  const stage = (await viewer.locator('.dsa-plot').boundingBox())!;
  expect(stage.width).toBeLessThan(200);
  await viewer.screenshot({ path: 'test-results/mask-narrow.png' });
  for (const title of await titles.all()) {
    const box = (await title.boundingBox())!;
    expect(box.x).toBeGreaterThanOrEqual(stage.x - 1);
    expect(box.x + box.width).toBeLessThanOrEqual(stage.x + stage.width + 1);
  }
});
