/** The icons of the drawing tools: strokes on a 16 × 16 grid. */

import { s } from '../../core/dom';

const PATHS = {
  select: 'M3.5 2l8.5 6.5-4.2.7-2 4zM8.2 9.6l2.6 4.2',
  point: 'M8 2v4.5M8 9.5v4.5M2 8h4.5M9.5 8h4.5',
  line: 'M3 13l10-10M2 12h2v2h-2zM12 2h2v2h-2z',
  polyline: 'M2 12l4-7 4 5 4-7',
  circle: 'M8 2.2a5.8 5.8 0 1 0 0 11.6a5.8 5.8 0 0 0 0-11.6z',
  ellipse: 'M8 4a6.3 4 0 1 0 0 8a6.3 4 0 0 0 0-8z',
  box: 'M2.5 4h11v8h-11z',
  rotbox: 'M6.2 2l7.6 4.2-4 7.6-7.6-4.2z',
  polygon: 'M8 2l6 4.5-2.4 7h-7.2l-2.4-7z',
  circle_annulus: 'M8 2a6 6 0 1 0 0 12a6 6 0 0 0 0-12zM8 5.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 0 0 0-5.6z',
  ellipse_annulus: 'M8 3.4a6.5 4.6 0 1 0 0 9.2a6.5 4.6 0 0 0 0-9.2zM8 6a3.2 2 0 1 0 0 4a3.2 2 0 0 0 0-4z',
  box_annulus: 'M2 3.5h12v9h-12zM5.5 6.2h5v3.6h-5z',
  lasso: 'M8.5 2.5c4-.3 6.2 2.2 5.2 4.8s-4.7 3.7-8 3c-3-.6-4.2-3-2.7-5.2s3.5-2.4 5.5-2.6zM5.5 10.3c1 1.5-.5 3-2.5 3.2',
  brush: 'M13.5 2.5l-6 7M7.5 9.5c-1.2-1.4-3.2-.8-3.5 1-.2 1.4-.8 2.2-1.8 2.6 2.2.9 5.3.4 5.6-2 .1-.6 0-1.1-.3-1.6z',
  eraser: 'M9 3l4.5 4.5-6 6h-3l-2.5-2.5zM5.8 6.2l4.5 4.5M7.5 13.5h6',
  threshold: 'M1.5 13l3-1 2-8 2.5 6 2-3 1.5 5 2 1M1.5 9h13',
  mask: 'M2.5 2.5h11v11h-11zM2.5 8l5.5-5.5M2.5 13.5l11-11M8 13.5l5.5-5.5',
  regions: 'M6 2.5a3.8 3.8 0 1 0 0 7.6a3.8 3.8 0 0 0 0-7.6zM7.5 7.5h6.5v6.5h-6.5z',
  add: 'M8 3v10M3 8h10',
  subtract: 'M3 8h10',
  intersect: 'M6 3a5 5 0 1 0 0 10a5 5 0 0 0 0-10zM10 3a5 5 0 1 0 0 10a5 5 0 0 0 0-10z',
  undo: 'M3 6.5h7a3.5 3.5 0 0 1 0 7h-3M6 3l-3 3.5 3 3.5',
  redo: 'M13 6.5h-7a3.5 3.5 0 0 0 0 7h3M10 3l3 3.5-3 3.5',
  open: 'M8 10.5v-8M4.8 5.7l3.2-3.2 3.2 3.2M2.5 11.5v2h11v-2'
} as const;

export type DrawIcon = keyof typeof PATHS;

export function drawIcon(name: DrawIcon): SVGSVGElement {
  return s(
    'svg',
    { class: `dsa-icon dsa-icon-${name}`, viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true', focusable: 'false' },
    s('path', { d: PATHS[name] })
  );
}
