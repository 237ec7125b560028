/** What the tools and keys of the raster viewer do. */

import { copyCode } from '../core/actions';
import type { Tool } from '../core/gestures';
import type { Plot } from '../core/plot';
import type { Player } from '../core/player';
import type { Shell } from '../core/shell';
import type { Action } from './keys';
import type { RasterModel } from './model';

export interface CommandHost {
  readonly model: RasterModel;
  readonly shell: Shell;
  readonly plot: Plot;
  readonly player: Player;
  setTool(tool: Tool): void;
  clearSelection(): void;
  toggleHoverCard(): void;
}

/** Esc: ends the nearest thing that can be ended. */
function cancel({ plot, shell, player, model }: CommandHost): void {
  if (!plot.cancelDrag() && !shell.dismiss() && !player.stop() && model.session.value.busy) {
    void model.request('cancel');
  }
}

export function perform(action: Action, host: CommandHost): void {
  const { plot, shell, player, model } = host;
  const { interaction } = plot;
  const actions: Record<Action, () => void> = {
    'pan-left': () => interaction.panByShare(-0.1, 0),
    'pan-right': () => interaction.panByShare(0.1, 0),
    'pan-up': () => interaction.panByShare(0, 0.1),
    'pan-down': () => interaction.panByShare(0, -0.1),
    'cursor-left': () => interaction.moveCursor(-1, 0),
    'cursor-right': () => interaction.moveCursor(1, 0),
    'cursor-up': () => interaction.moveCursor(0, 1),
    'cursor-down': () => interaction.moveCursor(0, -1),
    act: () => interaction.actAtCursor(false),
    'act-add': () => interaction.actAtCursor(true),
    'zoom-in': () => interaction.zoomBy(1.5),
    'zoom-out': () => interaction.zoomBy(1 / 1.5),
    reset: () => interaction.reset(),
    'tool-pan': () => host.setTool('pan'),
    'tool-zoom': () => host.setTool('zoom'),
    'tool-box': () => host.setTool('box'),
    'tool-point': () => host.setTool('point'),
    previous: () => player.step(-1),
    next: () => player.step(1),
    play: () => player.toggle(),
    'hover-card': () => host.toggleHoverCard(),
    side: () => shell.toggleSide(),
    full: () => shell.setFull(!shell.full),
    save: () => shell.toolbar.openMenu('save'),
    copy: () => void copyCode(model),
    clear: () => host.clearSelection(),
    help: () => shell.toggleHelp(),
    cancel: () => cancel(host)
  };
  actions[action]();
}
