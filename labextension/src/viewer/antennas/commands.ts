/** What the tools and keys of the viewer of the array do. */

import { copyCode } from '../core/actions';
import type { Tool } from '../core/gestures';
import type { PlaneStage } from '../core/plane-stage';
import type { Shell } from '../core/shell';
import type { Action } from './keys';
import type { ArrayMap } from './map';
import type { AntennaModel } from './model';
import { LABELS, type Tab, type Zoom } from './protocol';

export interface CommandHost {
  readonly model: AntennaModel;
  readonly shell: Shell;
  readonly map: ArrayMap;
  /** What the tab in front shows; the histogram cannot be moved. */
  stage(): PlaneStage | null;
  setTool(tool: Tool): void;
  toggleHoverCard(): void;
  /** Shows the whole of the tab in front. */
  whole(): void;
}

/** Esc: ends the nearest thing that can be ended. */
function cancel(host: CommandHost): void {
  const { shell, model } = host;
  if (host.stage()?.cancelDrag() === true || shell.dismiss()) {
    return;
  }
  if (model.state.value.selected.length > 0) {
    model.set({ selected: [] });
  } else if (model.session.value.busy) {
    void model.request('cancel');
  }
}

export function perform(action: Action, host: CommandHost): void {
  const { model, shell, map } = host;
  const { state } = model;
  const stage = host.stage();
  const cursor = (dx: number, dy: number): void => (state.value.tab === 'map' ? map.moveCursor(dx, dy) : undefined);
  const zoom = (preset: Zoom): void => {
    model.set({ zoom: preset, tab: 'map' });
    map.fit();
  };
  const tab = (name: Tab): void => model.set({ tab: name });
  const actions: Record<Action, () => void> = {
    'pan-left': () => stage?.panByShare(-0.1, 0),
    'pan-right': () => stage?.panByShare(0.1, 0),
    'pan-up': () => stage?.panByShare(0, 0.1),
    'pan-down': () => stage?.panByShare(0, -0.1),
    'cursor-left': () => cursor(-1, 0),
    'cursor-right': () => cursor(1, 0),
    'cursor-up': () => cursor(0, 1),
    'cursor-down': () => cursor(0, -1),
    act: () => map.act(false),
    'act-add': () => map.act(true),
    'zoom-in': () => stage?.zoomBy(1.5),
    'zoom-out': () => stage?.zoomBy(1 / 1.5),
    reset: () => host.whole(),
    'zoom-core': () => zoom('core'),
    'zoom-outriggers': () => zoom('outriggers'),
    log: () => model.set({ scale: state.value.scale === 'log' ? 'linear' : 'log' }),
    labels: () => model.set({ labels: LABELS[(LABELS.indexOf(state.value.labels) + 1) % LABELS.length]! }),
    'tab-map': () => tab('map'),
    'tab-uv': () => tab('uv'),
    'tab-lengths': () => tab('lengths'),
    'tool-pan': () => host.setTool('pan'),
    'tool-zoom': () => host.setTool('zoom'),
    'hover-card': () => host.toggleHoverCard(),
    side: () => shell.toggleSide(),
    full: () => shell.setFull(!shell.full),
    save: () => shell.toolbar.openMenu('save'),
    copy: () => void copyCode(model),
    clear: () => model.set({ selected: [] }),
    help: () => shell.toggleHelp(),
    cancel: () => cancel(host)
  };
  actions[action]();
}
