// MaskDraw in a notebook, on a small image made here: where its pixels are on the page, and how a hand works on it.
import { expect, type Locator, type Page } from '@playwright/test';

import { command, makeNotebook, openNotebook, runAll } from './lab';
import { action, type Place } from './viewer';

const OPEN = [
  'import json, numpy as np',
  'from astropy.io import fits',
  'y, x = np.mgrid[:240, :300]',
  'sky = np.random.default_rng(1).normal(scale=1e-3, size=(240, 300)).astype("f4")',
  'sky += (np.exp(-((x - 100) ** 2 + (y - 80) ** 2) / 20) + 0.1 * np.exp(-((x - 210) ** 2 + (y - 170) ** 2) / 20)).astype("f4")',
  'header = fits.Header(dict(CTYPE1="RA---SIN", CRVAL1=202.5, CDELT1=-2.5/3600, CRPIX1=151., CTYPE2="DEC--SIN",',
  '  CRVAL2=30.5, CDELT2=2.5/3600, CRPIX2=121., RADESYS="ICRS", BUNIT="Jy/beam", BMAJ=10/3600, BMIN=7/3600, BPA=30.))',
  'fits.writeto("field.fits", sky, header, overwrite=True)',
  'from dsa110_vis import MaskDraw',
  'w = MaskDraw("field.fits", stretch="asinh", limits_mode="percentile")',
  'w'
].join('\n');

/** Where pixels are on the page; running a cell scrolls it, so that it has to be looked at again. */
export interface Chart {
  look(): Promise<void>;
  at(x: number, y: number): Place;
}

export async function open(page: Page, name: string, ...more: string[]): Promise<Locator> {
  await makeNotebook(page, name, [OPEN, ...more]);
  await openNotebook(page, name);
  await command(page, 'application:toggle-left-area');
  await runAll(page);
  return ready(page);
}

async function ready(page: Page): Promise<Locator> {
  const viewer = page.locator('.dsa-root').first();
  await expect(viewer).toHaveAttribute('data-state', 'ready', { timeout: 90_000 });
  await expect(viewer).toHaveAttribute('data-tiles', 'done');
  await viewer.scrollIntoViewIfNeeded();
  return viewer;
}

/** The pixel that the status line names for a place on the page. */
export async function pixelAt(page: Page, viewer: Locator, place: Place): Promise<Place> {
  const status = viewer.locator('.dsa-readout');
  await page.mouse.move(place.x - 1, place.y);
  await page.mouse.move(place.x, place.y);
  await expect(status).toContainText(/x \d+ +y \d+/);
  const [, x, y] = /x (\d+)\s+y (\d+)/.exec((await status.textContent()) ?? '')!;
  return { x: Number(x), y: Number(y) };
}

/** Finds the places of pixels by asking the viewer what is at two of them. */
export async function chart(page: Page, viewer: Locator): Promise<Chart> {
  const canvas = viewer.locator('.dsa-canvas').first();
  const where = async (): Promise<NonNullable<Awaited<ReturnType<Locator['boundingBox']>>>> => {
    await viewer.scrollIntoViewIfNeeded();
    return (await canvas.boundingBox())!;
  };
  const box = await where();
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const reach = 0.25 * Math.min(box.width, box.height);
  const [a, b] = [
    { x: middle.x - reach, y: middle.y + reach },
    { x: middle.x + reach, y: middle.y - reach }
  ];
  const [p, q] = [await pixelAt(page, viewer, a), await pixelAt(page, viewer, b)];
  expect(q.x).toBeGreaterThan(p.x);
  expect(q.y).toBeGreaterThan(p.y);
  const scale = (b.x - a.x) / (q.x - p.x);
  let now = box;
  return {
    look: async () => {
      now = await where();
    },
    at: (x, y) => ({ x: now.x - box.x + a.x + (x - p.x) * scale, y: now.y - box.y + a.y - (y - p.y) * scale })
  };
}

export async function drag(page: Page, ...places: Place[]): Promise<void> {
  const [first, ...rest] = places;
  await page.mouse.move(first!.x, first!.y);
  await page.mouse.down();
  for (const { x, y } of rest) {
    await page.mouse.move(x, y, { steps: 4 });
  }
  await page.mouse.up();
}

export async function press(viewer: Locator, key: string): Promise<void> {
  await viewer.locator('.dsa-stage').focus();
  await viewer.page().keyboard.press(key);
}

export async function take(viewer: Locator, ...names: string[]): Promise<void> {
  for (const name of names) {
    // an annulus that is taken twice is of another kind
    if ((await action(viewer, name).getAttribute('aria-pressed')) !== 'true') {
      await action(viewer, name).click();
    }
    await expect(action(viewer, name)).toHaveAttribute('aria-pressed', 'true');
  }
}

/** What tests ask the drawing with. */
export const TOOLS = 'from dsa110_vis.regions import pixels_of, write\nfrom dsa110_vis.image import open_image\nimage = open_image("field.fits")';
