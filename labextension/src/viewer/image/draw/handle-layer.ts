/** What is drawn over the picture in SVG: handles, the shape in the making, the box that selects, the brush. */

import { s, setAttributes } from '../../core/dom';
import type { Point, Span } from '../../core/view';
import type { Plate } from '../plate';
import type { Ghost } from './edits';
import { type Handle, handlesOf } from './handles';
import { pathOf } from './outline';
import type { Region, Shape } from './shapes';

export interface Scene {
  /** The one region that has handles. */
  region: Region | null;
  vertex: number | null;
  band: Span | null;
  /** The shape that is being drawn. */
  shape: Shape | null;
  vertices: readonly Point[];
  takesAway: boolean;
  ghosts: readonly Ghost[];
  /** Where the brush is, and its radius in image pixels. */
  brush: { at: Point; radius: number } | null;
}

const SIZE = 4;
const ROUND = 4.5;

export class HandleLayer {
  private readonly ghosts = s('g', { class: 'dsa-ghosts' });
  private readonly sketch = s('path', { class: 'dsa-sketch' });
  private readonly casing = s('path', { class: 'dsa-sketch-casing' });
  private readonly corners = s('path', { class: 'dsa-sketch-corners' });
  private readonly band = s('rect', { class: 'dsa-band', 'data-kind': 'select', visibility: 'hidden' });
  private readonly stalk = s('path', { class: 'dsa-stalk' });
  private readonly handles = s('g', { class: 'dsa-knobs' });
  private readonly brush = s('circle', { class: 'dsa-brush', visibility: 'hidden' });

  constructor(private readonly plate: Plate) {
    const group = s('g', { class: 'dsa-draw' }, this.ghosts, this.casing, this.sketch, this.corners, this.band, this.stalk, this.handles, this.brush);
    plate.overlay.append(group);
  }

  draw(scene: Scene): void {
    this.drawSketch(scene);
    this.drawGhosts(scene.ghosts);
    this.drawBand(scene.band);
    this.drawHandles(scene.region, scene.vertex);
    const { brush } = scene;
    setAttributes(this.brush, { visibility: brush ? 'visible' : 'hidden' });
    if (brush) {
      const { x, y } = this.plate.toScreen(brush.at);
      setAttributes(this.brush, { cx: x, cy: y, r: Math.max(1, brush.radius * this.plate.scale) });
    }
  }

  private drawSketch({ shape, vertices, takesAway }: Scene): void {
    const d = shape ? pathOf(shape, this.plate) : '';
    for (const path of [this.casing, this.sketch]) {
      path.setAttribute('d', d);
      stroke(path, shape, this.plate.scale);
      path.classList.toggle('dsa-takes-away', takesAway);
    }
    const corners = vertices.map(point => {
      const { x, y } = this.plate.toScreen(point);
      return `M${x - 2.5} ${y - 2.5}h5v5h-5z`;
    });
    this.corners.setAttribute('d', corners.join(''));
  }

  private drawGhosts(ghosts: readonly Ghost[]): void {
    if (ghosts.length === 0 && this.ghosts.childElementCount === 0) {
      return;
    }
    this.ghosts.replaceChildren(
      ...ghosts.map(({ shape, mode }) => {
        const path = s('path', { d: pathOf(shape, this.plate), class: 'dsa-ghost' });
        path.classList.toggle('dsa-takes-away', mode !== 'add');
        stroke(path, shape, this.plate.scale);
        return path;
      })
    );
  }

  private drawBand(band: Span | null): void {
    setAttributes(this.band, { visibility: band ? 'visible' : 'hidden' });
    if (band) {
      const a = this.plate.toScreen({ x: band.x0, y: band.y1 });
      const b = this.plate.toScreen({ x: band.x1, y: band.y0 });
      setAttributes(this.band, { x: a.x, y: a.y, width: b.x - a.x, height: b.y - a.y });
    }
  }

  private drawHandles(region: Region | null, vertex: number | null): void {
    const all = region ? handlesOf(region, this.plate.scale) : [];
    while (this.handles.childElementCount > all.length) {
      this.handles.lastElementChild!.remove();
    }
    while (this.handles.childElementCount < all.length) {
      this.handles.append(s('path'));
    }
    all.forEach((grip, i) => this.place(this.handles.children[i]!, grip, grip.kind === 'vertex' && grip.index === vertex));
    const turner = all.find(({ kind }) => kind === 'rotate');
    const top = all.find(({ kind, sx, sy }) => kind === 'size' && sx === 0 && sy === 1);
    const [a, b] = [turner, top].map(grip => grip && this.plate.toScreen(grip.at));
    this.stalk.setAttribute('d', a && b ? `M${a.x} ${a.y}L${b.x} ${b.y}` : '');
  }

  private place(element: Element, { kind, sx, sy, index, at }: Handle, isChosen: boolean): void {
    const { x, y } = this.plate.toScreen(at);
    const isRound = kind === 'rotate' || kind === 'inner';
    const d = isRound
      ? `M${x - ROUND} ${y}a${ROUND} ${ROUND} 0 1 0 ${2 * ROUND} 0a${ROUND} ${ROUND} 0 1 0 ${-2 * ROUND} 0`
      : `M${x - SIZE} ${y - SIZE}h${2 * SIZE}v${2 * SIZE}h${-2 * SIZE}z`;
    setAttributes(element, { d, class: `dsa-knob dsa-knob-${kind}`, 'data-handle': kind === 'vertex' ? `vertex ${index}` : `${kind} ${sx} ${sy}` });
    element.classList.toggle('dsa-chosen', isChosen);
  }
}

/** A stroke of the brush is as wide as the brush. */
function stroke(path: SVGPathElement, shape: Shape | null, scale: number): void {
  const isBrush = shape?.shape === 'brush';
  path.classList.toggle('dsa-stroke', isBrush);
  path.style.strokeWidth = isBrush ? `${2 * shape.radius * scale}px` : '';
  if (isBrush && shape.vertices.length === 1) {
    // a line of no length is drawn as its round ends
    path.setAttribute('d', `${path.getAttribute('d') ?? ''}h0.01`);
  }
}
