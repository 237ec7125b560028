/** A histogram with two limits that can be dragged, or moved by the arrow keys. */

import { cssColours } from './colormaps';
import { h, listen, s, setAttributes, uid } from './dom';
import { formatNumber } from './format';
import { type Histogram, type Limits, normalise, type Stretch, unstretch } from './stretch';

export interface HistogramHost {
  /** While dragging (`done` false) and at its end. */
  limits(limits: Limits, done: boolean): void;
  /** Back to automatic limits. */
  auto(): void;
}

const HEIGHT = 66;
const STRIP = 8;
/** Pixels at the sides, so that handles at the ends can be gripped. */
const PAD = 7;

export class HistogramPanel {
  readonly element: HTMLElement;
  private readonly svg: SVGSVGElement;
  private readonly bars = s('path', { class: 'dsa-bars' });
  private readonly strip: SVGRectElement;
  private readonly gradient = s('linearGradient', { id: uid('strip') });
  private readonly shade = [s('rect', { class: 'dsa-shade' }), s('rect', { class: 'dsa-shade' })] as const;
  private readonly handles: readonly [SVGGElement, SVGGElement];
  private readonly range = h('div', { class: 'dsa-histogram-range dsa-num' });
  private histogram: Histogram | null = null;
  private limits: Limits = [0, 1];
  private colours = { colormap: 'viridis', stretch: 'linear' as Stretch, cdf: null as Float32Array | null };
  private width = 220;
  /** The span a drag began with: it must not change under the hand. */
  private held: Limits | null = null;

  constructor(
    private readonly host: HistogramHost,
    signal: AbortSignal
  ) {
    this.strip = s('rect', { fill: `url(#${this.gradient.id})` });
    this.handles = [this.makeHandle(0, signal), this.makeHandle(1, signal)];
    this.svg = s(
      'svg',
      { class: 'dsa-histogram-plot', height: HEIGHT + STRIP + 2 },
      s('defs', {}, this.gradient),
      this.bars,
      ...this.shade,
      this.strip,
      ...this.handles
    );
    this.element = h('div', { class: 'dsa-histogram', role: 'group', 'aria-label': 'Histogram of the values, with colour limits' }, this.svg, this.range);
    this.svg.addEventListener('dblclick', () => host.auto(), { signal });
    const observer = new ResizeObserver(() => {
      const width = this.element.clientWidth;
      if (width > 0 && width !== this.width) {
        this.width = width;
        this.draw();
      }
    });
    observer.observe(this.element);
    signal.addEventListener('abort', () => observer.disconnect());
  }

  set(histogram: Histogram | null): void {
    this.histogram = histogram;
    this.draw();
  }

  setLimits(limits: Limits): void {
    this.limits = limits;
    this.draw();
  }

  setColours(colormap: string, stretch: Stretch, cdf: Float32Array | null): void {
    this.colours = { colormap, stretch, cdf };
    this.draw();
  }

  /** What the horizontal axis spans: the values, and the limits where they lie outside. */
  private get span(): Limits {
    if (this.held) {
      return this.held;
    }
    const [a, b] = this.histogram?.edges ?? this.limits;
    const lo = Math.min(a, this.limits[0]);
    const hi = Math.max(b, this.limits[1]);
    return hi > lo ? [lo, hi] : [lo - 0.5, hi + 0.5];
  }

  private x(value: number): number {
    return PAD + normalise(value, this.span) * (this.width - 2 * PAD);
  }

  private value(x: number): number {
    const [lo, hi] = this.span;
    return lo + (Math.min(Math.max(x - PAD, 0), this.width - 2 * PAD) / (this.width - 2 * PAD)) * (hi - lo);
  }

  private draw(): void {
    const { width, histogram } = this;
    this.element.classList.toggle('dsa-vacant', histogram === null);
    setAttributes(this.svg, { width, viewBox: `0 0 ${width} ${HEIGHT + STRIP + 2}` });
    this.bars.setAttribute('d', histogram ? this.path(histogram) : '');
    const [lo, hi] = this.limits.map(v => this.x(v)) as [number, number];
    setAttributes(this.shade[0], { x: 0, y: 0, width: Math.max(0, lo), height: HEIGHT });
    setAttributes(this.shade[1], { x: hi, y: 0, width: Math.max(0, width - hi), height: HEIGHT });
    setAttributes(this.strip, { x: lo, y: HEIGHT + 2, width: Math.max(0.5, hi - lo), height: STRIP });
    const { colormap, stretch, cdf } = this.colours;
    const colours = cssColours(colormap, 33);
    setAttributes(this.gradient, { x1: 0, x2: 1, y1: 0, y2: 0 });
    this.gradient.replaceChildren(
      ...colours.map((c, i) => s('stop', { offset: unstretch(i / 32, stretch, cdf), 'stop-color': c }))
    );
    this.handles.forEach((handle, i) => {
      const value = this.limits[i]!;
      setAttributes(handle, {
        transform: `translate(${i === 0 ? lo : hi} 0)`,
        'aria-valuenow': value,
        'aria-valuemin': this.span[0],
        'aria-valuemax': this.span[1],
        'aria-valuetext': formatNumber(value, undefined, 4)
      });
    });
    const ends = histogram?.edges;
    this.range.replaceChildren(
      h('span', {}, ends ? formatNumber(ends[0], undefined, 3) : ''),
      h('span', {}, ends ? formatNumber(ends[1], undefined, 3) : '')
    );
  }

  /** Bars in a logarithmic scale: a few outliers stay visible. */
  private path({ counts, edges }: Histogram): string {
    const most = Math.log1p(Math.max(1, ...counts));
    let d = `M${this.x(edges[0])} ${HEIGHT}`;
    counts.forEach((n, i) => {
      const step = (edges[1] - edges[0]) / counts.length;
      const y = HEIGHT - (Math.log1p(n) / most) * (HEIGHT - 6);
      d += `V${y.toFixed(1)}H${this.x(edges[0] + (i + 1) * step).toFixed(1)}`;
    });
    return `${d}V${HEIGHT}Z`;
  }

  private makeHandle(which: 0 | 1, signal: AbortSignal): SVGGElement {
    const handle = s(
      'g',
      { class: 'dsa-handle', tabindex: 0, role: 'slider', 'aria-label': which === 0 ? 'Lower limit' : 'Upper limit' },
      s('rect', { class: 'dsa-grip', x: -8, y: 0, width: 16, height: HEIGHT + STRIP + 2 }),
      s('line', { y1: 0, y2: HEIGHT + STRIP + 2 }),
      s('path', { d: which === 0 ? 'M0 0h6l-6 8z' : 'M0 0h-6l6 8z' })
    );
    let dragged: SVGGElement | null = null;
    listen(
      handle as unknown as HTMLElement,
      'pointerdown',
      event => {
        event.preventDefault();
        event.stopPropagation();
        dragged = handle;
        this.held = this.span;
        handle.setPointerCapture(event.pointerId);
        handle.focus();
      },
      signal
    );
    const move = (event: PointerEvent, done: boolean): void => {
      if (dragged) {
        const x = event.clientX - this.svg.getBoundingClientRect().left;
        this.moved(which, this.value(x), done);
      }
    };
    listen(handle as unknown as HTMLElement, 'pointermove', event => move(event, false), signal);
    listen(
      handle as unknown as HTMLElement,
      'pointerup',
      event => {
        move(event, true);
        dragged = null;
        this.held = null;
        this.draw();
      },
      signal
    );
    listen(
      handle as unknown as HTMLElement,
      'pointercancel',
      () => {
        dragged = null;
        this.held = null;
      },
      signal
    );
    listen(
      handle as unknown as HTMLElement,
      'keydown',
      event => {
        const direction = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
        if (direction) {
          event.preventDefault();
          event.stopPropagation();
          const [lo, hi] = this.span;
          this.moved(which, this.limits[which] + (direction * (hi - lo) * (event.shiftKey ? 10 : 1)) / 200, true);
        }
      },
      signal
    );
    return handle;
  }

  private moved(which: 0 | 1, value: number, done: boolean): void {
    const [lo, hi] = this.limits;
    const limits: Limits = which === 0 ? [Math.min(value, hi), hi] : [lo, Math.max(value, lo)];
    this.limits = limits;
    this.draw();
    this.host.limits(limits, done);
  }
}
