/** The tools: what each is called, its key, what it draws on. */

export type Layer = 'mask' | 'regions';
export type AnnulusKind = 'circle_annulus' | 'ellipse_annulus' | 'box_annulus';
export const ANNULI: readonly AnnulusKind[] = ['circle_annulus', 'ellipse_annulus', 'box_annulus'];

export type ToolName =
  | 'select'
  | 'point'
  | 'line'
  | 'polyline'
  | 'circle'
  | 'ellipse'
  | 'box'
  | 'rotbox'
  | 'polygon'
  | 'annulus'
  | 'lasso'
  | 'brush'
  | 'eraser'
  | 'threshold';

export interface Tool {
  name: ToolName;
  label: string;
  key: string;
  layers: readonly Layer[];
  /** How its points are given: so many of them, as many as one likes, or all the way of the pointer. */
  points: number | 'many' | 'stroke';
  /** One line on how it is used. */
  use: string;
}

const BOTH: readonly Layer[] = ['mask', 'regions'];

export const TOOLS: readonly Tool[] = [
  { name: 'select', label: 'Select and edit', key: 's', layers: ['regions'], points: 0, use: 'Click a region, or drag a box around several.' },
  { name: 'point', label: 'Point', key: 'd', layers: ['regions'], points: 1, use: 'Click.' },
  { name: 'line', label: 'Line', key: '2', layers: ['regions'], points: 2, use: 'Drag from end to end.' },
  { name: 'polyline', label: 'Polyline', key: '3', layers: ['regions'], points: 'many', use: 'Click the corners, then double click or Enter.' },
  { name: 'circle', label: 'Circle', key: '4', layers: BOTH, points: 2, use: 'Drag from the middle.' },
  { name: 'ellipse', label: 'Ellipse', key: '5', layers: BOTH, points: 2, use: 'Drag from corner to corner; Shift makes a circle.' },
  { name: 'box', label: 'Box', key: '6', layers: BOTH, points: 2, use: 'Drag from corner to corner; Shift makes a square.' },
  { name: 'rotbox', label: 'Rotated box', key: '7', layers: BOTH, points: 3, use: 'Drag one side, then click for the other.' },
  { name: 'polygon', label: 'Polygon', key: '8', layers: BOTH, points: 'many', use: 'Click the corners, then double click or Enter.' },
  { name: 'annulus', label: 'Annulus', key: '9', layers: BOTH, points: 3, use: 'Drag from the middle, then click for the inner edge.' },
  { name: 'lasso', label: 'Lasso', key: 'l', layers: BOTH, points: 'stroke', use: 'Drag around what you want.' },
  { name: 'brush', label: 'Brush', key: 'q', layers: ['mask'], points: 'stroke', use: 'Drag to paint.' },
  { name: 'eraser', label: 'Eraser', key: 'x', layers: ['mask'], points: 'stroke', use: 'Drag to erase.' },
  { name: 'threshold', label: 'Island above the threshold', key: 't', layers: ['mask'], points: 1, use: 'Click an island of emission.' }
];

export function toolOf(name: ToolName): Tool {
  return TOOLS.find(tool => tool.name === name)!;
}
