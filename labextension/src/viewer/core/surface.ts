/** The canvas that tiles are drawn on: the renderer, and what replaces it when it is lost. */

import { CanvasRenderer } from './canvas-renderer';
import { h } from './dom';
import { GLRenderer } from './gl-renderer';
import type { ColourScale, PanelPicture, Renderer } from './renderer';
import type { Tile } from './tiles';

export class Surface {
  private renderer: Renderer;

  constructor(
    private readonly redraw: () => void,
    private readonly signal: AbortSignal
  ) {
    this.renderer =
      GLRenderer.create(makeCanvas(), redraw, () => this.fallBack()) ?? new CanvasRenderer(makeCanvas());
    signal.addEventListener('abort', () => this.renderer.dispose());
  }

  /** Another one when the renderer is replaced: it then takes the place of the old one in the page. */
  get canvas(): HTMLCanvasElement {
    return this.renderer.canvas;
  }

  get kind(): string {
    return this.renderer.kind;
  }

  get ratio(): number {
    return window.devicePixelRatio || 1;
  }

  draw(width: number, height: number, panels: readonly PanelPicture[], colours: ColourScale): void {
    this.renderer.resize(width, height, this.ratio);
    this.renderer.draw(panels, colours);
  }

  forget(tile: Tile): void {
    this.renderer.forget(tile);
  }

  /** The browser took the WebGL context for good (it has few): go on without. */
  private fallBack(): void {
    if (this.signal.aborted || this.renderer.kind === 'canvas2d') {
      return;
    }
    const old = this.renderer;
    this.renderer = new CanvasRenderer(makeCanvas());
    old.canvas.replaceWith(this.renderer.canvas);
    old.dispose();
    this.redraw();
  }
}

function makeCanvas(): HTMLCanvasElement {
  return h('canvas', { class: 'dsa-canvas', 'aria-hidden': 'true' });
}
