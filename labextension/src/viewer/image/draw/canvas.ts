/** The canvas between the picture and its overlay: the mask, and the regions over it. */

import type { Plate } from '../plate';
import { levelFor } from '../tiles';
import type { DrawModel } from './kit';
import { MaskPaint } from './mask-paint';
import { MaskTiles } from './mask-tiles';
import { RegionLayer } from './region-layer';
import type { Region } from './shapes';

export interface CanvasScene {
  /** Regions that look otherwise than the kernel has told. */
  overrides: ReadonlyMap<string, Region>;
  /** Regions that the kernel does not know yet. */
  coming: readonly Region[];
}

export class Canvas {
  readonly regions: RegionLayer;
  private readonly tiles: MaskTiles;
  private readonly mask: MaskPaint;

  constructor(
    private readonly plate: Plate,
    private readonly model: DrawModel,
    arrived: () => void,
    signal: AbortSignal
  ) {
    this.regions = new RegionLayer(plate, signal);
    const changed = (): void => {
      arrived();
      plate.request();
    };
    this.tiles = new MaskTiles(model.transport, { changed, failed: error => model.failed(error) }, signal);
    this.mask = new MaskPaint(plate, this.tiles);
    this.update();
  }

  /** Whether all that is seen of the mask is as the kernel has it. */
  get isMaskThere(): boolean {
    return this.tiles.missing === 0;
  }

  /** Another image, or another state of its mask. */
  update(): void {
    const { image, mask } = this.model.session.value;
    this.tiles.set(image, mask);
    this.ask();
  }

  draw({ overrides, coming }: CanvasScene): void {
    const { plate, model } = this;
    const { image } = model.session.value;
    const { show_mask: showsMask, show_regions: showsRegions, selected } = model.state.value;
    this.ask();
    const { maskCanvas: canvas } = plate;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(plate.width * ratio), Math.round(plate.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    canvas.style.width = `${plate.width}px`;
    canvas.style.height = `${plate.height}px`;
    const context = canvas.getContext('2d');
    if (!context || !image) {
      return;
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (showsMask) {
      this.mask.draw(context, image.levels, ratio);
    }
    if (showsRegions) {
      const shown = { channel: image.plane % image.n_channels, stokes: image.stokes[Math.floor(image.plane / image.n_channels)] ?? '' };
      this.regions.draw(context, { selected, overrides, coming, shown }, ratio);
    }
  }

  private ask(): void {
    const { image } = this.model.session.value;
    if (image && this.plate.width > 0 && this.model.state.value.show_mask) {
      this.tiles.want(this.plate.span(), levelFor(this.plate.scale * (window.devicePixelRatio || 1), image.levels));
    }
  }
}
