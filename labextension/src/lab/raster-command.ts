/** "MS Raster in a New Notebook": a notebook beside the Measurement Set with the cell that shows it. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import { InputDialog } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import type { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { rasterSource } from './cell-source';
import { type Folder, isMeasurementSet, selectedFolder } from './folders';

export const CommandIDs = {
  rasterInNotebook: 'dsa110-vis:raster-in-notebook'
} as const;

export function addRasterCommand(app: JupyterFrontEnd, browsers: IFileBrowserFactory, trans: TranslationBundle): void {
  const selected = (): Folder | null => selectedFolder(browsers, isMeasurementSet);

  /** Asks for the path where nothing is selected: the command was called from the palette. */
  const asked = async (): Promise<Folder | null> => {
    const { value } = await InputDialog.getText({
      title: trans.__('MS Raster in a New Notebook'),
      label: trans.__('Measurement Set, as the notebook sees it'),
      placeholder: 'observation.ms'
    });
    const path = value?.trim() ?? '';
    return path === '' ? null : { path, name: path };
  };

  app.commands.addCommand(CommandIDs.rasterInNotebook, {
    label: trans.__('MS Raster in a New Notebook'),
    caption: trans.__('Show the visibilities of the Measurement Set in a new notebook'),
    describedBy: {
      args: {
        type: 'object',
        properties: { path: { type: 'string', description: trans.__('The Measurement Set, relative to the new notebook.') } }
      }
    },
    // In the context menu of folders it shows on Measurement Sets only; in the palette it asks.
    isVisible: args => args.path !== undefined || args.isPalette === true || selected() !== null,
    execute: async args => {
      const fixed = typeof args.path === 'string' ? { path: args.path, name: args.path } : null;
      const inBrowser = fixed || args.isPalette === true ? null : selected();
      const folder = fixed ?? inBrowser ?? (await asked());
      if (!folder) {
        return;
      }
      const cwd = inBrowser ? PathExt.dirname(inBrowser.path) : (browsers.tracker.currentWidget?.model.path ?? '');
      await app.serviceManager.kernelspecs.ready;
      const kernelName = app.serviceManager.kernelspecs.specs?.default;
      const panel = (await app.commands.execute('notebook:create-new', { cwd, kernelName })) as NotebookPanel;
      await panel.context.ready;
      fill(panel, rasterSource(inBrowser ? inBrowser.name : folder.path));
      await panel.sessionContext.ready;
      const kernel = panel.sessionContext.session?.kernel;
      if (kernel) {
        await settled(kernel);
      }
      if (kernel && !panel.isDisposed) {
        await NotebookActions.run(panel.content, panel.sessionContext);
      }
    }
  });
}

/**
 * Waits until the widget manager has asked a new kernel for its widgets. The subshell that it uses for that is deleted
 * after; a widget whose own is made at the same moment can be left with one that the kernel does not know.
 */
async function settled(kernel: Kernel.IKernelConnection): Promise<void> {
  await kernel.info;
  await kernel.requestCommInfo({});
  if (kernel.supportsSubshells) {
    await kernel.requestListSubshell({}).done;
  }
}

/** Puts the source into the first cell. */
function fill(panel: NotebookPanel, source: string): void {
  const model = panel.content.model?.sharedModel;
  if (!model) {
    return;
  }
  const first = model.cells[0];
  if (first?.cell_type === 'code' && first.getSource() === '') {
    first.setSource(source);
  } else {
    model.insertCell(0, { cell_type: 'code', source, metadata: { trusted: true } });
  }
  panel.content.activeCellIndex = 0;
}
