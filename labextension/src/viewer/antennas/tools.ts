/** The tools of the viewer of the array, in the order of the toolbar. */

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
    item('presets', 'reset', 'reset', 'All antennas', '0', { toggle: true }),
    item('presets', 'zoom-core', 'core', 'Core', 'k', { toggle: true }),
    item('presets', 'zoom-outriggers', 'outriggers', 'Outriggers', 'u', { toggle: true }),
    item('presets', 'log', 'log', 'Logarithmic distances', 'l', { toggle: true }),
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
