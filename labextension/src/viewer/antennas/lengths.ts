/** How many baselines there are of which length. */

import { Frame, h, listen, s, setAttributes, setText } from '../core/dom';
import { formatCount, formatMany, formatNumber } from '../core/format';
import { lengthText, roundTicks } from '../core/plane';
import { edge, frame } from '../core/plane-stage';
import type { Lengths } from './protocol';

const KILOMETRES = 1.2e4;

export class LengthsPlot {
  readonly element: HTMLElement;
  private readonly plot = h('div', { class: 'dsa-plot dsa-lengths' });
  private readonly svg = s('svg', { class: 'dsa-plane', role: 'img', focusable: 'false' });
  private readonly caption = h('div', { class: 'dsa-caption dsa-num' });
  private readonly frame: Frame;
  private lengths: Lengths | null = null;
  private rect = { x: 58, y: 12, width: 1, height: 1 };

  constructor(
    private readonly read: (text: string) => void,
    signal: AbortSignal
  ) {
    this.frame = new Frame(() => this.draw(), signal);
    this.plot.append(this.svg);
    this.element = h('div', { class: 'dsa-panel-column' }, this.plot, this.caption);
    const observer = new ResizeObserver(() => this.frame.request());
    observer.observe(this.plot);
    signal.addEventListener('abort', () => observer.disconnect());
    listen(this.plot, 'pointermove', event => this.hover(event.clientX - this.plot.getBoundingClientRect().left), signal);
    listen(this.plot, 'pointerleave', () => this.read(''), signal);
  }

  set(lengths: Lengths | null): void {
    this.lengths = lengths;
    setText(this.caption, lengths ? captionOf(lengths) : '');
    this.svg.setAttribute('aria-label', lengths ? `Histogram of baseline lengths, ${captionOf(lengths)}` : '');
    this.frame.request();
  }

  private draw(): void {
    const { lengths, plot } = this;
    const { clientWidth: width, clientHeight: height } = plot;
    if (!lengths || width === 0 || lengths.counts.length === 0) {
      this.svg.replaceChildren();
      return;
    }
    setAttributes(this.svg, { width, height, viewBox: `0 0 ${width} ${height}` });
    const rect = { x: 58, y: 12, width: Math.max(20, width - 58 - 20), height: Math.max(20, height - 12 - 44) };
    this.rect = rect;
    const { edges_m: edges, counts } = lengths;
    const [lo, hi] = this.ends();
    const most = Math.max(1, ...counts) * 1.04;
    const x = (metres: number): number => rect.x + ((metres - lo) / (hi - lo)) * rect.width;
    const y = (count: number): number => rect.y + rect.height - (count / most) * rect.height;
    const factor = hi >= KILOMETRES ? 1e3 : 1;
    const across = roundTicks(lo / factor, hi / factor, rect.width, 76).map(({ value, text }) => ({ at: x(value * factor), text }));
    const along = roundTicks(0, most, rect.height, 40)
      .filter(({ value }) => Number.isInteger(value))
      .map(({ value }) => ({ at: y(value), text: formatCount(value) }));
    const bars = counts.map((count, i) => {
      const [left, right] = [x(edges[i]!), x(edges[i + 1]!)];
      return s('rect', { class: 'dsa-bar', x: left, y: y(count), width: Math.max(0.5, right - left - 1), height: rect.y + rect.height - y(count) });
    });
    this.svg.replaceChildren(
      ...along.map(({ at }) => s('line', { class: 'dsa-grid', x1: rect.x, x2: rect.x + rect.width, y1: at, y2: at })),
      ...bars,
      frame(rect),
      ...edge(rect, 'bottom', across, `Baseline length (${factor === 1 ? 'm' : 'km'})`),
      ...edge(rect, 'left', along, 'Baselines')
    );
  }

  private ends(): [number, number] {
    const edges = this.lengths!.edges_m;
    const [lo, hi] = [edges[0]!, edges[edges.length - 1]!];
    return hi > lo ? [lo, hi] : [lo - 0.5, lo + 0.5];
  }

  private hover(px: number): void {
    const { lengths, rect } = this;
    if (!lengths) {
      return;
    }
    const [lo, hi] = this.ends();
    const metres = lo + ((px - rect.x) / rect.width) * (hi - lo);
    const bin = lengths.counts.findIndex((_, i) => metres >= lengths.edges_m[i]! && metres < lengths.edges_m[i + 1]!);
    const bars = [...this.svg.querySelectorAll('.dsa-bar')];
    bars.forEach((bar, i) => bar.classList.toggle('dsa-hovered', i === bin));
    if (bin < 0) {
      this.read('');
      return;
    }
    const [from, to] = [lengths.edges_m[bin]!, lengths.edges_m[bin + 1]!];
    const n = lengths.counts[bin]!;
    this.read(`${formatNumber(from, to - from)} to ${formatNumber(to, to - from)} m  ·  ${formatMany(n, 'baseline')}`);
  }
}

function captionOf({ counts, shortest_m: shortest, longest_m: longest }: Lengths): string {
  const n = counts.reduce((a, b) => a + b, 0);
  const ends = shortest !== null && longest !== null ? [`shortest ${lengthText(shortest)}`, `longest ${lengthText(longest)}`] : [];
  return [formatMany(n, 'baseline'), ...ends].join('  ·  ');
}
