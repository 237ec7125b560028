/** The JupyterLab plugin: Measurement Sets in the file browser. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { addRasterCommand, CommandIDs } from './raster-command';

const FOLDERS = '.jp-DirListing-item[data-isdir="true"]';

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'dsa110-vis:measurement-sets',
  description: 'Opens Measurement Sets from the file browser in a new notebook.',
  autoStart: true,
  requires: [IFileBrowserFactory, INotebookTracker],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    browsers: IFileBrowserFactory,
    _notebooks: INotebookTracker,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('dsa110_vis');
    addRasterCommand(app, browsers, trans);
    app.contextMenu.addItem({ command: CommandIDs.rasterInNotebook, selector: FOLDERS, rank: 3 });
    palette?.addItem({ command: CommandIDs.rasterInNotebook, category: trans.__('Radio Astronomy') });
  }
};

export default plugin;
