/** The canvas and the SVG over it, in one size. */

import { h } from './dom';
import { Overlay } from './overlay';
import type { ColourScale, PanelPicture } from './renderer';
import { Surface } from './surface';
import type { Tile } from './tiles';

export class Screen {
  readonly element = h('div', { class: 'dsa-plot' });
  readonly overlay = new Overlay();
  width = 0;
  height = 0;
  private readonly surface: Surface;

  constructor(redraw: () => void, signal: AbortSignal) {
    this.surface = new Surface(redraw, signal);
    this.element.append(this.surface.canvas, this.overlay.element);
  }

  get kind(): string {
    return this.surface.kind;
  }

  get ratio(): number {
    return this.surface.ratio;
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
    this.surface.draw(this.width, this.height, panels, colours);
  }

  forget(tile: Tile): void {
    this.surface.forget(tile);
  }
}
