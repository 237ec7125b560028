/** The row, the column and the spectrum through a pixel, as curves. */

import { float32s, float64s } from '../core/buffers';
import { h } from '../core/dom';
import { button } from '../core/fields';
import { LinePlot } from '../core/line-plot';
import { isAbort } from '../core/transport';
import type { Point } from '../core/view';
import type { ImageModel } from './model';
import type { ImageInfo, ProfileResult } from './protocol';
import type { ShownUnit } from './units';

type Kind = 'row' | 'column' | 'spectrum';

export class Profiles {
  readonly element = h('div', { class: 'dsa-profiles' });
  private readonly body = h('div', { class: 'dsa-profile-plots' });
  private plots: LinePlot[] = [];
  private running: AbortController | null = null;

  /** `here` gives the pixel of the cross-hair. */
  constructor(
    private readonly model: ImageModel,
    here: () => void,
    private readonly read: (text: string) => void,
    signal: AbortSignal
  ) {
    const take = button({ label: 'Profiles at the cross-hair', text: 'At the cross-hair', key: 'v', name: 'profiles', class: 'dsa-text-button' }, here, signal);
    this.element.append(take, this.body);
    this.body.append(h('p', { class: 'dsa-hint' }, 'Row, column and spectrum through a pixel: point at it and press v.'));
    const observer = new ResizeObserver(() => this.plots.forEach(plot => plot.resize(this.width)));
    observer.observe(this.element);
    signal.addEventListener('abort', () => {
      observer.disconnect();
      this.clear();
    });
  }

  /** Asks for the curves through a pixel; says whether they are there now. */
  async take({ x, y }: Point, image: ImageInfo, unit: ShownUnit): Promise<boolean> {
    this.running?.abort();
    const running = new AbortController();
    this.running = running;
    const kinds: Kind[] = ['row', 'column', ...(image.n_channels > 1 ? (['spectrum'] as const) : [])];
    const plots: LinePlot[] = [];
    try {
      for (const kind of kinds) {
        const { result, buffers } = await this.model.transport.request<ProfileResult>('profile', { kind, x, y }, { signal: running.signal });
        const n = (buffers[0]?.byteLength ?? 0) / 8;
        const [xs, ys] = [float64s(buffers[0], n), float32s(buffers[1], n)];
        if (xs && ys && n > 0) {
          plots.push(this.plot(result, xs, ys, image, unit));
        }
      }
    } catch (error) {
      plots.forEach(plot => plot.destroy());
      if (!isAbort(error)) {
        this.model.failed(error);
      }
      return false;
    }
    if (this.running !== running) {
      plots.forEach(plot => plot.destroy());
      return false;
    }
    this.clear();
    this.plots = plots;
    this.body.replaceChildren(...plots.map(plot => plot.element));
    return true;
  }

  /** Another image: these curves are not of it. */
  clear(): void {
    this.running?.abort();
    this.plots.forEach(plot => plot.destroy());
    this.plots = [];
    this.body.replaceChildren();
  }

  private get width(): number {
    return Math.max(120, this.body.clientWidth);
  }

  private plot(result: ProfileResult, x: Float64Array, y: Float32Array, image: ImageInfo, { unit, factor }: ShownUnit): LinePlot {
    const values = Array.from(y, v => (Number.isNaN(v) ? null : v * factor));
    const options = {
      title: image.quantity,
      heading: `${result.title}${unit ? ` (${unit})` : ''}`,
      unit,
      x: { kind: 'number', label: result.x_label, unit: result.x_unit ?? '' }
    } as const;
    return new LinePlot(options, Array.from(x), values, this.width, this.read);
  }
}
