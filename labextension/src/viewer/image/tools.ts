/** The tools of the image viewer that look and do not draw, in the order of the toolbar. */

import type { ToolItem } from '../core/toolbar';
import type { Action } from './keys';
import { SAVE_FORMATS, type SaveFormat } from './protocol';

export interface ToolHost {
  act(action: Action): void;
  save(format: SaveFormat): void;
}

export function toolItems(host: ToolHost): ToolItem[] {
  const item = (
    group: string,
    action: Action,
    icon: ToolItem['icon'],
    label: string,
    key: string,
    more: Partial<ToolItem> = {}
  ): ToolItem => ({ name: action, group, icon, label, key, press: () => host.act(action), ...more });
  return [
    item('tools', 'tool-pan', 'pan', 'Pan', 'p', { toggle: true }),
    item('tools', 'tool-zoom', 'zoom', 'Zoom to a box', 'z', { toggle: true }),
    item('zoom', 'zoom-in', 'in', 'Zoom in', '+'),
    item('zoom', 'zoom-out', 'out', 'Zoom out', '−'),
    item('zoom', 'reset', 'reset', 'Whole image', '0'),
    item('zoom', 'one', 'one', 'One pixel on one pixel', '1'),
    item('show', 'grid', 'grid', 'Grid of coordinates', 'g', { toggle: true }),
    item('show', 'contours', 'contours', 'Contours', 'k', { toggle: true }),
    item('show', 'blink', 'blink', 'Blink with the second image', 'b', { toggle: true }),
    item('take', 'save', 'save', 'Save', 'w', {
      menu: () =>
        SAVE_FORMATS.map(([format, label]) => ({
          label,
          icon: 'save',
          name: `save-${format}`,
          press: () => host.save(format)
        }))
    }),
    item('take', 'copy', 'code', 'Copy as code', 'c'),
    item('window', 'help', 'help', 'Keys and pointer', '?'),
    item('window', 'full', 'full', 'Full window', 'f', { toggle: true }),
    item('window', 'side', 'side', 'Controls', 'o', { toggle: true })
  ];
}
