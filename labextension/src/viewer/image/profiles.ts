/** The row, the column and the spectrum through a pixel, or what is along a line or in a region, as curves. */

import { float32s, float64s } from '../core/buffers';
import { h, setText } from '../core/dom';
import { button } from '../core/fields';
import { LinePlot } from '../core/line-plot';
import { isAbort } from '../core/transport';
import type { Point } from '../core/view';
import type { ImageModel } from './model';
import type { ImageInfo, ProfileResult, RegionInfo } from './protocol';
import type { ShownUnit } from './units';

/** What to ask for: through a pixel, or of a region. */
export type ProfileWish = { kind: 'row' | 'column' | 'spectrum'; x: number; y: number } | { kind: 'line' | 'spectrum'; id: string };

/** The row, the column and, in a cube, the spectrum. */
export function throughPixel({ x, y }: Point, { n_channels: n }: ImageInfo): ProfileWish[] {
  return (['row', 'column', ...(n > 1 ? (['spectrum'] as const) : [])] as const).map(kind => ({ kind, x, y }));
}

/** What there is of a region: along a line, or the spectrum of an area in a cube; `null`: nothing. */
export function ofRegion(region: RegionInfo | null, image: ImageInfo | null): ProfileWish | null {
  if (!region || !image) {
    return null;
  }
  const isLine = region.shape === 'line' || region.shape === 'polyline';
  const hasSpectrum = image.n_channels > 1 && region.shape !== 'point';
  return isLine ? { kind: 'line', id: region.id } : hasSpectrum ? { kind: 'spectrum', id: region.id } : null;
}

export interface ProfileHost {
  /** Takes those through the pixel of the cross-hair. */
  here(): void;
  /** Takes that of the selected region. */
  region(): void;
  /** Says what a curve has at the pointer. */
  read(text: string): void;
}

export class Profiles {
  readonly element = h('div', { class: 'dsa-profiles' });
  private readonly body = h('div', { class: 'dsa-profile-plots' });
  private readonly along: HTMLButtonElement;
  private plots: LinePlot[] = [];
  private running: AbortController | null = null;

  constructor(
    private readonly model: ImageModel,
    private readonly host: ProfileHost,
    signal: AbortSignal
  ) {
    const take = button({ label: 'Profiles at the cross-hair', text: 'At the cross-hair', key: 'v', name: 'profiles', class: 'dsa-text-button' }, () => host.here(), signal);
    this.along = button({ label: 'Profile of the selected region', text: 'Along the line', name: 'profile-region', class: 'dsa-text-button' }, () => host.region(), signal);
    this.element.append(h('div', { class: 'dsa-buttons' }, take, this.along), this.body);
    this.body.append(h('p', { class: 'dsa-hint' }, 'Row, column and spectrum through a pixel: point at it and press v. Along a line that is drawn: select it.'));
    const observer = new ResizeObserver(() => this.plots.forEach(plot => plot.resize(this.width)));
    observer.observe(this.element);
    signal.addEventListener('abort', () => {
      observer.disconnect();
      this.clear();
    });
  }

  /** What the selected region offers. */
  offer(wish: ProfileWish | null): void {
    this.along.disabled = wish === null;
    setText(this.along, wish?.kind === 'spectrum' ? 'In the region' : 'Along the line');
    this.along.title = wish?.kind === 'spectrum' ? 'Spectrum of the selected region' : wish ? 'Profile along the selected line' : 'Select a line, or in a cube a region';
  }

  /** Asks for curves; says whether they are there now. */
  async take(wishes: readonly ProfileWish[], image: ImageInfo, unit: ShownUnit): Promise<boolean> {
    this.running?.abort();
    const running = new AbortController();
    this.running = running;
    const plots: LinePlot[] = [];
    try {
      await this.model.settled();
      for (const wish of wishes) {
        const { result, buffers } = await this.model.transport.request<ProfileResult>('profile', wish, { signal: running.signal });
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
    return new LinePlot(options, Array.from(x), values, this.width, text => this.host.read(text));
  }
}
