/** What regions look like on a canvas. */

import type { Point } from '../../core/view';
import { type Projector, trace } from './outline';
import { boundsOf, type Region } from './shapes';

/** Smaller than this on the screen a region is a dot. */
const DOT = 3;
/** Smaller than this its line is not dashed: there is no room for it. */
const DASHED = 12;
/** Labels in one picture; more of them would hide it. */
export const MOST_LABELS = 300;

/** Which channel and which Stokes parameter is shown. */
export interface Shown {
  channel: number;
  stokes: string;
}

export interface Style {
  /** Of regions without a colour of their own. */
  colour: string;
  shown: Shown;
  selected: ReadonlySet<string>;
  /** With a dark line under them. */
  cased: boolean;
}

/** DS9's colours are those of X11; browsers have others for these names. */
const X11: Readonly<Record<string, string>> = { green: '#00ff00', gray: '#bebebe', grey: '#bebebe', maroon: '#b03060', purple: '#a020f0' };

interface Look {
  colour: string;
  dash: number[];
  selected: boolean;
  /** Not for the plane that is shown. */
  faded: boolean;
  path: Path2D;
  dots: Path2D;
}

/** The colour of a region for a browser; nothing where it has none. */
function cssOf({ colour }: Region): string {
  return X11[colour.toLowerCase()] ?? colour;
}

export function isFor({ channels, stokes }: Region, shown: Shown): boolean {
  return (channels === null || (channels[0] <= shown.channel && shown.channel <= channels[1])) && (stokes === null || stokes.includes(shown.stokes));
}

/** Draws regions in as few strokes as they have looks; those that are selected over the others. */
export function paint(context: CanvasRenderingContext2D, regions: readonly Region[], to: Projector, style: Style): void {
  const looks = new Map<string, Look>();
  const slashes = new Path2D();
  for (const region of regions) {
    const { x0, x1, y0, y1 } = boundsOf(region);
    const [a, b] = [to.toScreen({ x: x0, y: y0 }), to.toScreen({ x: x1, y: y1 })];
    const size = Math.max(b.x - a.x, a.y - b.y);
    const look = lookOf(looks, region, size, style);
    if (size < DOT && region.shape !== 'point') {
      look.dots.rect((a.x + b.x) / 2 - DOT / 2, (a.y + b.y) / 2 - DOT / 2, DOT, DOT);
    } else {
      trace(region, look.path, to);
      if (!region.include && size >= DASHED) {
        slash(slashes, a, b);
      }
    }
  }
  stroke(context, [...looks.values()], slashes, style);
}

/** Writes the labels over regions. */
export function write(context: CanvasRenderingContext2D, regions: readonly Region[], to: Projector, colour: string): void {
  context.save();
  context.font = '11px system-ui, sans-serif';
  context.textAlign = 'center';
  context.lineWidth = 3;
  context.strokeStyle = 'rgb(0 0 0 / 60%)';
  for (const region of regions) {
    const { x0, x1, y1 } = boundsOf(region);
    const { x, y } = to.toScreen({ x: (x0 + x1) / 2, y: y1 });
    context.fillStyle = colour;
    // A colour that the browser does not know changes nothing.
    context.fillStyle = cssOf(region) || colour;
    context.strokeText(region.label, x, y - 5);
    context.fillText(region.label, x, y - 5);
  }
  context.restore();
}

function stroke(context: CanvasRenderingContext2D, looks: Look[], slashes: Path2D, { colour, cased }: Style): void {
  context.save();
  context.lineJoin = 'round';
  looks.sort((a, b) => Number(a.selected) - Number(b.selected));
  for (const look of looks) {
    context.globalAlpha = look.faded ? 0.35 : 1;
    if (cased) {
      context.setLineDash([]);
      context.strokeStyle = 'rgb(0 0 0 / 55%)';
      context.lineWidth = look.selected ? 4.4 : 3.2;
      context.stroke(look.path);
    }
    context.setLineDash(look.dash);
    context.strokeStyle = colour;
    context.strokeStyle = look.colour || colour;
    context.fillStyle = context.strokeStyle;
    context.lineWidth = look.selected ? 2.6 : 1.5;
    context.stroke(look.path);
    context.fill(look.dots);
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
  context.strokeStyle = '#ff3b30';
  context.lineWidth = 1.6;
  context.stroke(slashes);
  context.restore();
}

function lookOf(looks: Map<string, Look>, region: Region, size: number, { shown, selected }: Style): Look {
  const dash = size < DASHED ? '' : region.annotation === true ? '1 3' : region.include ? '' : '6 4';
  const [isSelected, faded] = [selected.has(region.id), !isFor(region, shown)];
  const key = `${region.colour}/${dash}/${isSelected}/${faded}`;
  const known = looks.get(key);
  if (known) {
    return known;
  }
  const look = { colour: cssOf(region), dash: dash ? dash.split(' ').map(Number) : [], selected: isSelected, faded, path: new Path2D(), dots: new Path2D() };
  looks.set(key, look);
  return look;
}

/** The stroke through what is excluded. */
function slash(path: Path2D, a: Point, b: Point): void {
  const [mx, my] = [(a.x + b.x) / 2, (a.y + b.y) / 2];
  const share = 0.7;
  path.moveTo(mx + (a.x - mx) * share, my + (a.y - my) * share);
  path.lineTo(mx + (b.x - mx) * share, my + (b.y - my) * share);
}
