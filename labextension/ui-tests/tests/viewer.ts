// The viewer as the tests see it: where a cell is on the screen, and what colour it has there.
import { expect, type Locator, type Page } from '@playwright/test';

export type Colour = [red: number, green: number, blue: number];

export interface Place {
  x: number;
  y: number;
}

/** The viewer, once it shows a picture with all its tiles. */
export async function readyViewer(page: Page): Promise<Locator> {
  const viewer = page.locator('.dsa-root').first();
  await expect(viewer).toHaveAttribute('data-state', 'ready', { timeout: 90_000 });
  await expect(viewer).toHaveAttribute('data-tiles', 'done', { timeout: 30_000 });
  return viewer;
}

/** Runs something that makes a new picture, and waits for that picture. */
export async function newPicture(page: Page, change: () => Promise<unknown>): Promise<Locator> {
  const viewer = page.locator('.dsa-root').first();
  const before = (await viewer.getAttribute('data-generation')) ?? '';
  await change();
  await expect(viewer).not.toHaveAttribute('data-generation', before, { timeout: 60_000 });
  return readyViewer(page);
}

/** Where on the page the middle of a cell is; y grows upwards. The whole picture must be in view. */
export async function cellPlace(viewer: Locator, ix: number, iy: number, nx: number, ny: number): Promise<Place> {
  await viewer.scrollIntoViewIfNeeded();
  const box = await viewer.locator('.dsa-overlay .dsa-frame').first().boundingBox();
  if (!box) {
    throw new Error('the picture has no frame');
  }
  return {
    x: box.x + ((ix + 0.5) / nx) * box.width,
    y: box.y + (1 - (iy + 0.5) / ny) * box.height
  };
}

/** The colour that the canvas has at a place on the page. */
export async function colourAt(viewer: Locator, place: Place): Promise<Colour> {
  return viewer.locator('.dsa-canvas').evaluate((canvas, place) => {
    const source = canvas as HTMLCanvasElement;
    const box = source.getBoundingClientRect();
    const copy = document.createElement('canvas');
    copy.width = source.width;
    copy.height = source.height;
    const context = copy.getContext('2d');
    if (!context) {
      throw new Error('no 2D canvas');
    }
    context.drawImage(source, 0, 0);
    const x = Math.floor(((place.x - box.x) / box.width) * source.width);
    const y = Math.floor(((place.y - box.y) / box.height) * source.height);
    const [red, green, blue] = context.getImageData(x, y, 1, 1).data;
    return [red, green, blue] as Colour;
  }, place);
}

export function expectColour(found: Colour, wanted: Colour, within = 4): void {
  const difference = Math.max(...found.map((value, i) => Math.abs(value - wanted[i])));
  expect(difference, `found rgb(${found.join(',')}), wanted rgb(${wanted.join(',')})`).toBeLessThanOrEqual(within);
}

export function field(viewer: Locator, name: string): Locator {
  return viewer.locator(`.dsa-field[data-field="${name}"]`).locator('select, input').first();
}

export function action(viewer: Locator, name: string): Locator {
  return viewer.locator(`[data-action="${name}"]`).first();
}

/** Opens a section of the side panel. */
export async function openSection(viewer: Locator, name: string): Promise<void> {
  const section = viewer.locator(`.dsa-section[data-section="${name}"]`);
  if ((await section.getAttribute('open')) === null) {
    await section.locator('.dsa-section-title').click();
  }
}

export async function tickLabels(viewer: Locator, axis: 'x' | 'y'): Promise<string[]> {
  return viewer.locator(`.dsa-overlay .dsa-tick-label.dsa-${axis}`).allTextContents();
}
