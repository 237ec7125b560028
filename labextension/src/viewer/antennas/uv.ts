/** The uv coverage: a point for each baseline and time, and its conjugate. */

import { ColourBar } from '../core/colourbar';
import { DEFAULT_COLORMAP, findColormap, lut } from '../core/colormaps';
import { h, s, setText } from '../core/dom';
import { formatCount, formatMany, formatNumber } from '../core/format';
import { lengthText, roundTicks } from '../core/plane';
import { edge, frame, PlaneStage } from '../core/plane-stage';
import type { Limits } from '../core/stretch';
import type { Point } from '../core/view';
import type { UvResult } from './protocol';

export interface UvPoints {
  result: UvResult;
  u: Float32Array;
  v: Float32Array;
  value: Float32Array;
}

/** From this extent on, lengths are in km. */
const KILOMETRES = 2e4;
/** Pixels of a point. */
const POINT = 2;
/** A grey for points without a value, as RGBA bytes of a little-endian word. */
const GREY = 0xff8c8c8c;

/** Writes points and conjugates into the pixels; the scale is in device pixels of a metre. */
export function paintPoints(pixels: Uint32Array, width: number, height: number, points: UvPoints, paint: Paint): void {
  const { u, v, value } = points;
  const { colours, limits, scale, x, y, size } = paint;
  const [lo, hi] = limits;
  const factor = hi > lo ? 255 / (hi - lo) : 0;
  const half = (size - 1) >> 1;
  for (let k = 0; k < u.length; k += 1) {
    const shade = value[k]!;
    const colour = Number.isNaN(shade) ? GREY : colours[Math.min(255, Math.max(0, Math.round((shade - lo) * factor)))]!;
    for (let sign = 1; sign >= -1; sign -= 2) {
      const left = Math.round(x + sign * u[k]! * scale) - half;
      const top = Math.round(y - sign * v[k]! * scale) - half;
      if (left >= width || top >= height || left + size <= 0 || top + size <= 0) {
        continue;
      }
      for (let row = Math.max(0, top); row < Math.min(height, top + size); row += 1) {
        for (let column = Math.max(0, left); column < Math.min(width, left + size); column += 1) {
          pixels[row * width + column] = colour;
        }
      }
    }
  }
}

export interface Paint {
  /** 256 colours as little-endian RGBA words. */
  colours: Uint32Array;
  limits: Limits;
  scale: number;
  /** Where u = v = 0 is, in device pixels. */
  x: number;
  y: number;
  size: number;
}

/** The limits of the colours: those of the kernel, or those of the values. */
export function limitsOf({ result, value }: UvPoints): Limits {
  if (result.color_range) {
    return result.color_range;
  }
  let [lo, hi] = [Infinity, -Infinity];
  for (const v of value) {
    if (v < lo) {
      lo = v;
    }
    if (v > hi) {
      hi = v;
    }
  }
  return lo <= hi ? [lo, hi] : [0, 1];
}

export class UvPlot {
  readonly element: HTMLElement;
  readonly stage: PlaneStage;
  private readonly canvas = h('canvas', { class: 'dsa-canvas', role: 'img' });
  private readonly bar = new ColourBar();
  private readonly caption = h('div', { class: 'dsa-caption dsa-num' });
  private readonly edges = s('g', { 'aria-hidden': 'true' });
  private points: UvPoints | null = null;
  private limits: Limits = [0, 1];
  private colormap = DEFAULT_COLORMAP;

  constructor(
    private readonly read: (text: string) => void,
    signal: AbortSignal
  ) {
    this.stage = new PlaneStage(
      {
        draw: () => this.draw(),
        tap: () => undefined,
        hover: at => this.hover(at),
        reset: () => this.fit(),
        bar: () => true
      },
      { top: 40, right: 64 },
      signal
    );
    this.stage.layers(this.edges);
    this.stage.element.prepend(this.canvas);
    this.stage.element.append(this.bar.element);
    this.stage.element.classList.add('dsa-uv');
    this.element = h('div', { class: 'dsa-panel-column' }, this.stage.element, this.caption);
  }

  recolour(colormap: string): void {
    if (colormap !== this.colormap && this.points) {
      this.set(this.points, colormap);
    }
  }

  set(points: UvPoints | null, colormap: string): void {
    const other = points !== this.points;
    this.points = points;
    this.colormap = findColormap(colormap) ? colormap : DEFAULT_COLORMAP;
    if (!points) {
      setText(this.caption, '');
      this.bar.set(null);
    } else {
      this.limits = limitsOf(points);
      if (other) {
        this.fit();
        setText(this.caption, captionOf(points.result));
        this.canvas.setAttribute('aria-label', `uv coverage, ${captionOf(points.result)}`);
      }
      const share = points.result.color_label.includes('%');
      this.bar.set({
        limits: this.limits,
        stretch: 'linear',
        cdf: null,
        colormap: this.colormap,
        flaggedColormap: null,
        title: points.result.color_label,
        unit: share ? '%' : ''
      });
    }
    this.stage.redraw();
  }

  fit(): void {
    if (!this.points) {
      return;
    }
    const { u, v } = this.points;
    let farthest = 1;
    for (let k = 0; k < u.length; k += 1) {
      farthest = Math.max(farthest, Math.abs(u[k]!), Math.abs(v[k]!));
    }
    const span = { x0: -farthest, x1: farthest, y0: -farthest, y1: farthest };
    this.stage.show(span, span, 8);
  }

  private draw(): void {
    const { stage, points } = this;
    if (!points) {
      this.edges.replaceChildren();
      this.canvas.width = 1;
      return;
    }
    this.bar.setLayout({ bar: stage.bar }, stage.width, stage.height);
    this.drawEdges(points.result);
    const ratio = window.devicePixelRatio || 1;
    const { rect, plane } = stage;
    Object.assign(this.canvas.style, { left: `${rect.x}px`, top: `${rect.y}px`, width: `${rect.width}px`, height: `${rect.height}px` });
    const [width, height] = [Math.round(rect.width * ratio), Math.round(rect.height * ratio)];
    this.canvas.width = width;
    this.canvas.height = height;
    const context = this.canvas.getContext('2d');
    if (!context) {
      return;
    }
    const image = context.createImageData(width, height);
    const origin = plane.toScreen({ x: 0, y: 0 }, rect);
    paintPoints(new Uint32Array(image.data.buffer), width, height, points, {
      colours: new Uint32Array(lut(this.colormap).slice().buffer),
      limits: this.limits,
      scale: plane.scale * ratio,
      x: (origin.x - rect.x) * ratio,
      y: (origin.y - rect.y) * ratio,
      size: Math.round(POINT * ratio)
    });
    context.putImageData(image, 0, 0);
  }

  /** Wavelengths below and left, metres above and right; metres alone where the frequency is not known. */
  private drawEdges({ wavelength_m: wavelength }: UvResult): void {
    const { rect, plane } = this.stage;
    const { x0, x1, y0, y1 } = plane.span(rect);
    const kilometres = Math.max(x1 - x0, y1 - y0) / 2 >= KILOMETRES;
    const [metre, metreUnit] = kilometres ? [1e3, 'km'] : [1, 'm'];
    const across = (unit: number): { at: number; text: string }[] =>
      roundTicks(x0 / unit, x1 / unit, rect.width, 76).map(({ value, text }) => ({ at: plane.toScreen({ x: value * unit, y: 0 }, rect).x, text }));
    const along = (unit: number): { at: number; text: string }[] =>
      roundTicks(y0 / unit, y1 / unit, rect.height, 44).map(({ value, text }) => ({ at: plane.toScreen({ x: 0, y: value * unit }, rect).y, text }));
    const main = wavelength ? wavelength * 1e3 : metre;
    const unit = wavelength ? 'kλ' : metreUnit;
    this.edges.replaceChildren(
      frame(rect),
      ...edge(rect, 'bottom', across(main), `u (${unit})`),
      ...edge(rect, 'left', along(main), `v (${unit})`),
      ...(wavelength ? edge(rect, 'top', across(metre), `u (${metreUnit})`) : [])
    );
  }

  private hover(at: Point | null): void {
    const wavelength = this.points?.result.wavelength_m;
    if (!at || !this.points) {
      this.read('');
      return;
    }
    const { x, y } = this.stage.plane.toPlane(at, this.stage.rect);
    const distance = Math.hypot(x, y);
    const waves = wavelength ? `  ·  ${formatNumber(distance / wavelength / 1e3, undefined, 4)} kλ` : '';
    this.read(`u ${lengthText(x)}  v ${lengthText(y)}  ·  ${lengthText(distance)}${waves}`);
  }
}

function captionOf({ n, step, frequency_mhz: frequency, wavelength_m: wavelength, baselines }: UvResult): string {
  const every = step > 1 ? `1 in ${formatCount(step)} points` : `${formatCount(n)} points`;
  const at = frequency && wavelength ? `kλ at ${formatNumber(frequency, 0.1)} MHz (λ ${formatNumber(wavelength, 1e-4)} m)` : '';
  return [formatMany(baselines, 'baseline'), `${every} and conjugates`, at].filter(Boolean).join('  ·  ');
}
