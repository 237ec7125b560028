import { ServerConnection } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PanelKind } from '../src/lab/kinds';
import { ViewerPanel } from '../src/lab/panel';
import { serverProblem, viewerUrl } from '../src/lab/server';
import { VERSION } from '../src/lab/version';
import type { Transport } from '../src/viewer';

const trans = nullTranslator.load('dsa110_vis');

/** A server that answers every request alike. */
function settings(status: number, body: unknown = {}, more: Partial<ServerConnection.ISettings> = {}): ServerConnection.ISettings {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return ServerConnection.makeSettings({
    baseUrl: 'http://hub.example/user/ann/',
    wsUrl: 'ws://hub.example/user/ann/',
    fetch: () => (status === 0 ? Promise.reject(new TypeError('no network')) : Promise.resolve(new Response(text, { status }))),
    ...more
  });
}

describe('the address of a viewer', () => {
  it('carries any path as it is', () => {
    const path = '/data/tile 1:2 & Größe?#.ms';
    const url = new URL(viewerUrl(settings(200, {}, { appendToken: false }), 'ms-raster', path));
    expect(url.origin + url.pathname).toBe('ws://hub.example/user/ann/dsa110-vis/api/ws');
    expect(Object.fromEntries(url.searchParams)).toEqual({ view: 'ms-raster', path });
  });

  it('carries the token only where JupyterLab appends it', () => {
    const url = (appendToken: boolean, token: string): string | null =>
      new URL(viewerUrl(settings(200, {}, { appendToken, token }), 'ms-raster', 'a.ms')).searchParams.get('token');
    expect(url(true, 'a+b&c')).toBe('a+b&c');
    expect(url(true, '')).toBeNull();
    expect(url(false, 'secret')).toBeNull();
  });
});

describe('the server', () => {
  const code = async (...given: Parameters<typeof settings>): Promise<string | undefined> =>
    (await serverProblem(settings(...given), trans))?.code;

  it('has no problem with the same version', async () => {
    expect(await code(200, { dsa110_vis: VERSION })).toBeUndefined();
  });

  it('may lack the extension, have another version, or refuse', async () => {
    expect(await code(404)).toBe('no-server-extension');
    expect(await code(200, { dsa110_vis: '99.0.0' })).toBe('version-mismatch');
    expect(await code(200, 'not JSON')).toBe('version-mismatch');
    expect(await code(403)).toBe('forbidden');
    const missing = await serverProblem(settings(404), trans);
    expect(missing!.hint).toContain(`Install dsa110-vis ${VERSION} in the environment of the Jupyter server`);
  });

  it('may be away for a while, which is for the connection to wait out', async () => {
    expect(await code(0)).toBeUndefined();
    expect(await code(502)).toBeUndefined();
  });
});

describe('a panel', () => {
  let urls: string[];
  let ends: ((code: number, reason: string) => void)[];
  let mounted: { el: HTMLElement; transport: Transport; signal: AbortSignal }[];
  let panel: ViewerPanel;

  class FakeSocket {
    readyState = 0;
    onclose: ((event: object) => void) | null = null;

    constructor(url: string) {
      urls.push(url);
      ends.push((code, reason) => this.onclose?.({ code, reason }));
    }

    close(): void {
      this.readyState = 3;
    }
  }

  const kind = {
    view: 'ms-raster',
    icon: undefined,
    mount: (el: HTMLElement, transport: Transport, signal: AbortSignal) => {
      mounted.push({ el, transport, signal });
      const stage = el.appendChild(document.createElement('div'));
      stage.className = 'dsa-root';
    }
  } as unknown as PanelKind;

  function make(status = 200, body: unknown = { dsa110_vis: VERSION }): void {
    const server = settings(status, body, { WebSocket: FakeSocket as unknown as typeof WebSocket });
    panel = new ViewerPanel({ kind, path: 'night/obs.ms', settings: server, trans });
  }

  const text = (): string => panel.node.querySelector('.dsa-card')?.textContent ?? '';

  beforeEach(() => {
    urls = [];
    ends = [];
    mounted = [];
  });
  afterEach(() => panel.dispose());

  it('has the name of the folder, and the path beside it', () => {
    make();
    expect(panel.title).toMatchObject({ label: 'obs.ms', caption: 'night/obs.ms' });
  });

  it('reads nothing before it is seen, and once from then on', async () => {
    make();
    panel.hide();
    Widget.attach(panel, document.body);
    expect(mounted).toHaveLength(0);
    panel.show();
    panel.hide();
    panel.show();
    Widget.detach(panel);
    Widget.attach(panel, document.body);
    await vi.waitFor(() => expect(urls).toHaveLength(1));
    expect(mounted).toHaveLength(1);
    expect(new URL(urls[0]!).searchParams.get('path')).toBe('night/obs.ms');
  });

  it('ends its view and its connection when it is closed', async () => {
    make();
    Widget.attach(panel, document.body);
    await vi.waitFor(() => expect(urls).toHaveLength(1));
    panel.dispose();
    expect(mounted[0]!.signal.aborted).toBe(true);
  });

  it('says what to install where, and looks again when asked to', async () => {
    make(404);
    Widget.attach(panel, document.body);
    await vi.waitFor(() => expect(text()).toContain('This Jupyter server does not run dsa110-vis.'));
    expect(urls).toEqual([]);
    expect(mounted[0]!.el.hidden).toBe(true);
    panel.node.querySelector<HTMLElement>('[data-action=retry]')!.click();
    expect(mounted[0]!.el.hidden).toBe(false);
    await vi.waitFor(() => expect(text()).toContain('does not run'));
  });

  it('shows the refusal of the server in the place of the view', async () => {
    make();
    Widget.attach(panel, document.body);
    await vi.waitFor(() => expect(ends).toHaveLength(1));
    ends[0]!(4404, JSON.stringify({ code: 'not-found', message: 'No <b>obs</b>.', hint: 'Look again.', reloadable: false }));
    expect(text()).toContain('No <b>obs</b>.Look again.');
    expect(panel.node.querySelector('[role=alert] b')).toBeNull();
    panel.node.querySelector<HTMLElement>('[data-action=retry]')!.click();
    await vi.waitFor(() => expect(urls).toHaveLength(2));
    expect(text()).toBe('');
    expect(mounted).toHaveLength(1);
  });
});
