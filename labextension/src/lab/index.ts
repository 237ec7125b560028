/** The JupyterLab plugins: Measurement Sets in the file browser, and the viewers as panels. */

import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, WidgetTracker } from '@jupyterlab/apputils';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { addFitsFiles, type FitsDocument } from './fits-files';
import { PANEL_KINDS } from './kinds';
import { addPanelCommand } from './panel-commands';
import { addRasterCommand, CommandIDs } from './raster-command';

const FOLDERS = '.jp-DirListing-item[data-isdir="true"]';

const notebooks: JupyterFrontEndPlugin<void> = {
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
    palette?.addItem({ command: CommandIDs.rasterInNotebook, category: trans.__('Radio Astronomy'), args: { isPalette: true } });
  }
};

const panels: JupyterFrontEndPlugin<void> = {
  id: 'dsa110-vis:panels',
  description: 'Shows Measurement Sets, calibration tables and images in panels, without a kernel.',
  autoStart: true,
  requires: [IFileBrowserFactory],
  optional: [ILayoutRestorer, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    browsers: IFileBrowserFactory,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('dsa110_vis');
    for (const kind of PANEL_KINDS) {
      addPanelCommand(app, browsers, restorer, kind, trans);
      app.contextMenu.addItem({ command: kind.command, selector: FOLDERS, rank: 2.9 });
      palette?.addItem({ command: kind.command, category: trans.__('Radio Astronomy'), args: { isPalette: true } });
    }
  }
};

const images: JupyterFrontEndPlugin<void> = {
  id: 'dsa110-vis:fits',
  description: 'Opens FITS images in a panel, without a kernel.',
  autoStart: true,
  optional: [ILayoutRestorer, ITranslator],
  activate: (app: JupyterFrontEnd, restorer: ILayoutRestorer | null, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('dsa110_vis');
    const kind = PANEL_KINDS.find(({ view }) => view === 'mask-draw')!;
    const factory = addFitsFiles(app, kind, trans);
    const tracker = new WidgetTracker<FitsDocument>({ namespace: 'dsa110-vis-fits' });
    factory.widgetCreated.connect((_, widget) => void tracker.add(widget));
    void restorer?.restore(tracker, {
      command: 'docmanager:open',
      args: widget => ({ path: widget.context.path, factory: factory.name }),
      name: widget => widget.context.path
    });
  }
};

export default [notebooks, panels, images];
