/** Colours, limits and unit of the plane that is shown: on the picture, on the colour bar and on the histogram. */

import type { ColourBar } from '../core/colourbar';
import type { HistogramPanel } from '../core/histogram';
import type { Histogram, Limits } from '../core/stretch';
import { ColourMaker, limitsOf } from './colours';
import { Latest } from './latest';
import type { ImageModel } from './model';
import type { Picture } from './picture';
import type { HistogramResult, ImageInfo } from './protocol';
import { type ShownUnit, shownUnit } from './units';

export interface LooksParts {
  picture: Picture;
  bar: ColourBar;
  histogram: HistogramPanel;
}

export class Looks {
  /** Holds as long as the image does: limits that are dragged change no unit. */
  unit: ShownUnit = { unit: '', factor: 1 };
  limits: Limits | null = null;
  unknown: readonly string[] = [];
  private readonly maker = new ColourMaker();
  private readonly latest: Latest<HistogramResult>;
  private image: ImageInfo | null = null;
  private histogram: Histogram | null = null;

  constructor(
    private readonly model: ImageModel,
    private readonly parts: LooksParts,
    signal: AbortSignal
  ) {
    this.latest = new Latest<HistogramResult>(
      model,
      { op: 'histogram', delay: 0 },
      (answer, params) => {
        this.setHistogram(answer?.result ?? null, params);
        this.show();
      },
      signal
    );
  }

  setImage(image: ImageInfo | null): void {
    const old = this.image;
    this.image = image;
    if (!image) {
      this.setHistogram(null, {});
      this.latest.want('', {});
      return;
    }
    if (old?.generation !== image.generation) {
      const [lo, hi] = image.limits;
      this.unit = shownUnit(image.unit, Math.max(Math.abs(lo), Math.abs(hi)));
    }
    this.wantHistogram(image);
  }

  /** Of the values around the limits: the brightest source would push all others, and both handles, to one end. */
  private wantHistogram({ generation, plane, limits: found }: ImageInfo): void {
    const { limits: own, limits_mode: mode } = this.model.state.value;
    const [lo, hi] = (mode === 'manual' ? own : null) ?? found;
    const width = 2 ** Math.ceil(Math.log2(hi - lo));
    const from = Math.floor(lo / width) * width;
    const edges: Partial<Window> = Number.isFinite(width) && width > 0 ? { lo: from - width, hi: from + 3 * width } : {};
    this.latest.want(`${generation}/${plane}/${Object.values(edges).join()}`, { generation, plane, ...edges });
  }

  /** Everything that has colours gets them. */
  show(): void {
    const { image, unit, histogram } = this;
    const { picture, bar, histogram: panel } = this.parts;
    if (!image) {
      this.limits = null;
      bar.set(null);
      picture.setColours(null);
      return;
    }
    const { value: state } = this.model.state;
    const colours = this.maker.make(state, image, histogram);
    const { limits, cdf } = colours.scale;
    this.limits = limitsOf(state, image);
    this.unknown = colours.unknown;
    picture.setColours(colours.scale);
    const shown = scaled(limits, unit);
    bar.set({
      limits: shown,
      stretch: colours.stretch,
      cdf,
      colormap: colours.colormap,
      flaggedColormap: null,
      title: unit.unit ? `${image.quantity} (${unit.unit})` : image.quantity,
      unit: unit.unit
    });
    panel.setLimits(shown);
    panel.setColours(colours.colormap, colours.stretch, cdf);
  }

  /** Limits as they stand on the histogram, moved by hand. */
  drag([lo, hi]: Limits, done: boolean): void {
    const { factor } = this.unit;
    const change = { limits_mode: 'manual', limits: [lo / factor, hi / factor] as const };
    if (done) {
      this.model.set(change);
      if (this.image) {
        this.wantHistogram(this.image);
      }
    } else {
      this.model.preview(change);
    }
  }

  private setHistogram(histogram: Histogram | null, window: Partial<Window>): void {
    this.histogram = histogram;
    const part = histogram && within(histogram, window);
    this.parts.histogram.set(part && { edges: scaled(part.edges, this.unit), counts: part.counts });
  }
}

interface Window {
  lo: number;
  hi: number;
}

/** The bins that lie in a window. */
export function within({ edges, counts }: Histogram, { lo = -Infinity, hi = Infinity }: Partial<Window>): Histogram {
  const width = (edges[1] - edges[0]) / counts.length;
  const first = Math.max(0, Math.floor((lo - edges[0]) / width));
  const last = Math.min(counts.length, Math.ceil((hi - edges[0]) / width));
  return last - first < 2 ? { edges, counts } : { edges: [edges[0] + first * width, edges[0] + last * width], counts: counts.slice(first, last) };
}

function scaled([lo, hi]: Limits, { factor }: ShownUnit): Limits {
  return [lo * factor, hi * factor];
}
