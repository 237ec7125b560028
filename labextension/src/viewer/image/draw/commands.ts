/** What the keys of the drawing do. */

import type { KeyLike } from '../../core/keymap';
import type { Store } from '../../core/store';
import type { Plate } from '../plate';
import type { Canvas } from './canvas';
import type { Editing } from './editing';
import type { Edits } from './edits';
import { ARROWS, type DrawAction, PLAIN, WITH_CTRL } from './keys';
import type { DrawModel, Kit, Mode } from './kit';
import { boundsOf, type Region } from './shapes';
import type { Sketch } from './sketch';
import type { Layer, ToolName } from './tools';

export interface CommandHost {
  readonly plate: Plate;
  readonly model: DrawModel;
  readonly kit: Store<Kit>;
  readonly edits: Edits;
  readonly editing: Editing;
  readonly sketch: Sketch;
  readonly canvas: Canvas;
  readonly layer: Layer;
  selected(): readonly Region[];
  setTool(name: ToolName | null): void;
  setLayer(layer: Layer): void;
  setMode(mode: Mode): void;
  say(text: string): void;
}

const LEAST_RADIUS = 0.5;
const MOST_RADIUS = 2000;
/** How far the arrow keys move what is selected, in pixels: alone, and with Shift. */
const NUDGE = [1, 10] as const;
/** Reach of the cross-hair around lines, in pixels of the screen. */
const REACH = 6;

/** What a key asks for; `null`: nothing, it is somebody else's. */
export function actionOf(event: KeyLike): DrawAction | null {
  if (event.ctrlKey || event.metaKey) {
    return event.altKey ? null : (WITH_CTRL[event.key] ?? null);
  }
  if (event.key in ARROWS) {
    return event.altKey ? null : 'arrow';
  }
  const isLetter = event.key.length === 1;
  return PLAIN[event.key] ?? (isLetter ? PLAIN[event.key.toLowerCase()] : null) ?? null;
}

/** Says whether the key is used up. */
export function perform(action: DrawAction, host: CommandHost, event: KeyLike): boolean {
  const { editing, sketch, edits, kit } = host;
  const isRegions = host.layer === 'regions';
  /** Something that always uses the key up. */
  const always = (act: () => void) => (): boolean => {
    act();
    return true;
  };
  const held = { other: event.altKey };
  const actions: Record<DrawAction, () => boolean> = {
    add: always(() => host.setMode('add')),
    exclude: () => (isRegions && kit.value.tool === 'select' && editing.toggleInclude()) || exclude(host),
    intersect: always(() => host.setMode('intersect')),
    layer: always(() => host.setLayer(isRegions ? 'mask' : 'regions')),
    smaller: () => resize(host, false),
    larger: () => resize(host, true),
    next: always(() => step(host, 1)),
    before: always(() => step(host, -1)),
    undo: always(() => sketch.back() || undo(host)),
    redo: always(() => void edits.redo()),
    all: always(() => {
      host.setTool('select');
      editing.selectAll();
    }),
    copy: () => isRegions && editing.copy(),
    cut: () => isRegions && editing.cut(),
    paste: () => isRegions && editing.paste(),
    remove: () => sketch.back() || (isRegions && editing.remove()),
    act: () => (kit.value.tool === 'select' ? selectAtCross(host) : sketch.act(held)),
    cancel: () => giveUp(host),
    arrow: () => arrow(host, event)
  };
  return actions[action]();
}

function exclude(host: CommandHost): boolean {
  const isOn = host.kit.value.mode === 'subtract';
  host.setMode(isOn && host.layer === 'regions' ? 'add' : 'subtract');
  return true;
}

function undo({ editing, edits }: CommandHost): void {
  editing.settle();
  void edits.undo();
}

function resize(host: CommandHost, larger: boolean): boolean {
  const { tool, radius } = host.kit.value;
  if (tool !== 'brush' && tool !== 'eraser') {
    return false;
  }
  const next = larger ? Math.max(radius + 0.5, radius * 1.25) : Math.min(radius - 0.5, radius / 1.25);
  const rounded = Math.round(Math.min(MOST_RADIUS, Math.max(LEAST_RADIUS, next)) * 2) / 2;
  host.kit.patch({ radius: rounded });
  host.say(`Brush of ${rounded} pixels`);
  return true;
}

/** Selects the next region; tells if that is out of view. */
function step(host: CommandHost, by: 1 | -1): void {
  host.setTool('select');
  host.editing.step(by);
  const [region] = host.selected();
  const { x0, x1, y0, y1 } = host.plate.span();
  const bounds = region && boundsOf(region);
  if (bounds && (bounds.x1 < x0 || bounds.x0 > x1 || bounds.y1 < y0 || bounds.y0 > y1)) {
    host.model.onNotice({ level: 'info', text: 'The selected region is out of view.' });
  }
}

function selectAtCross({ plate, canvas, editing }: CommandHost): boolean {
  const region = plate.at && canvas.regions.index.at(plate.at, REACH / plate.scale);
  if (region) {
    editing.select([region.id]);
  }
  return region !== null;
}

/** Esc: the shape that is being drawn, else the drag, else the selection. */
function giveUp(host: CommandHost): boolean {
  const { sketch, editing, layer, model } = host;
  if (sketch.cancel()) {
    host.say('Given up');
    return true;
  }
  if (editing.isDragging) {
    return editing.cancel();
  }
  if (layer === 'regions' && model.state.value.selected.length > 0) {
    editing.settle();
    editing.select([]);
    return true;
  }
  return false;
}

/** Moves what is selected; else the picture moves its cross-hair, and the shape follows that. */
function arrow(host: CommandHost, { key, shiftKey }: KeyLike): boolean {
  const { kit, editing, sketch } = host;
  const { x, y } = ARROWS[key]!;
  if (kit.value.tool === 'select' && host.selected().length > 0) {
    const size = NUDGE[shiftKey ? 1 : 0];
    return editing.nudge(x * size, y * size);
  }
  if (shiftKey) {
    sketch.follow();
  }
  return false;
}
