/** What lies around and under the antennas: axes or rings, scale bar, north arrow. */

import { s } from '../core/dom';
import { lengthText, roundLength, roundTicks } from '../core/plane';
import { edge, frame, type PlaneStage } from '../core/plane-stage';
import { FONT_SIZE, textWidth } from '../core/plot-layout';
import type { Point, Span } from '../core/view';
import { type Projection, radiusOf } from './geometry';

/** From this extent on, axes are in km. */
const KILOMETRES = 1.2e4;
/** Pixels between two decades of the radius from which on the rings at 2 and 5 are drawn too. */
const FINE_RINGS = 220;
/** Room around a marker, in pixels. */
const MARKER = 8;
/** Pixels from the frame down to the scale bar: the line of the axis title. */
const UNDER = 34;

export interface FrameParts {
  /** Under the antennas. */
  grid: SVGElement[];
  /** Around and over them. */
  edges: SVGElement[];
}

/** Axes for a linear map, rings for a logarithmic one; `markers` are the places that ring labels keep away from. */
export function mapFrame(stage: PlaneStage, projection: Projection, markers: readonly Point[]): FrameParts {
  return projection.kind === 'linear' ? linearFrame(stage) : logFrame(stage, projection, markers);
}

function linearFrame(stage: PlaneStage): FrameParts {
  const { rect, plane } = stage;
  const { x0, x1, y0, y1 } = plane.span(rect);
  const kilometres = Math.max(Math.abs(x0), Math.abs(x1), Math.abs(y0), Math.abs(y1)) >= KILOMETRES;
  const factor = kilometres ? 1e3 : 1;
  const unit = kilometres ? 'km' : 'm';
  const across = roundTicks(x0 / factor, x1 / factor, rect.width, 76).map(({ value, text }) => ({
    at: plane.toScreen({ x: value * factor, y: 0 }, rect).x,
    text
  }));
  const along = roundTicks(y0 / factor, y1 / factor, rect.height, 48).map(({ value, text }) => ({
    at: plane.toScreen({ x: 0, y: value * factor }, rect).y,
    text
  }));
  const grid = [
    ...across.map(({ at }) => s('line', { class: 'dsa-grid', x1: at, x2: at, y1: rect.y, y2: rect.y + rect.height })),
    ...along.map(({ at }) => s('line', { class: 'dsa-grid', x1: rect.x, x2: rect.x + rect.width, y1: at, y2: at }))
  ];
  return {
    grid,
    edges: [
      frame(rect),
      ...edge(rect, 'bottom', across, `East (${unit})`),
      ...edge(rect, 'left', along, `North (${unit})`),
      ...scaleBar(stage),
      ...northArrow(stage)
    ]
  };
}

function logFrame(stage: PlaneStage, projection: Projection, markers: readonly Point[]): FrameParts {
  const { rect, plane } = stage;
  const centre = plane.toScreen({ x: 0, y: 0 }, rect);
  const span = plane.span(rect);
  const grid: SVGElement[] = [];
  const labels: SVGElement[] = [];
  const inside = ({ x, y }: Point): boolean =>
    x > rect.x + 4 && x < rect.x + rect.width - 30 && y > rect.y + FONT_SIZE && y < rect.y + rect.height - 4;
  // Between the axes, where the arms of an array seldom are; where that is out of sight, towards the middle of the view.
  const middle = { x: rect.x + rect.width / 2 - centre.x, y: rect.y + rect.height / 2 - centre.y };
  const angles = [...[-2, 2, -6, 6, -1, 1, -3, 3].map(eighth => (eighth * Math.PI) / 8), Math.atan2(middle.y, middle.x)];
  for (const metres of rings(span, projection, plane.scale)) {
    const r = radiusOf(metres, projection) * plane.scale;
    grid.push(s('circle', { class: 'dsa-grid', cx: centre.x, cy: centre.y, r }));
    const places = angles
      .map(angle => ({ x: centre.x + r * Math.cos(angle) + 3, y: centre.y + r * Math.sin(angle) - 3 }))
      .filter(inside);
    const label = lengthText(metres);
    const width = textWidth(label);
    const isFree = ({ x, y }: Point): boolean =>
      markers.every(at => at.x < x - MARKER || at.x > x + width + MARKER || at.y < y - FONT_SIZE - MARKER || at.y > y + MARKER);
    const place = places.find(isFree) ?? places[0];
    if (place) {
      const text = s('text', { class: 'dsa-ring-label', ...place });
      text.textContent = label;
      labels.push(text);
    }
  }
  grid.push(
    s('line', { class: 'dsa-grid', x1: rect.x, x2: rect.x + rect.width, y1: centre.y, y2: centre.y }),
    s('line', { class: 'dsa-grid', x1: centre.x, x2: centre.x, y1: rect.y, y2: rect.y + rect.height })
  );
  return {
    grid: [...grid, ...labels],
    edges: [
      frame(rect),
      ...edge(rect, 'bottom', [], 'East (logarithm of the distance from the centre)'),
      ...edge(rect, 'left', [], 'North'),
      ...northArrow(stage)
    ]
  };
}

/** Round distances whose rings are in sight. */
function rings(span: Span, projection: Projection, scale: number): number[] {
  const farthest = Math.hypot(Math.max(Math.abs(span.x0), Math.abs(span.x1)), Math.max(Math.abs(span.y0), Math.abs(span.y1)));
  const factors = scale > FINE_RINGS ? [1, 2, 5] : [1];
  const found: number[] = [];
  for (let decade = projection.inner; radiusOf(decade, projection) <= farthest; decade *= 10) {
    found.push(...factors.map(factor => factor * decade));
  }
  return found.filter(metres => radiusOf(metres, projection) <= farthest);
}

/** Under the frame, where it hides nothing. */
function scaleBar({ rect, plane }: PlaneStage): SVGElement[] {
  const metres = roundLength((0.2 * rect.width) / plane.scale);
  const length = metres * plane.scale;
  const [x, y] = [rect.x + 1, rect.y + rect.height + UNDER];
  const text = s('text', { class: 'dsa-scale-text', x: x + length + 7, y: y + FONT_SIZE * 0.36 });
  text.textContent = lengthText(metres);
  return [s('path', { class: 'dsa-scale-bar', d: `M${x} ${y - 3.5}v7M${x} ${y}h${length}M${x + length} ${y - 3.5}v7` }), text];
}

/** In the corner between the axes. */
function northArrow({ rect }: PlaneStage): SVGElement[] {
  const [x, y] = [rect.x - 34, rect.y + rect.height + 12];
  const text = s('text', { class: 'dsa-scale-text', x: x + 7, y: y + 21 });
  text.textContent = 'N';
  return [s('path', { class: 'dsa-north', d: `M${x} ${y + 23}V${y}M${x - 4.5} ${y + 8}L${x} ${y}L${x + 4.5} ${y + 8}` }), text];
}
