/** A viewer in JupyterLab's main area, served by the Jupyter server without any kernel. */

import type { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { ChannelTransport, type Failure, OfflineError, showRefusal, WebSocketPort } from '../viewer';
import { nameOf } from './folders';
import type { PanelKind } from './kinds';
import { serverProblem, viewerUrl } from './server';

export interface PanelOptions {
  kind: PanelKind;
  /** Relative to the Jupyter server's root folder, or absolute. */
  path: string;
  settings: ServerConnection.ISettings;
  trans: TranslationBundle;
}

export class ViewerPanel extends Widget {
  private readonly end = new AbortController();
  private readonly view = document.createElement('div');
  private port: WebSocketPort | null = null;
  private refusal: HTMLElement | null = null;

  constructor(private readonly options: PanelOptions) {
    super();
    const { kind, path } = options;
    this.addClass('jp-dsa110-vis-panel');
    this.node.tabIndex = -1;
    this.view.classList.add('dsa-host');
    this.node.append(this.view);
    this.title.label = nameOf(path);
    this.title.caption = path;
    this.title.icon = kind.icon;
  }

  get path(): string {
    return this.options.path;
  }

  override dispose(): void {
    this.end.abort();
    super.dispose();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this.isVisible) {
      this.start();
    }
  }

  // A panel behind another one reads nothing before it is looked at.
  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.start();
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    const stage = this.node.querySelector<HTMLElement>('div:not([hidden]) > .dsa-root .dsa-stage');
    (stage ?? this.node).focus({ preventScroll: true });
  }

  private start(): void {
    if (this.port) {
      return;
    }
    const { kind, path, settings } = this.options;
    const { signal } = this.end;
    this.port = new WebSocketPort(
      {
        open: () => new settings.WebSocket(viewerUrl(settings, kind.view, path)),
        lost: () => transport.close(new OfflineError('The connection to the server is lost.'), false),
        refused: failure => this.refuse(failure)
      },
      signal
    );
    const transport = new ChannelTransport(this.port, signal);
    kind.mount(this.view, transport, signal, { served: true });
    void this.connect();
  }

  private async connect(): Promise<void> {
    const problem = await serverProblem(this.options.settings, this.options.trans);
    if (this.isDisposed) {
      return;
    }
    if (problem) {
      this.refuse(problem);
    } else {
      this.port?.connect();
    }
  }

  /** Shows why there is nothing to see, in the place of the viewer, which stays as it was. */
  private refuse(failure: Failure): void {
    this.refusal?.remove();
    this.view.hidden = true;
    const retry = (): void => {
      this.refusal?.remove();
      this.view.hidden = false;
      void this.connect();
    };
    this.refusal = showRefusal(failure, this.path, retry, this.end.signal);
    this.node.append(this.refusal);
  }
}
