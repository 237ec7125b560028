/** What the tools and keys of the image viewer do. */

import { copyCode } from '../core/actions';
import type { Tool } from '../core/gestures';
import type { Player } from '../core/player';
import type { Shell } from '../core/shell';
import type { Action } from './keys';
import type { ImageModel } from './model';
import type { Picture } from './picture';

export interface CommandHost {
  readonly model: ImageModel;
  readonly shell: Shell;
  readonly picture: Picture;
  /** Steps through channels, or through Stokes parameters where there is one channel. */
  readonly player: Player;
  setTool(tool: Tool): void;
  toggleHoverCard(): void;
  takeProfiles(): void;
  toggleBlink(): void;
}

/** Esc: ends the nearest thing that can be ended. */
function cancel({ picture, shell, player, model }: CommandHost): void {
  if (!picture.cancelDrag() && !shell.dismiss() && !player.stop() && model.session.value.busy) {
    void model.request('cancel');
  }
}

export function perform(action: Action, host: CommandHost): void {
  const { picture, shell, player, model } = host;
  const { stage } = picture;
  const { value: state } = model.state;
  const nothing = (): void => undefined;
  // A pixel, or what can be seen as a step where pixels are too small for that.
  const step = Math.max(1, Math.floor(2 / picture.scale));
  const actions: Record<Action, () => void> = {
    'pan-left': () => stage.panByShare(-0.1, 0),
    'pan-right': () => stage.panByShare(0.1, 0),
    'pan-up': () => stage.panByShare(0, 0.1),
    'pan-down': () => stage.panByShare(0, -0.1),
    'cursor-left': () => picture.moveCursor(-step, 0),
    'cursor-right': () => picture.moveCursor(step, 0),
    'cursor-up': () => picture.moveCursor(0, step),
    'cursor-down': () => picture.moveCursor(0, -step),
    act: nothing,
    'act-add': nothing,
    'zoom-in': () => picture.zoomBy(1.5),
    'zoom-out': () => picture.zoomBy(1 / 1.5),
    reset: () => picture.fit(),
    one: () => stage.setScale(1 / picture.ratio),
    'tool-pan': () => host.setTool('pan'),
    'tool-zoom': () => host.setTool('zoom'),
    grid: () => model.set({ grid: !state.grid }),
    contours: () => model.set({ contours: !state.contours }),
    invert: () => model.set({ invert: !state.invert }),
    blink: () => host.toggleBlink(),
    profiles: () => host.takeProfiles(),
    previous: () => player.step(-1),
    next: () => player.step(1),
    play: () => player.toggle(),
    'hover-card': () => host.toggleHoverCard(),
    side: () => shell.toggleSide(),
    full: () => shell.setFull(!shell.full),
    save: () => shell.toolbar.openMenu('save'),
    copy: () => void copyCode(model),
    clear: nothing,
    help: () => shell.toggleHelp(),
    cancel: () => cancel(host)
  };
  actions[action]();
}
