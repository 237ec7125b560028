/** Opening panels: commands, one tracker to a kind, and the way back after a reload. */

import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { InputDialog, MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import type { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import type { TranslationBundle } from '@jupyterlab/translation';
import { UUID } from '@lumino/coreutils';
import { selectedFolder, tidyPath } from './folders';
import type { PanelKind } from './kinds';
import { ViewerPanel } from './panel';

type Panel = MainAreaWidget<ViewerPanel>;

/** Adds the command that opens panels of a kind; it gives the panel, or nothing where no path was given. */
export function addPanelCommand(
  app: JupyterFrontEnd,
  browsers: IFileBrowserFactory,
  restorer: ILayoutRestorer | null,
  kind: PanelKind,
  trans: TranslationBundle
): void {
  // JupyterLab finds what to restore by what stands before the first colon.
  const tracker = new WidgetTracker<Panel>({ namespace: `dsa110-vis-${kind.view}` });
  const label = kind.label(trans);

  const make = async (path: string): Promise<Panel> => {
    const content = new ViewerPanel({ kind, path, settings: app.serviceManager.serverSettings, trans });
    const panel = new MainAreaWidget({ content });
    panel.id = `dsa110-vis-${UUID.uuid4()}`;
    // The viewer has its own.
    panel.toolbar.hide();
    // A panel that is restored has to be known by its name before the command is done.
    await tracker.add(panel);
    return panel;
  };

  const selected = (): string | null => {
    const folder = selectedFolder(browsers, name => kind.shows(name));
    return folder && app.serviceManager.contents.localPath(folder.path);
  };

  /** Without a folder to go by: the command was called from the palette. */
  const asked = async (): Promise<string> => {
    const { value } = await InputDialog.getText({
      title: label,
      label: kind.wanted(trans),
      text: selected() ?? '',
      placeholder: 'observation.ms'
    });
    return value ?? '';
  };

  app.commands.addCommand(kind.command, {
    label,
    caption: kind.caption(trans),
    icon: args => (args.isPalette === true ? undefined : kind.icon),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          path: {
            type: 'string',
            description: trans.__('The folder, relative to the root folder of the Jupyter server, or absolute.')
          }
        }
      }
    },
    // In the context menu it shows on folders of this kind only; in the palette it asks.
    isVisible: args => args.path !== undefined || args.isPalette === true || selected() !== null,
    execute: async args => {
      const given = typeof args.path === 'string' ? args.path : args.isPalette === true ? null : selected();
      const path = tidyPath(given ?? (await asked()));
      if (path === '') {
        return undefined;
      }
      const open = tracker.find(panel => panel.content.path === path);
      const panel = open ?? (await make(path));
      if (!panel.isAttached) {
        app.shell.add(panel, 'main', { type: label });
      }
      app.shell.activateById(panel.id);
      return panel;
    }
  });

  void restorer?.restore(tracker, {
    command: kind.command,
    args: panel => ({ path: panel.content.path }),
    name: panel => panel.content.path
  });
}
