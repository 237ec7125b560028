/** The Jupyter server's half of the viewers: whether it is there, and where its WebSocket is. */

import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Failure } from '../viewer';
import { VERSION } from './version';

const API = 'dsa110-vis/api';

/** Where the viewer of a path is served, with the token if it has to be in the address. */
export function viewerUrl(settings: ServerConnection.ISettings, view: string, path: string): string {
  const query: Record<string, string> = { view, path };
  if (settings.appendToken && settings.token !== '') {
    query.token = settings.token;
  }
  return URLExt.join(settings.wsUrl, API, 'ws') + URLExt.objectToQueryString(query);
}

/** Why the server cannot serve viewers; `null` where nothing is wrong, or where the network is what is wrong. */
export async function serverProblem(settings: ServerConnection.ISettings, trans: TranslationBundle): Promise<Failure | null> {
  let answer: Response;
  try {
    answer = await ServerConnection.makeRequest(URLExt.join(settings.baseUrl, API, 'versions'), {}, settings);
  } catch {
    return null; // the viewer's own connection waits until the server is back
  }
  if (answer.status === 404) {
    return {
      code: 'no-server-extension',
      message: trans.__('This Jupyter server does not run dsa110-vis.'),
      hint: trans.__(
        'Install dsa110-vis %1 in the environment of the Jupyter server and restart the server. If it is installed there, switch it on: jupyter server extension enable dsa110_vis.',
        VERSION
      )
    };
  }
  if (answer.status === 401 || answer.status === 403) {
    return {
      code: 'forbidden',
      message: trans.__('You may not use dsa110-vis on this Jupyter server.'),
      hint: trans.__('Ask whoever runs the server for the right to use it.')
    };
  }
  const found = answer.ok ? await versionIn(answer) : VERSION;
  if (found !== VERSION) {
    return {
      code: 'version-mismatch',
      message: trans.__('This page has dsa110-vis %1, but the Jupyter server runs %2.', VERSION, found),
      hint: trans.__(
        'Reload the page. If that does not help, install one version in the environment of the Jupyter server and restart the server.'
      )
    };
  }
  return null;
}

async function versionIn(answer: Response): Promise<string> {
  try {
    const { dsa110_vis: version } = (await answer.json()) as { dsa110_vis?: unknown };
    return typeof version === 'string' ? version : '?';
  } catch {
    return '?';
  }
}
