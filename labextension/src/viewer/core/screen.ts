/** The canvas and the SVG over it, in one size; the renderer, and what replaces it when it is lost. */

import { CanvasRenderer } from './canvas-renderer';
import { h } from './dom';
import { GLRenderer } from './gl-renderer';
import { Overlay } from './overlay';
import type { ColourScale, PanelPicture, Renderer } from './renderer';
import type { Tile } from './tiles';

export class Screen {
  readonly element = h('div', { class: 'dsa-plot' });
  readonly overlay = new Overlay();
  width = 0;
  height = 0;
  private renderer: Renderer;

  constructor(
    private readonly redraw: () => void,
    private readonly signal: AbortSignal
  ) {
    this.renderer =
      GLRenderer.create(makeCanvas(), redraw, () => this.fallBack()) ?? new CanvasRenderer(makeCanvas());
    this.element.append(this.renderer.canvas, this.overlay.element);
    signal.addEventListener('abort', () => this.renderer.dispose());
  }

  get kind(): string {
    return this.renderer.kind;
  }

  get ratio(): number {
    return window.devicePixelRatio || 1;
  }

  /** Takes the size of the element; says whether it has one. */
  measure(): boolean {
    const { clientWidth, clientHeight } = this.element;
    if (clientWidth === 0 || clientHeight === 0) {
      return false;
    }
    this.width = clientWidth;
    this.height = clientHeight;
    this.overlay.resize(clientWidth, clientHeight);
    return true;
  }

  draw(panels: readonly PanelPicture[], colours: ColourScale): void {
    this.renderer.resize(this.width, this.height, this.ratio);
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
