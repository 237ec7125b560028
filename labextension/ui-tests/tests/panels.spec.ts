// The viewers as panels of JupyterLab, from the wheel: served by the Jupyter server, without any kernel.
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect, type Locator, type Page, test, type WebSocketRoute } from '@playwright/test';

import { command } from './lab';
import { cellPlace, type Colour, colourAt, field } from './viewer';

const RASTER = 'dsa110-vis:open-raster';
const ANTENNAS = 'dsa110-vis:open-antennas';
const SOCKET = /\/dsa110-vis\/api\/ws\?/;
const VERSIONS = /\/dsa110-vis\/api\/versions/;

/** A copy of the observation of NGC 5921 in a folder of its own; gives its path as the server knows it. */
function copyOf(folder: string, name: string): string {
  const path = join(String(process.env.DSA110_VIS_E2E_ROOT), folder);
  mkdirSync(path, { recursive: true });
  cpSync(String(process.env.DSA110_VIS_E2E_MS), join(path, name), { recursive: true });
  return `${folder}/${name}`;
}

async function openLab(page: Page, folder = ''): Promise<void> {
  await page.goto(`/lab${folder === '' ? '' : `/tree/${folder}`}?reset`);
  await restored(page);
  // The old layout is gone once JupyterLab has taken the word out of the address; a reload before would clear the new one.
  await page.waitForURL(url => !url.searchParams.has('reset'));
}

async function restored(page: Page): Promise<void> {
  await page.waitForFunction(() => 'jupyterapp' in window);
  await page.evaluate(() => (window as unknown as { jupyterapp: { restored: Promise<void> } }).jupyterapp.restored);
}

/** The viewer in the panel that is seen. */
function viewerOf(page: Page): Locator {
  return page.locator('.jp-dsa110-vis-panel:visible .dsa-root:visible');
}

/** The card that stands in the place of a viewer. */
function refusal(page: Page): Locator {
  return page.locator('.jp-dsa110-vis-panel:visible .dsa-card-error:visible');
}

async function ready(page: Page): Promise<Locator> {
  const viewer = viewerOf(page);
  await expect(viewer).toHaveAttribute('data-state', 'ready', { timeout: 90_000 });
  return viewer;
}

async function picture(page: Page): Promise<Locator> {
  const viewer = await ready(page);
  await expect(viewer).toHaveAttribute('data-tiles', 'done');
  return viewer;
}

function tab(page: Page, name: string): Locator {
  return page.locator('.lm-DockPanel-tabBar .lm-TabBar-tab', { hasText: name });
}

async function kernels(page: Page): Promise<string[]> {
  const answer = await page.request.get('/api/kernels');
  return ((await answer.json()) as { id: string }[]).map(({ id }) => id).sort();
}

async function fromContextMenu(page: Page, name: string, entry: string): Promise<void> {
  await page.locator('.jp-DirListing-item', { hasText: name }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: entry, exact: true }).click();
}

/** The calibrator is bright and the source is faint, in any colour map that gets lighter. */
async function expectVisibilities(viewer: Locator, nx: number): Promise<void> {
  const light = async (iy: number): Promise<number> => {
    const colour: Colour = await colourAt(viewer, await cellPlace(viewer, Math.floor(nx / 2), iy, nx, 60));
    return colour[0] + colour[1] + colour[2];
  };
  expect(await light(3)).toBeGreaterThan((await light(25)) + 150);
}

test('a Measurement Set opens from its context menu, and no kernel is started for it', async ({ page }) => {
  copyOf('panel menu', 'tile 1:2 ü.ms');
  const before = await kernels(page);
  await openLab(page, 'panel%20menu');
  await fromContextMenu(page, 'tile 1:2 ü.ms', 'MS raster');
  const viewer = await picture(page);
  await expect(viewer).toContainText('tile 1:2 ü.ms');
  await expectVisibilities(viewer, 351);
  await expect(tab(page, 'tile 1:2 ü.ms')).toHaveAttribute('title', /panel menu\/tile 1:2 ü\.ms/);
  // it fills the panel
  const [outer, inner] = [await page.locator('.jp-dsa110-vis-panel').boundingBox(), await viewer.boundingBox()];
  expect(inner?.height).toBeCloseTo(outer?.height ?? 0, 0);
  expect(await kernels(page)).toEqual(before);
  await page.screenshot({ path: 'test-results/panel-raster.png' });
});

test('the antennas of a Measurement Set open from its context menu', async ({ page }) => {
  copyOf('panel antennas', 'array.ms');
  const before = await kernels(page);
  await openLab(page, 'panel%20antennas');
  await fromContextMenu(page, 'array.ms', 'Antenna layout');
  const viewer = await ready(page);
  await expect(viewer).toHaveAttribute('data-flags', 'known', { timeout: 60_000 });
  const antennas = viewer.locator('[data-antenna]');
  expect(await antennas.count()).toBeGreaterThanOrEqual(27);
  await expect(antennas.first()).toBeVisible();
  expect(await kernels(page)).toEqual(before);
  await page.screenshot({ path: 'test-results/panel-antennas.png' });
});

test('other folders do not offer it', async ({ page }) => {
  mkdirSync(join(String(process.env.DSA110_VIS_E2E_ROOT), 'panel other', 'plain'), { recursive: true });
  await openLab(page, 'panel%20other');
  await page.locator('.jp-DirListing-item', { hasText: 'plain' }).click({ button: 'right' });
  await expect(page.getByRole('menuitem', { name: 'Rename' })).toBeVisible();
  await expect(page.getByRole('menuitem', { name: 'MS raster', exact: true })).toHaveCount(0);
  await expect(page.getByRole('menuitem', { name: 'Antenna layout' })).toHaveCount(0);
});

test('a reload brings the panels back, and a path has one panel', async ({ page }) => {
  const path = copyOf('panel reload', 'again.ms');
  await openLab(page);
  await command(page, ANTENNAS, { path });
  await ready(page);
  await command(page, RASTER, { path });
  await picture(page);
  await command(page, ANTENNAS, { path: `./${path}/` });
  await expect(viewerOf(page).locator('[data-antenna]').first()).toBeVisible();
  await command(page, RASTER, { path });
  await expect(tab(page, 'again.ms')).toHaveCount(2);
  await expect
    .poll(async () => {
      const answer = await page.request.get('/lab/api/workspaces/default');
      const { data } = (await answer.json()) as { data: Record<string, { main?: { dock?: { widgets?: unknown[] } } }> };
      return data['layout-restorer:data']?.main?.dock?.widgets?.length ?? 0;
    })
    .toBe(2);
  await page.reload();
  await restored(page);
  await expectVisibilities(await picture(page), 351);
  await expect(tab(page, 'again.ms')).toHaveCount(2);
  await tab(page, 'again.ms').first().click();
  await expect((await ready(page)).locator('[data-antenna]').first()).toBeVisible();
});

test('a Measurement Set that is not there is said so, and opens once it is', async ({ page }) => {
  await openLab(page);
  await command(page, RASTER, { path: 'panel late/late.ms' });
  const alert = refusal(page);
  await expect(alert).toContainText('late.ms');
  await expect(page.locator('.jp-dsa110-vis-panel:visible .dsa-toolbar:visible')).toHaveCount(0);
  await page.screenshot({ path: 'test-results/panel-missing.png' });
  copyOf('panel late', 'late.ms');
  await alert.getByRole('button', { name: 'Try again' }).click();
  await expectVisibilities(await picture(page), 351);
  await expect(alert).toHaveCount(0);
});

test('what lies outside of the served folders is refused', async ({ page }) => {
  await openLab(page);
  for (const path of ['/etc', '../..']) {
    await command(page, RASTER, { path });
    await expect(refusal(page)).toContainText('not in a folder that this server serves');
  }
});

test('a broken connection comes back by itself, with the controls as they were', async ({ page }) => {
  const path = copyOf('panel broken', 'broken.ms');
  const sockets: { page: WebSocketRoute; server: WebSocketRoute }[] = [];
  let reachable = true;
  await page.routeWebSocket(SOCKET, socket => {
    if (reachable) {
      sockets.push({ page: socket, server: socket.connectToServer() });
    } else {
      void socket.close();
    }
  });
  await openLab(page);
  await command(page, RASTER, { path });
  await picture(page);
  await field(viewerOf(page), 'x').selectOption('frequency');
  await expect(viewerOf(page).locator('.dsa-axis-title.dsa-x')).toContainText('MHz');
  await picture(page);

  reachable = false;
  await sockets[0].server.close();
  await sockets[0].page.close();
  await expect(viewerOf(page)).toHaveAttribute('data-state', 'offline');
  await expect(viewerOf(page)).toContainText('The server does not answer');
  reachable = true;
  const viewer = await picture(page);
  expect(sockets).toHaveLength(2);
  await expect(field(viewer, 'x')).toHaveValue('frequency');
  await expectVisibilities(viewer, 63);
});

test('a server without the extension, or with another version, is explained', async ({ page }) => {
  const path = copyOf('panel version', 'version.ms');
  let status = 404;
  const version = '99.0.0';
  await page.route(VERSIONS, route => route.fulfill({ status, json: { dsa110_vis: version } }));
  await openLab(page);
  await command(page, RASTER, { path });
  const alert = refusal(page);
  await expect(alert).toContainText('This Jupyter server does not run dsa110-vis.');
  status = 200;
  await alert.getByRole('button', { name: 'Try again' }).click();
  await expect(alert).toContainText('but the Jupyter server runs 99.0.0');
  await page.unroute(VERSIONS);
  await alert.getByRole('button', { name: 'Try again' }).click();
  await picture(page);
});

test('a panel follows the dark theme', async ({ page }) => {
  const path = copyOf('panel dark', 'dark.ms');
  await openLab(page);
  await command(page, RASTER, { path });
  const viewer = await picture(page);
  const light = (): Promise<number[]> =>
    viewer.evaluate(root => {
      const { backgroundColor, color } = getComputedStyle(root);
      return [backgroundColor, color].map(text => Number(/\d+/.exec(text)?.[0]));
    });
  // whatever another test left
  await command(page, 'apputils:change-theme', { theme: 'JupyterLab Light' });
  await expect.poll(async () => (await light())[0]).toBeGreaterThan(200);
  expect((await light())[1]).toBeLessThan(100);
  await command(page, 'apputils:change-theme', { theme: 'JupyterLab Dark' });
  try {
    await expect.poll(async () => (await light())[0]).toBeLessThan(60);
    expect((await light())[1]).toBeGreaterThan(150);
    await page.screenshot({ path: 'test-results/panel-dark.png' });
  } finally {
    // The theme is a setting of the server, and other tests have theirs.
    await command(page, 'apputils:change-theme', { theme: 'JupyterLab Light' });
  }
});

test('the command asks for a path', async ({ page }) => {
  const path = copyOf('panel asks', 'asked.ms');
  await openLab(page);
  const palette = page.locator('#modal-command-palette');
  await expect(async () => {
    // The palette closes when something else takes the focus, as happens while JupyterLab starts.
    await command(page, 'apputils:activate-command-palette');
    await palette.locator('input').fill('MS raster', { timeout: 2000 });
    await expect(palette.locator('.lm-CommandPalette-header')).toContainText('Radio Astronomy', { timeout: 2000 });
    await palette.locator(`[data-command="${RASTER}"]`).click({ timeout: 2000 });
    await expect(page.locator('.jp-Dialog')).toBeVisible({ timeout: 2000 });
  }).toPass({ timeout: 60_000 });
  await page.locator('.jp-Dialog input').fill(path);
  await page.locator('.jp-Dialog .jp-mod-accept').click();
  await picture(page);
});
