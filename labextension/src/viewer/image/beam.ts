/** What says how large things are: the beam, a length in the sky, north and east. */

import { s, setAttributes, setText, uid } from '../core/dom';
import { HaloLine } from './halo';
import type { Layer, Picture } from './picture';
import type { ImageInfo } from './protocol';
import { angleText, roundAngle, type SkyMesh } from './sky';

/** Pixels from the frame to the nearest part. */
const ROOM = 10;
const PAD = 7;
/** A beam larger than this share of the frame says nothing any more. */
const LARGEST = 0.4;
const ARROW = 22;

export class BeamLayer implements Layer {
  private readonly beam: SVGGElement;
  private readonly ellipse: SVGEllipseElement;
  private readonly ground = s('rect', { class: 'dsa-beam-ground', rx: 3 });
  private readonly about = s('title');
  private readonly bar = new HaloLine();
  private readonly barText = s('text', { class: 'dsa-scale-label' });
  private readonly length: SVGGElement;
  private readonly arrows = new HaloLine();
  private readonly north = s('text', { class: 'dsa-scale-label' });
  private readonly east = s('text', { class: 'dsa-scale-label' });
  private readonly compass: SVGGElement;
  private image: ImageInfo | null = null;
  private wanted = true;
  private mesh: SkyMesh | null = null;

  constructor(picture: Picture) {
    const id = uid('hatch');
    this.ellipse = s('ellipse', { class: 'dsa-beam', fill: `url(#${id})` });
    const hatch = s(
      'pattern',
      { id, width: 4, height: 4, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
      s('rect', { width: 4, height: 4, class: 'dsa-beam-fill' }),
      s('line', { class: 'dsa-beam-hatch', y2: 4 })
    );
    this.beam = s('g', { class: 'dsa-beam-box', visibility: 'hidden' }, s('defs', {}, hatch), this.about, this.ground, this.ellipse);
    this.length = s('g', { visibility: 'hidden' }, this.bar.element, this.barText);
    this.compass = s('g', { visibility: 'hidden' }, this.arrows.element, this.north, this.east);
    setText(this.north, 'N');
    setText(this.east, 'E');
    picture.inside.append(this.beam, this.length, this.compass);
  }

  set(image: ImageInfo | null, wanted: boolean): void {
    this.image = image;
    this.wanted = wanted;
    const beam = image?.beam;
    setText(this.about, beam ? beamText(beam) : '');
  }

  setMesh(mesh: SkyMesh | null): void {
    this.mesh = mesh;
  }

  draw(picture: Picture): void {
    this.drawBeam(picture);
    this.drawLength(picture);
    this.drawCompass(picture);
  }

  private drawBeam({ stage: { rect }, scale }: Picture): void {
    const { image, wanted } = this;
    const { a_px: major, b_px: minor, angle_deg: angle } = image?.beam ?? { a_px: null, b_px: null, angle_deg: null };
    const isShown = wanted && major !== null && minor !== null && major * scale < (LARGEST * Math.min(rect.width, rect.height)) / 2;
    setAttributes(this.beam, { visibility: isShown ? 'visible' : 'hidden' });
    if (!isShown) {
      return;
    }
    const [a, b] = [Math.max(0.75, major * scale), Math.max(0.75, minor * scale)];
    const turn = ((angle ?? 0) * Math.PI) / 180;
    const [w, h] = [Math.hypot(a * Math.cos(turn), b * Math.sin(turn)), Math.hypot(a * Math.sin(turn), b * Math.cos(turn))];
    const [cx, cy] = [rect.x + ROOM + PAD + Math.max(w, 5), rect.y + rect.height - ROOM - PAD - Math.max(h, 5)];
    const [bw, bh] = [Math.max(w, 5) + PAD, Math.max(h, 5) + PAD];
    setAttributes(this.ground, { x: cx - bw, y: cy - bh, width: 2 * bw, height: 2 * bh });
    setAttributes(this.ellipse, { cx, cy, rx: a, ry: b, transform: `rotate(${-(angle ?? 0)} ${cx} ${cy})` });
  }

  private drawLength({ stage: { rect }, scale }: Picture): void {
    const pixel = this.image?.celestial?.scale_arcsec;
    const isShown = this.wanted && pixel !== undefined && pixel > 0;
    setAttributes(this.length, { visibility: isShown ? 'visible' : 'hidden' });
    if (!isShown) {
      return;
    }
    const arcsec = roundAngle(((rect.width * 0.2) / scale) * pixel);
    const length = (arcsec / pixel) * scale;
    const [x, y] = [rect.x + rect.width - ROOM - length, rect.y + rect.height - ROOM - 3];
    this.bar.set(`M${x} ${y - 4}v8M${x} ${y}h${length}M${x + length} ${y - 4}v8`);
    setText(this.barText, angleText(arcsec));
    setAttributes(this.barText, { x: x + length / 2, y: y - 6 });
  }

  private drawCompass(picture: Picture): void {
    const { rect } = picture.stage;
    const centre = { x: rect.x + rect.width - ROOM - ARROW - 12, y: rect.y + ROOM + ARROW + 12 };
    const middle = picture.toPixel({ x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 });
    const to = this.wanted && rect.width > 240 ? (this.mesh?.directions(middle) ?? null) : null;
    setAttributes(this.compass, { visibility: to ? 'visible' : 'hidden' });
    if (!to) {
      return;
    }
    let d = '';
    for (const [{ x, y }, label] of [
      [to.north, this.north],
      [to.east, this.east]
    ] as const) {
      const tip = { x: centre.x + ARROW * x, y: centre.y - ARROW * y };
      const barb = (side: number): string =>
        `L${tip.x - 6 * x + side * 3 * y} ${tip.y + 6 * y + side * 3 * x}`;
      d += `M${centre.x} ${centre.y}L${tip.x} ${tip.y}${barb(1)}M${tip.x} ${tip.y}${barb(-1)}`;
      setAttributes(label, { x: centre.x + (ARROW + 8) * x, y: centre.y - (ARROW + 8) * y + 4 });
    }
    this.arrows.set(d);
  }
}

export function beamText(beam: NonNullable<ImageInfo['beam']>): string {
  const { major_arcsec: major, minor_arcsec: minor, pa_deg: pa, area_px: area } = beam;
  const size = area === null ? '' : `, ${Number(area.toPrecision(4))} pixels`;
  return `${angleText(major)} × ${angleText(minor)}, position angle ${Number(pa.toFixed(1))}°${size}`;
}
