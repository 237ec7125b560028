// MaskDraw in a notebook of a real JupyterLab, on a small image made here: real drags, and the mask on disk.
import { readFileSync } from 'node:fs';

import { expect, type Page, test } from '@playwright/test';

import { askKernel, command, makeNotebook, openNotebook, python, runAll } from './lab';
import { type Chart, chart, drag, open, pixelAt, press, take, TOOLS } from './mask';
import { action, colourAt, openSection } from './viewer';

const REGION = 'json.loads(write([w.regions[-1]], image, "json"))["regions"][0]';
/** What is done with each tool, in image pixels. */
const GESTURES: [tool: string, shape: string, act: (page: Page, to: Chart) => Promise<void>][] = [
  ['circle', 'circle', (page, to) => drag(page, to.at(100, 80), to.at(125, 80))],
  ['ellipse', 'ellipse', (page, to) => drag(page, to.at(70, 50), to.at(130, 90))],
  ['box', 'box', (page, to) => drag(page, to.at(70, 50), to.at(130, 90))],
  [
    'rotbox',
    'box',
    async (page, to) => {
      await drag(page, to.at(60, 60), to.at(120, 90));
      const end = to.at(110, 120);
      await page.mouse.move(end.x, end.y, { steps: 3 });
      await page.mouse.click(end.x, end.y);
    }
  ],
  [
    'polygon',
    'polygon',
    async (page, to) => {
      for (const [x, y] of [[60, 60], [140, 70], [150, 130], [90, 110]] as const) {
        const { x: px, y: py } = to.at(x, y);
        await page.mouse.click(px, py);
      }
      await page.keyboard.press('Enter');
    }
  ],
  [
    'annulus',
    'circle_annulus',
    async (page, to) => {
      await drag(page, to.at(150, 120), to.at(190, 120));
      const end = to.at(165, 120);
      await page.mouse.move(end.x, end.y, { steps: 3 });
      await page.mouse.click(end.x, end.y);
    }
  ],
  ['lasso', 'polygon', (page, to) => drag(page, to.at(60, 60), to.at(140, 70), to.at(150, 130), to.at(80, 120), to.at(60, 62))]
];

test.describe.configure({ timeout: 150_000 });

test('an image is shown with its coordinates, north up and east to the left', async ({ page }) => {
  const viewer = await open(page, 'mask-look.ipynb');
  const to = await chart(page, viewer);
  const source = to.at(100, 80);
  const seen = await pixelAt(page, viewer, source);
  expect(Math.hypot(seen.x - 100, seen.y - 80)).toBeLessThan(2);
  await expect(viewer.locator('.dsa-status')).toContainText('13:30:09');
  await expect(viewer).toContainText('Right ascension (ICRS)');
  // brighter at the source than beside it
  const light = (colour: number[]): number => colour[0]! + colour[1]! + colour[2]!;
  expect(light(await colourAt(viewer, source))).toBeGreaterThan(light(await colourAt(viewer, to.at(40, 200))) + 200);
  await askKernel(page, 'w.frame = "galactic"');
  await expect(viewer).toContainText('Galactic longitude');
  await askKernel(page, 'w.set_controls({"contours": True, "invert": True})');
  await expect(viewer).toHaveAttribute('data-state', 'ready');
  await page.screenshot({ path: 'test-results/mask-look.png' });
});

test('what is drawn with each tool is the region, and the mask on disk, pixel for pixel', async ({ page }) => {
  const viewer = await open(page, 'mask-shapes.ipynb', TOOLS);
  const to = await chart(page, viewer);
  for (const [tool, shape, act] of GESTURES) {
    await take(viewer, 'layer-regions', `draw-${tool}`);
    await to.look();
    await act(page, to);
    await expect.poll(() => python<string[]>(page, '[r.shape.name for r in w.regions]'), { message: tool }).toEqual([shape]);
    await take(viewer, 'layer-mask', `draw-${tool}`);
    await to.look();
    await act(page, to);
    await expect.poll(() => python<number>(page, 'int(w.mask.sum())'), { message: tool }).toBeGreaterThan(100);
    const [drawn, differing] = await python<number[]>(
      page,
      '[int(w.mask.sum()), int((open_image(w.save_mask("drawn.fits")).plane().read(0, 300, 0, 240).astype(bool) != pixels_of(w.regions, (240, 300))).sum())]'
    );
    expect(differing, `${tool}: ${drawn} pixels`).toBe(0);
    await page.screenshot({ path: `test-results/mask-${tool}.png` });
    await askKernel(page, 'w.edit_mask("clear"); w.regions = []');
    await expect(viewer.locator('.dsa-side')).toContainText('empty', { ignoreCase: true });
    await viewer.scrollIntoViewIfNeeded();
  }
});

test('brush, eraser, taking away, undo and redo', async ({ page }) => {
  const viewer = await open(page, 'mask-brush.ipynb', TOOLS);
  const to = await chart(page, viewer);
  const pixels = (): Promise<number> => python<number>(page, 'int(w.mask.sum())');
  await take(viewer, 'layer-mask', 'draw-brush');
  await to.look();
  await drag(page, to.at(60, 60), to.at(120, 60));
  await expect.poll(pixels).toBeGreaterThan(300);
  const painted = await pixels();
  // a stroke of the brush's radius around the line that was dragged
  const extent = await python<number[]>(page, '[int(k) for k in (*np.nonzero(w.mask.any(axis=0))[0][[0, -1]], *np.nonzero(w.mask.any(axis=1))[0][[0, -1]])]');
  expect(Math.abs((extent[2]! + extent[3]!) / 2 - 60)).toBeLessThan(1.5);
  expect(Math.abs(extent[1]! - extent[0]! - (extent[3]! - extent[2]!) - 60)).toBeLessThan(2.5);
  await take(viewer, 'draw-eraser');
  await to.look();
  await drag(page, to.at(90, 40), to.at(90, 80));
  await expect.poll(pixels).toBeLessThan(painted);
  const erased = await pixels();
  await press(viewer, 'Control+z');
  await expect.poll(pixels).toBe(painted);
  await press(viewer, 'Control+Shift+Z');
  await expect.poll(pixels).toBe(erased);
  await action(viewer, 'undo').click();
  await expect.poll(pixels).toBe(painted);
  await take(viewer, 'draw-circle', 'mode-subtract');
  await to.look();
  await drag(page, to.at(90, 60), to.at(100, 60));
  await expect.poll(pixels).toBeLessThan(painted);
  await take(viewer, 'draw-threshold');
  await to.look();
  const source = to.at(100, 80);
  await take(viewer, 'mode-add');
  await page.mouse.click(source.x, source.y);
  await expect.poll(() => python<boolean>(page, 'bool(w.mask[80, 100])')).toBe(true);
});

test('regions are selected, moved, nudged, resized, copied and deleted', async ({ page }) => {
  const viewer = await open(page, 'mask-edit.ipynb', `${TOOLS}\nw.regions = "image\\nellipse(151,121,40,20,0)"\nw.layer = "regions"`);
  const to = await chart(page, viewer);
  const region = (): Promise<Record<string, number>> => python(page, REGION);
  await take(viewer, 'draw-select');
  await to.look();
  // on the ellipse, away from its handles
  const edge = to.at(178.3, 134.1);
  await page.mouse.click(edge.x, edge.y);
  await expect.poll(() => python<number>(page, 'len(w.selected)')).toBe(1);
  await expect(viewer.locator('.dsa-side')).toContainText('Flux density');
  await to.look();
  await drag(page, edge, to.at(198.3, 124.1));
  await expect.poll(async () => Math.round((await region()).x!)).toBe(170);
  expect(Math.round((await region()).y!)).toBe(110);
  await press(viewer, 'ArrowRight');
  await expect.poll(async () => Math.round((await region()).x!)).toBe(171);
  const before = await region();
  // the handle in the middle of the right side
  await to.look();
  await drag(page, to.at(before.x! + before.a!, before.y!), to.at(before.x! + before.a! + 20, before.y!));
  await expect.poll(async () => (await region()).a!).toBeGreaterThan(before.a! + 5);
  await page.screenshot({ path: 'test-results/mask-edit.png' });
  await press(viewer, 'Control+c');
  await press(viewer, 'Control+v');
  await expect.poll(() => python<number>(page, 'len(w.regions)')).toBe(2);
  await press(viewer, 'Delete');
  await expect.poll(() => python<number>(page, 'len(w.regions)')).toBe(1);
  for (let i = 0; i < 5; i += 1) {
    await press(viewer, 'Control+z');
  }
  await expect.poll(async () => [(await region()).x, (await region()).y, (await region()).a]).toEqual([150, 120, 40]);
});

test('points, lines, polylines and the other annuli are regions, too', async ({ page }) => {
  const viewer = await open(page, 'mask-others.ipynb', TOOLS);
  const to = await chart(page, viewer);
  const names = (): Promise<string[]> => python(page, '[r.shape.name for r in w.regions]');
  await take(viewer, 'layer-regions', 'draw-point');
  await to.look();
  const one = to.at(50, 50);
  await page.mouse.click(one.x, one.y);
  await expect.poll(names).toEqual(['point']);
  await take(viewer, 'draw-line');
  await drag(page, to.at(60, 60), to.at(140, 100));
  await expect.poll(names).toEqual(['point', 'line']);
  await take(viewer, 'draw-polyline');
  for (const [x, y] of [[60, 160], [100, 190], [140, 160]] as const) {
    const { x: px, y: py } = to.at(x, y);
    await page.mouse.click(px, py);
  }
  await press(viewer, 'Enter');
  await expect.poll(names).toEqual(['point', 'line', 'polyline']);
  await take(viewer, 'draw-annulus');
  // apart from each other: where a region is selected, its handles come first
  for (const [shape, y] of [['ellipse_annulus', 190], ['box_annulus', 60]] as const) {
    await action(viewer, 'draw-annulus').click();
    await drag(page, to.at(220, y), to.at(255, y + 20));
    const end = to.at(232, y);
    await page.mouse.move(end.x, end.y, { steps: 3 });
    await page.mouse.click(end.x, end.y);
    await expect.poll(async () => (await names()).at(-1)).toBe(shape);
  }
});

test('a region is turned by its handle, and a polygon changed by its corners', async ({ page }) => {
  const start = 'w.regions = "image\\nbox(151,121,80,40,0)\\npolygon(31,31,91,31,91,71)"\nw.layer = "regions"';
  const viewer = await open(page, 'mask-turn.ipynb', `${TOOLS}\n${start}`);
  const to = await chart(page, viewer);
  await take(viewer, 'draw-select');
  await to.look();
  const side = to.at(125, 140);
  await page.mouse.click(side.x, side.y);
  await expect.poll(() => python<number>(page, 'len(w.selected)')).toBe(1);
  const knob = viewer.locator('.dsa-knobs path[data-handle^="rotate"]');
  await expect(knob).toHaveCount(1);
  const box = (await knob.boundingBox())!;
  await drag(page, { x: box.x + box.width / 2, y: box.y + box.height / 2 }, to.at(90, 120));
  // a quarter of a turn: the stalk points to the left now
  await expect.poll(() => python<number>(page, 'w.regions[0].shape.angle % 180')).toBeGreaterThan(80);
  expect(await python<number>(page, 'w.regions[0].shape.angle % 180')).toBeLessThan(100);
  const edge = to.at(50, 30);
  await page.mouse.click(edge.x, edge.y);
  await expect.poll(() => python<string[]>(page, 'w.selected')).toEqual(['r2']);
  await drag(page, to.at(90, 70), to.at(110, 90));
  await expect.poll(() => python<number>(page, 'w.regions[1].shape.vertices[2][0]')).toBeGreaterThan(107);
});

test('the inner edge of each annulus is dragged by its own handles', async ({ page }) => {
  const shapes = ['circle_annulus', 'ellipse_annulus', 'box_annulus'] as const;
  const start = 'annulus(151,121,20,50)\\nellipse(151,121,15,10,60,40,30)\\nbox(151,121,30,20,120,80,0)';
  const viewer = await open(page, 'mask-annuli.ipynb', `${TOOLS}\nrings = "image\\n${start}"\nw.layer = "regions"`);
  const to = await chart(page, viewer);
  await take(viewer, 'draw-select');
  for (const [k, shape] of shapes.entries()) {
    await askKernel(page, `w.regions = "image\\n" + rings.splitlines()[${k + 1}]; w.selected = [w.regions[0].id]`);
    const inner = viewer.locator('.dsa-knobs [data-handle^="inner"]');
    await expect(inner, shape).toHaveCount(4);
    const before = await python<Record<string, number>>(page, 'vars(w.regions[0].shape)');
    await to.look();
    // the handle on the right of the inner edge
    const boxes = await Promise.all((await inner.all()).map(async knob => (await knob.boundingBox())!));
    const { x, y, width, height } = boxes.reduce((a, b) => (b.x > a.x ? b : a));
    const from = { x: x + width / 2, y: y + height / 2 };
    const [a, b] = [to.at(0, 0), to.at(8, 0)];
    await drag(page, from, { x: from.x + b.x - a.x, y: from.y + b.y - a.y });
    await expect.poll(() => python<object>(page, 'vars(w.regions[0].shape)'), { message: shape }).not.toEqual(before);
    const after = await python<Record<string, number>>(page, 'vars(w.regions[0].shape)');
    for (const name of Object.keys(before)) {
      if (name.startsWith('inner')) {
        expect(after[name], `${shape}: ${name}`).toBeGreaterThan(before[name]!);
      } else {
        expect(after[name], `${shape}: ${name}`).toBeCloseTo(before[name]!, 6);
      }
    }
    expect(await python<number>(page, 'int(pixels_of(w.regions, (240, 300))[120, 150])')).toBe(0);
  }
  await page.screenshot({ path: 'test-results/mask-annuli.png' });
});

test('files come in by a button and by dropping them, and go out', async ({ page }) => {
  const viewer = await open(page, 'mask-files.ipynb', TOOLS);
  await openSection(viewer, 'files');
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), action(viewer, 'import').click()]);
  const text = 'image\ncircle(101,81,20) # text={one}\npanda(1,2,3,4,5,6,7,8)\n';
  await chooser.setFiles({ name: 'some.reg', mimeType: 'text/plain', buffer: Buffer.from(text) });
  await expect.poll(() => python<string[]>(page, '[r.label for r in w.regions]')).toEqual(['one']);
  await expect(viewer.locator('.dsa-report')).toContainText('panda');
  await viewer.locator('.dsa-stage').evaluate(stage => {
    const files = new DataTransfer();
    files.items.add(new File(['#CRTFv0\ncircle[[50pix, 60pix], 10pix], label="two"\n'], 'more.crtf'));
    stage.dispatchEvent(new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true }));
  });
  await expect.poll(() => python<string[]>(page, '[r.label for r in w.regions]')).toEqual(['one', 'two']);
  await askKernel(page, 'w.threshold(20)');
  for (const [name, start] of [['export-ds9', '# Region'], ['export-crtf', '#CRTF'], ['export-json', '{'], ['export-mask.fits', 'SIMPLE']] as const) {
    const [download] = await Promise.all([page.waitForEvent('download'), action(viewer, name).click()]);
    const content = readFileSync(await download.path());
    expect(content.subarray(0, start.length).toString()).toBe(start);
  }
});

test('all of it is there without a pointer', async ({ page }) => {
  const viewer = await open(page, 'mask-keys.ipynb', TOOLS);
  await viewer.locator('.dsa-stage').focus();
  await page.keyboard.press('6');
  await expect(action(viewer, 'draw-box')).toHaveAttribute('aria-pressed', 'true');
  for (let i = 0; i < 3; i += 1) {
    await page.keyboard.press('Shift+ArrowRight');
  }
  await page.keyboard.press('Enter');
  for (let i = 0; i < 8; i += 1) {
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowUp');
  }
  await page.keyboard.press('Enter');
  await expect.poll(() => python<number>(page, 'int(w.mask.sum())')).toBeGreaterThan(40);
  await page.keyboard.press('?');
  await expect(viewer.locator('.dsa-help')).toContainText('draw on the mask, or regions');
  await page.screenshot({ path: 'test-results/mask-help.png' });
});

test('an image that is not there is said so in the dark theme, too', async ({ page }) => {
  await makeNotebook(page, 'mask-missing.ipynb', ['from dsa110_vis import MaskDraw\nMaskDraw("no/such.fits")']);
  await openNotebook(page, 'mask-missing.ipynb');
  await command(page, 'apputils:change-theme', { theme: 'JupyterLab Dark' });
  await runAll(page);
  const viewer = page.locator('.dsa-root').first();
  await expect(viewer).toHaveAttribute('data-state', 'error', { timeout: 90_000 });
  await expect(viewer.locator('.dsa-card-error')).toContainText('such.fits');
  await page.screenshot({ path: 'test-results/mask-missing-dark.png' });
  await command(page, 'apputils:change-theme', { theme: 'JupyterLab Light' });
});
