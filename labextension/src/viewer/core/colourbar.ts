/** The colour bar: the whole map, with ticks where the stretch puts round values. */

import { h, s, setAttributes, uid } from './dom';
import { cssColours } from './colormaps';
import { FONT_SIZE, placeTitle, type PlotLayout } from './plot-layout';
import type { Limits, Stretch } from './stretch';
import { colourTicks } from './ticks';

/** Where the bar goes. */
export type BarPlace = Pick<PlotLayout, 'bar'>;

export interface ColourBarState {
  limits: Limits;
  stretch: Stretch;
  cdf: Float32Array | null;
  colormap: string;
  /** `null` where flagged cells are not drawn, or there are none. */
  flaggedColormap: string | null;
  title: string;
  unit: string;
}

const TICK = 4;
/** The strip of the flagged colours beside the bar. */
const STRIP = 5;

export class ColourBar {
  readonly element: SVGSVGElement;
  private readonly main = s('linearGradient', { id: uid('map') });
  private readonly flagged = s('linearGradient', { id: uid('map') });
  private readonly body = s('g');
  private layout: BarPlace | null = null;
  private width = 0;
  private height = 0;
  private state: ColourBarState | null = null;

  constructor() {
    this.element = s('svg', { class: 'dsa-colourbar', role: 'img' }, s('defs', {}, this.main, this.flagged), this.body);
  }

  setLayout(layout: BarPlace, width: number, height: number): void {
    this.layout = layout;
    this.width = width;
    this.height = height;
    setAttributes(this.element, { width, height, viewBox: `0 0 ${width} ${height}` });
    this.draw();
  }

  set(state: ColourBarState | null): void {
    this.state = state;
    this.draw();
  }

  private draw(): void {
    const { state, layout } = this;
    if (!state || !layout) {
      this.body.replaceChildren();
      return;
    }
    const { rect, vertical } = layout.bar;
    fill(this.main, state.colormap, vertical);
    const parts: SVGElement[] = [
      s('rect', { ...rect, fill: `url(#${this.main.id})` }),
      s('rect', { class: 'dsa-frame', x: rect.x - 0.5, y: rect.y - 0.5, width: rect.width + 1, height: rect.height + 1 })
    ];
    if (state.flaggedColormap !== null) {
      fill(this.flagged, state.flaggedColormap, vertical);
      const strip = vertical
        ? { x: rect.x - STRIP - 2, y: rect.y, width: STRIP, height: rect.height }
        : { x: rect.x, y: rect.y - STRIP - 2, width: rect.width, height: STRIP };
      parts.push(s('rect', { class: 'dsa-flagged-strip', ...strip, fill: `url(#${this.flagged.id})` }, named('Colours of flagged cells')));
    }
    const length = vertical ? rect.height : rect.width;
    for (const tick of colourTicks(state.limits, state.stretch, state.cdf, length, vertical ? 34 : 60, state.unit)) {
      const text = vertical ? this.verticalTick(tick.at, parts) : this.horizontalTick(tick.at, parts);
      text.textContent = tick.text;
    }
    parts.push(this.title(state.title));
    this.body.replaceChildren(...parts);
    const [lo, hi] = state.limits;
    this.element.setAttribute('aria-label', `Colour bar, ${state.title}, from ${lo} to ${hi}`);
  }

  private verticalTick(at: number, parts: SVGElement[]): SVGTextElement {
    const { rect } = this.layout!.bar;
    const y = rect.y + (1 - at) * rect.height;
    const x = rect.x + rect.width;
    const text = s('text', { class: 'dsa-tick-label', x: x + TICK + 3, y: y + FONT_SIZE * 0.36 });
    parts.push(s('line', { class: 'dsa-tick', x1: x, x2: x + TICK, y1: y, y2: y }), text);
    return text;
  }

  private horizontalTick(at: number, parts: SVGElement[]): SVGTextElement {
    const { rect } = this.layout!.bar;
    const x = rect.x + at * rect.width;
    const y = rect.y + rect.height;
    const text = s('text', { class: 'dsa-tick-label dsa-x', x, y: y + TICK + FONT_SIZE });
    parts.push(s('line', { class: 'dsa-tick', x1: x, x2: x, y1: y, y2: y + TICK }), text);
    return text;
  }

  private title(title: string): SVGElement {
    const { rect, vertical } = this.layout!.bar;
    const middle = vertical ? rect.y + rect.height / 2 : rect.x + rect.width / 2;
    const { text, at } = placeTitle(title, middle, 0, vertical ? this.height : this.width);
    const x = rect.x + rect.width + 56;
    const element = vertical
      ? s('text', { class: 'dsa-axis-title dsa-y', x, y: at, transform: `rotate(-90 ${x} ${at})` })
      : s('text', { class: 'dsa-axis-title dsa-x', x: at, y: rect.y + rect.height + TICK + 2 * FONT_SIZE + 5 });
    element.textContent = text;
    return element;
  }
}

function named(text: string): SVGTitleElement {
  const title = s('title');
  title.textContent = text;
  return title;
}

function fill(gradient: SVGLinearGradientElement, colormap: string, vertical: boolean): void {
  setAttributes(gradient, vertical ? { x1: 0, y1: 1, x2: 0, y2: 0 } : { x1: 0, y1: 0, x2: 1, y2: 0 });
  const colours = cssColours(colormap, 33);
  gradient.replaceChildren(
    ...colours.map((colour, i) => s('stop', { offset: i / (colours.length - 1), 'stop-color': colour }))
  );
}

/** A small swatch of a colour map, for lists. */
export function swatch(colormap: string): HTMLElement {
  const element = h('span', { class: 'dsa-swatch', 'aria-hidden': 'true' });
  element.style.background = `linear-gradient(to right, ${cssColours(colormap, 17).join(', ')})`;
  return element;
}
