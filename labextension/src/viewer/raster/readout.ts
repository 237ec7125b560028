/** What is under the pointer: at once from the tile, exactly from the kernel a moment later. */

import type { Axis } from '../core/axis';
import { formatPercent, formatValue } from '../core/format';
import type { HoverCard, Line } from '../core/hover-card';
import type { Hover } from '../core/plot';
import type { StatusLine } from '../core/states';
import { isAbort, type Transport } from '../core/transport';
import type { Picture, Probe } from './protocol';

/** Milliseconds between two questions to the kernel. */
const PACE = 60;

export interface ReadoutScene {
  picture: Picture;
  x: Axis;
  y: Axis;
}

export class Readout {
  private hover: Hover | null = null;
  private scene: ReadoutScene | null = null;
  private asked = '';
  private answer: { key: string; probe: Probe } | null = null;
  private controller: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private last = 0;

  constructor(
    private readonly transport: Transport,
    private readonly card: HoverCard,
    private readonly status: StatusLine,
    private readonly stage: HTMLElement,
    private readonly signal: AbortSignal
  ) {
    signal.addEventListener('abort', () => this.forget());
  }

  setScene(scene: ReadoutScene | null): void {
    if (scene?.picture.generation !== this.scene?.picture.generation) {
      this.forget();
      this.answer = null;
    }
    this.scene = scene;
  }

  show(hover: Hover | null, dragging: boolean): void {
    this.hover = hover;
    const { scene } = this;
    if (!hover || !scene) {
      this.forget();
      this.card.hide();
      this.status.read('');
      return;
    }
    const key = keyOf(scene, hover);
    if (this.answer?.key !== key) {
      this.status.read(`${place(scene, hover)}  ·  ${localValue(scene, hover)}`);
    }
    this.draw(dragging);
    if (key !== this.asked && !dragging) {
      this.asked = key;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.ask(key), Math.max(0, this.last + PACE - performance.now()));
    }
  }

  /** Draws the card anew: it was switched on or off. */
  refresh(): void {
    this.draw(false);
  }

  private draw(dragging: boolean): void {
    const { hover, scene, answer } = this;
    if (!hover || !scene || dragging) {
      this.card.hide();
      return;
    }
    const known = answer?.key === keyOf(scene, hover) ? answer.probe : null;
    const lines: Line[] = known
      ? [[scene.picture.quantity_label, known.value_text], ...known.lines]
      : [
          [scene.picture.quantity_label, localValue(scene, hover)],
          [scene.x.info.label, scene.x.textOf(hover.cell.x)],
          [scene.y.info.label, scene.y.textOf(hover.cell.y)]
        ];
    this.card.show(hover.at, lines, this.stage);
  }

  private async ask(key: string): Promise<void> {
    const { hover, scene } = this;
    if (!hover || !scene) {
      return;
    }
    this.controller?.abort();
    const controller = new AbortController();
    this.controller = controller;
    this.last = performance.now();
    const { generation } = scene.picture;
    try {
      const { result } = await this.transport.request<Probe>(
        'probe',
        { generation, iteration: hover.panel.iteration, ix: hover.cell.x, iy: hover.cell.y },
        { signal: controller.signal }
      );
      if (this.signal.aborted || this.asked !== key || !this.scene || !this.hover) {
        return;
      }
      this.answer = { key, probe: result };
      const flagged = result.flagged > 0 ? `  ·  ${formatPercent(result.flagged_pct)} flagged` : '';
      this.status.read(`${place(scene, hover)}  ·  ${result.value_text}${flagged}`);
      this.draw(false);
    } catch (error) {
      // Without an exact answer the value of the tile stays; what it means to be offline is told elsewhere.
      if (!isAbort(error)) {
        this.asked = '';
      }
    }
  }

  private forget(): void {
    clearTimeout(this.timer);
    this.controller?.abort();
    this.controller = null;
    this.asked = '';
  }
}

function keyOf({ picture }: ReadoutScene, { panel, cell }: Hover): string {
  return `${picture.generation}/${panel.iteration}/${cell.x},${cell.y}`;
}

function place({ x, y }: ReadoutScene, { cell }: Hover): string {
  return `${x.textOf(cell.x)}  ·  ${y.textOf(cell.y)}`;
}

function localValue({ picture }: ReadoutScene, { value, flagged, exact }: Hover): string {
  const about = exact ? '' : '≈ ';
  if (!Number.isNaN(value)) {
    return `${about}${formatValue(value, picture.unit)}`;
  }
  return Number.isNaN(flagged) ? 'no data' : `${about}${formatValue(flagged, picture.unit)} (flagged)`;
}
