// Images as panels of JupyterLab, from the wheel: served by the Jupyter server, without any kernel.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect, type Locator, type Page, test } from '@playwright/test';

import { action } from './viewer';

const MAKE = [
  'import sys, os, numpy as np',
  'from astropy.io import fits',
  'os.chdir(sys.argv[1])',
  'y, x = np.mgrid[:200, :240]',
  'sky = np.exp(-((x - 100) ** 2 + (y - 80) ** 2) / 20).astype("f4")',
  'header = fits.Header(dict(CTYPE1="RA---SIN", CRVAL1=202.5, CDELT1=-2.5/3600, CRPIX1=121., CTYPE2="DEC--SIN",',
  '  CRVAL2=30.5, CDELT2=2.5/3600, CRPIX2=101., RADESYS="ICRS", BUNIT="Jy/beam", BMAJ=10/3600, BMIN=7/3600, BPA=30.))',
  'fits.writeto("field.fits", sky, header, overwrite=True)',
  'from casacore.images import image',
  'image("field.fits").saveas("field.image")'
].join('\n');

/** A folder of its own with the image as FITS and as a CASA image. */
function makeImages(folder: string): void {
  const path = join(String(process.env.DSA110_VIS_E2E_ROOT), folder);
  mkdirSync(path, { recursive: true });
  execFileSync(String(process.env.DSA110_VIS_E2E_PYTHON), ['-c', MAKE, path], { stdio: 'ignore' });
}

async function restored(page: Page): Promise<void> {
  await page.waitForFunction(() => 'jupyterapp' in window);
  await page.evaluate(() => (window as unknown as { jupyterapp: { restored: Promise<void> } }).jupyterapp.restored);
}

async function openLab(page: Page, folder: string): Promise<void> {
  await page.goto(`/lab/tree/${folder}?reset`);
  await restored(page);
  await page.waitForURL(url => !url.searchParams.has('reset'));
}

async function ready(page: Page): Promise<Locator> {
  const viewer = page.locator('.jp-dsa110-vis-panel:visible .dsa-root:visible');
  await expect(viewer).toHaveAttribute('data-state', 'ready', { timeout: 90_000 });
  await expect(viewer).toHaveAttribute('data-tiles', 'done');
  return viewer;
}

async function kernels(page: Page): Promise<number> {
  const answer = await page.request.get('/api/kernels');
  return ((await answer.json()) as unknown[]).length;
}

test('a FITS file opens with a double click, and is drawn on without a kernel', async ({ page }) => {
  makeImages('fits-panel');
  const before = await kernels(page);
  await openLab(page, 'fits-panel');
  await page.locator('.jp-DirListing-item', { hasText: 'field.fits' }).dblclick();
  const viewer = await ready(page);
  await expect(viewer).toContainText('Right ascension (ICRS)');
  await action(viewer, 'draw-circle').click();
  const box = (await viewer.locator('.dsa-canvas').first().boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 + 60, box.y + box.height / 2, { steps: 4 });
  await page.mouse.up();
  await expect(viewer.locator('.dsa-side')).toContainText(/\d+ pixels/);
  await page.screenshot({ path: 'test-results/image-panel.png' });
  expect(await kernels(page)).toBe(before);
  await page.reload();
  await restored(page);
  await ready(page);
});

test('a CASA image opens from its context menu', async ({ page }) => {
  makeImages('casa-panel');
  await openLab(page, 'casa-panel');
  await page.locator('.jp-DirListing-item', { hasText: 'field.image' }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Image with mask and regions', exact: true }).click();
  const viewer = await ready(page);
  await expect(viewer).toContainText('Right ascension');
});
