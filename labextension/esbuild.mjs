// The anywidget bundles (an ES module for each view, one style sheet), and the page the viewers are developed on.
import { readFileSync } from 'node:fs';

import * as esbuild from 'esbuild';

const flags = new Set(process.argv.slice(2));
const common = { bundle: true, format: 'esm', target: 'es2022', logLevel: 'info', legalComments: 'none' };

// What the licence of the one library inside asks for.
const licence = readFileSync(new URL('node_modules/uplot/LICENSE', import.meta.url), 'utf8').trim();

const widget = {
  ...common,
  entryPoints: [
    ...['ms-raster', 'antenna-layout', 'mask-draw'].map(view => ({ in: `src/widgets/${view}.ts`, out: view })),
    { in: 'style/viewer.css', out: 'widget' }
  ],
  outdir: '../dsa110_vis/static',
  banner: { js: `/*! Contains uPlot.\n${licence}\n*/` },
  minify: flags.has('--minify')
};

const harness = {
  ...common,
  entryPoints: [
    { in: 'dev/harness.ts', out: 'harness' },
    { in: 'style/viewer.css', out: 'harness' }
  ],
  outdir: 'dev/build',
  loader: { '.csv': 'text' },
  sourcemap: 'inline'
};

const options = flags.has('--harness') ? harness : widget;
if (flags.has('--watch')) {
  const context = await esbuild.context(options);
  await context.watch();
} else {
  await esbuild.build(options);
}
