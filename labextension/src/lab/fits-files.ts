/** FITS files as documents: a double click opens the image viewer, which reads what it shows from the server itself. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import { ABCWidgetFactory, Base64ModelFactory, type DocumentRegistry, DocumentWidget } from '@jupyterlab/docregistry';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { FITS_ENDINGS } from './folders';
import type { PanelKind } from './kinds';
import { ViewerPanel } from './panel';

export const FITS_TYPE = 'dsa110-vis-fits';
const MODEL = 'dsa110-vis-no-content';

/** A document without its content: a file of gigabytes does not come to the browser. */
class NoContentFactory extends Base64ModelFactory {
  override get name(): string {
    return MODEL;
  }

  override get fileFormat(): Contents.FileFormat {
    return null;
  }
}

export type FitsDocument = DocumentWidget<ViewerPanel>;

class FitsViewerFactory extends ABCWidgetFactory<FitsDocument> {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly kind: PanelKind,
    private readonly trans: TranslationBundle
  ) {
    super({
      name: kind.label(trans),
      modelName: MODEL,
      fileTypes: [FITS_TYPE],
      defaultFor: [FITS_TYPE],
      readOnly: true
    });
  }

  protected createNewWidget(context: DocumentRegistry.Context): FitsDocument {
    const { serverSettings, contents } = this.app.serviceManager;
    const path = contents.localPath(context.path);
    const content = new ViewerPanel({ kind: this.kind, path, settings: serverSettings, trans: this.trans });
    const widget = new DocumentWidget({ content, context });
    // The viewer has its own.
    widget.toolbar.hide();
    return widget;
  }
}

/** Has FITS files opened by the image viewer. */
export function addFitsFiles(app: JupyterFrontEnd, kind: PanelKind, trans: TranslationBundle): FitsViewerFactory {
  const { docRegistry } = app;
  docRegistry.addModelFactory(new NoContentFactory());
  docRegistry.addFileType({
    name: FITS_TYPE,
    displayName: trans.__('FITS image'),
    extensions: [...FITS_ENDINGS],
    mimeTypes: ['image/fits', 'application/fits'],
    contentType: 'file',
    fileFormat: 'base64',
    icon: kind.icon
  });
  const factory = new FitsViewerFactory(app, kind, trans);
  docRegistry.addWidgetFactory(factory);
  return factory;
}
