/** The icons: strokes on a 16 × 16 grid. */

import { s } from './dom';

const PATHS = {
  pan: 'M8 1.5v13M1.5 8h13M6 3.5l2-2 2 2M6 12.5l2 2 2-2M3.5 6l-2 2 2 2M12.5 6l2 2-2 2',
  zoom: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3l4 4M5 7h4M7 5v4',
  box: 'M2.5 5v-2.5h2.5M7 2.5h2M11 2.5h2.5v2.5M13.5 7v2M13.5 11v2.5h-2.5M9 13.5h-2M5 13.5h-2.5v-2.5M2.5 9v-2',
  point: 'M8 1.5v4M8 10.5v4M1.5 8h4M10.5 8h4M8 7.2a.8.8 0 1 0 0 1.6.8.8 0 0 0 0-1.6z',
  in: 'M8 3.5v9M3.5 8h9',
  out: 'M3.5 8h9',
  reset: 'M2.5 6v-3.5h3.5M10 2.5h3.5v3.5M13.5 10v3.5h-3.5M6 13.5h-3.5v-3.5M6 6.5h4v3h-4z',
  core: 'M8 6.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6zM8 1.5v2.2M8 12.3v2.2M1.5 8h2.2M12.3 8h2.2M8 4.4a3.6 3.6 0 1 0 0 7.2 3.6 3.6 0 0 0 0-7.2z',
  outriggers: 'M3 3.2v.1M13 3.2v.1M3 12.8v.1M13 12.8v.1M8 1.8v.1M8 14.2v.1M2.5 8h.1M13.5 8h.1M8 6.5v3M6.5 8h3',
  log: 'M8 7.2a.8.8 0 1 0 0 1.6.8.8 0 0 0 0-1.6zM8 4.8a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.4zM8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13z',
  one: 'M3.2 5.2l1.8-1.4v8.4M11 5.2l1.8-1.4v8.4M8 6.2v.1M8 10v.1',
  grid: 'M2.5 2.5h11v11h-11zM6.2 2.5v11M9.8 2.5v11M2.5 6.2h11M2.5 9.8h11',
  contours: 'M7.5 2.2c4 0 6.3 2.4 6.3 5.6s-2.2 6-6 6-5.6-2.7-5.6-6 2-5.6 5.3-5.6zM8 5.2c2 0 3.2 1.1 3.2 2.7s-1.2 3-3.2 3-2.9-1.4-2.9-3 1-2.7 2.9-2.7z',
  blink: 'M2.5 2.5h8v8h-8zM5.5 13.5h8v-8',
  save: 'M8 2v8M4.8 7l3.2 3.2 3.2-3.2M2.5 11.5v2h11v-2',
  code: 'M5.5 4.5l-3.5 3.5 3.5 3.5M10.5 4.5l3.5 3.5-3.5 3.5',
  side: 'M2 3h12v10h-12zM10 3v10',
  full: 'M9.5 2.5h4v4M6.5 13.5h-4v-4M13.5 2.5l-4.5 4.5M2.5 13.5l4.5-4.5',
  shrink: 'M13.5 6.5h-4v-4M2.5 9.5h4v4M9.5 6.5l4.5-4.5M6.5 9.5l-4.5 4.5',
  help: 'M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.8-1.1 1.6M8 12.3v.2',
  previous: 'M10.5 3l-5 5 5 5',
  next: 'M5.5 3l5 5-5 5',
  play: 'M5 3l7.5 5-7.5 5z',
  pause: 'M5.5 3v10M10.5 3v10',
  close: 'M4 4l8 8M12 4l-8 8',
  menu: 'M2.5 4h11M2.5 8h11M2.5 12h11',
  warning: 'M8 2.5l6 11h-12zM8 6.5v3.5M8 11.8v.2',
  info: 'M8 2a6 6 0 1 0 0 12a6 6 0 0 0 0-12zM8 7v4M8 4.8v.2',
  error: 'M8 2a6 6 0 1 0 0 12a6 6 0 0 0 0-12zM8 4.8v4M8 11v.2',
  offline: 'M3 3l10 10M5.2 7.2a5 5 0 0 1 2-1M2.8 4.8a8.5 8.5 0 0 0-.8.7M9.5 4.2a8.5 8.5 0 0 1 4.5 2M8 12.3v.2M6 10a3 3 0 0 1 3-.5',
  swap: 'M3 5.5h9M9.5 3l2.5 2.5-2.5 2.5M13 10.5h-9M6.5 8l-2.5 2.5 2.5 2.5',
  chevron: 'M6 4l4 4-4 4',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3'
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): SVGSVGElement {
  return s(
    'svg',
    { class: `dsa-icon dsa-icon-${name}`, viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true', focusable: 'false' },
    s('path', { d: PATHS[name] })
  );
}
