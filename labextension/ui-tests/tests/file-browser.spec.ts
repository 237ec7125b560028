// The labextension from the wheel: a Measurement Set in the file browser opens in a notebook.
import { cpSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@playwright/test';

import { readyViewer } from './viewer';

test('a Measurement Set opens from its context menu', async ({ page }) => {
  cpSync(String(process.env.DSA110_VIS_E2E_MS), join(String(process.env.DSA110_VIS_E2E_ROOT), 'tile 1:2.ms'), {
    recursive: true
  });
  await page.goto('/lab?reset');
  await page.waitForFunction(() => 'jupyterapp' in window);
  const item = page.locator('.jp-DirListing-item', { hasText: 'tile 1:2.ms' });
  await item.click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'MS Raster in a New Notebook' }).click();
  const viewer = await readyViewer(page);
  await expect(viewer).toContainText('tile 1:2.ms');
});
