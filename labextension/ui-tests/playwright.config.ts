// Real JupyterLab from the built wheel, real Chromium from the system. `make browser` sets everything up.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

import { defineConfig } from '@playwright/test';

const python = process.env.DSA110_VIS_E2E_PYTHON;
if (!python || !process.env.DSA110_VIS_E2E_MS) {
  throw new Error(
    "DSA110_VIS_E2E_PYTHON must name the Python of an environment with the built wheel, and DSA110_VIS_E2E_MS the " +
      "Measurement Set that 'dsa110-vis demo ngc5921' makes: run 'make browser'."
  );
}

export const port = Number(process.env.DSA110_VIS_E2E_PORT ?? 18110);
const root = process.env.DSA110_VIS_E2E_ROOT ?? mkdtempSync(join(tmpdir(), 'dsa110-vis-e2e-'));
process.env.DSA110_VIS_E2E_ROOT = root;

// No question about news in the way of the mouse.
const settings = join(root, '.settings', '@jupyterlab', 'apputils-extension');
mkdirSync(settings, { recursive: true });
writeFileSync(
  join(settings, 'notification.jupyterlab-settings'),
  JSON.stringify({ fetchNews: 'false', checkForUpdates: false })
);

// The server finds its own Python and the system's tools; a Node is not among them.
const tools = mkdtempSync(join(tmpdir(), 'dsa110-vis-path-'));
const path = [dirname(python), tools].join(delimiter);

export default defineConfig({
  testDir: './tests',
  outputDir: './test-results',
  timeout: 180_000,
  expect: { timeout: 30_000 },
  workers: 1,
  retries: 0,
  forbidOnly: true,
  reporter: [['list']],
  use: {
    baseURL: `http://127.0.0.1:${port}`,
    viewport: { width: 1400, height: 1000 },
    video: 'off',
    trace: 'off',
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--use-angle=swiftshader',
        '--enable-unsafe-swiftshader',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--disable-quic',
        '--no-first-run'
      ]
    }
  },
  webServer: {
    command: [
      `"${python}" -m jupyterlab --no-browser --allow-root --ip=127.0.0.1 --port=${port} --port-retries=0`,
      `--IdentityProvider.token= --ServerApp.password= --ServerApp.root_dir="${root}"`,
      '--LabApp.expose_app_in_browser=True --LabServerApp.notebook_starts_kernel=True',
      `--LabApp.workspaces_dir="${join(root, '.workspaces')}" --LabApp.user_settings_dir="${join(root, '.settings')}"`
    ].join(' '),
    url: `http://127.0.0.1:${port}/api`,
    timeout: 120_000,
    reuseExistingServer: false,
    stdout: 'ignore',
    stderr: process.env.DSA110_VIS_E2E_LOG ? 'pipe' : 'ignore',
    env: {
      ...(process.env as Record<string, string>),
      PATH: path,
      JUPYTER_CONFIG_DIR: join(root, '.config'),
      JUPYTER_DATA_DIR: join(root, '.data'),
      JUPYTER_RUNTIME_DIR: join(root, '.runtime'),
      IPYTHONDIR: join(root, '.ipython')
    }
  }
});
