import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Gestures, type GestureTarget, type Tool } from '../src/viewer/core/gestures';

let stage: HTMLElement;
let end: AbortController;
let gestures: Gestures;
let tool: Tool;
const calls: unknown[][] = [];

/** A stage with one panel from (50, 0) to (450, 400), its x axis under it and its y axis left of it. */
const target: GestureTarget = {
  hit: ({ x, y }) => {
    if (x >= 50 && x <= 450 && y <= 400) {
      return { panel: 0, zone: 'picture' };
    }
    return y > 400 ? { panel: 0, zone: 'x' } : x < 50 ? { panel: 0, zone: 'y' } : null;
  },
  tool: () => tool,
  pan: (...args) => calls.push(['pan', ...args]),
  zoom: (...args) => calls.push(['zoom', ...args]),
  band: (...args) => calls.push(['band', ...args]),
  box: (...args) => calls.push(['box', ...args]),
  tap: (...args) => calls.push(['tap', ...args]),
  reset: () => calls.push(['reset']),
  hover: () => undefined
};

function pointer(type: string, x: number, y: number, more: PointerEventInit = {}): void {
  const init = { clientX: x, clientY: y, bubbles: true, cancelable: true, pointerId: 1, button: 0, ...more };
  stage.dispatchEvent(Object.assign(new MouseEvent(type, init), { pointerId: init.pointerId }));
}

function wheel(on: EventTarget, x: number, y: number, deltaY: number, time: number, more: WheelEventInit = {}): WheelEvent {
  const event = new WheelEvent('wheel', { clientX: x, clientY: y, deltaY, bubbles: true, cancelable: true, ...more });
  Object.defineProperty(event, 'timeStamp', { value: time });
  on.dispatchEvent(event);
  return event;
}

const named = (name: string): unknown[][] => calls.filter(([first]) => first === name);

beforeEach(() => {
  calls.length = 0;
  tool = 'pan';
  end = new AbortController();
  stage = document.createElement('div');
  stage.setPointerCapture = vi.fn();
  document.body.append(stage);
  gestures = new Gestures(stage, target, end.signal);
});
afterEach(() => {
  end.abort();
  stage.remove();
});

describe('dragging', () => {
  it('pans by what the pointer moved, after a small slop', () => {
    pointer('pointerdown', 100, 100);
    pointer('pointermove', 102, 101);
    expect(calls).toEqual([]);
    pointer('pointermove', 110, 105);
    pointer('pointermove', 115, 100);
    pointer('pointerup', 115, 100);
    expect(named('pan')).toEqual([
      ['pan', 0, 10, 5],
      ['pan', 0, 5, -5]
    ]);
    expect(named('tap')).toEqual([]);
  });

  it('draws a box with the box tools, and adds with Shift', () => {
    tool = 'box';
    pointer('pointerdown', 100, 100);
    pointer('pointermove', 150, 170);
    pointer('pointerup', 160, 180, { shiftKey: true });
    expect(named('band').at(-1)).toEqual(['band', 0, { x: 100, y: 100 }, null]);
    expect(named('box')).toEqual([['box', 0, { x: 100, y: 100 }, { x: 160, y: 180 }, true]]);
  });

  it('with the middle button pans whatever the tool', () => {
    tool = 'zoom';
    pointer('pointerdown', 100, 100, { button: 1 });
    pointer('pointermove', 120, 100);
    expect(named('pan')).toHaveLength(1);
  });

  it('can be cancelled, and starts only on a panel', () => {
    tool = 'zoom';
    pointer('pointerdown', 100, 100);
    pointer('pointermove', 150, 150);
    expect(gestures.cancel()).toBe(true);
    expect(gestures.cancel()).toBe(false);
    pointer('pointerup', 150, 150);
    expect(named('box')).toEqual([]);
    pointer('pointerdown', 10, 100);
    pointer('pointermove', 80, 100);
    expect(named('pan')).toEqual([]);
  });

  it('that does not move is a tap', () => {
    pointer('pointerdown', 100, 100);
    pointer('pointerup', 101, 100, { shiftKey: true });
    expect(named('tap')).toEqual([['tap', 0, { x: 101, y: 100 }, true]]);
  });
});

describe('two fingers', () => {
  it('zoom by the change of their distance, and pan with their middle', () => {
    pointer('pointerdown', 200, 200, { pointerId: 1 });
    pointer('pointerdown', 300, 200, { pointerId: 2 });
    pointer('pointermove', 400, 200, { pointerId: 2 });
    expect(named('zoom')).toEqual([['zoom', 0, { x: 300, y: 200 }, 2, 2]]);
    expect(named('pan')).toEqual([['pan', 0, 50, 0]]);
    pointer('pointerup', 400, 200, { pointerId: 2 });
    pointer('pointerup', 200, 200, { pointerId: 1 });
    expect(named('tap')).toEqual([]);
  });
});

describe('the wheel', () => {
  const factors = (): unknown[][] => named('zoom').map(call => call.slice(3));

  it('zooms at the pointer, towards and away', () => {
    expect(wheel(stage, 100, 100, -100, 1000).defaultPrevented).toBe(true);
    wheel(stage, 100, 100, 100, 1010);
    const [[closer], [away]] = factors() as [[number], [number]];
    expect(closer).toBeGreaterThan(1);
    expect(closer * away).toBeCloseTo(1, 12);
  });

  it('zooms one axis with Shift or Alt, or over the axis', () => {
    wheel(stage, 100, 100, -100, 1000, { shiftKey: true });
    wheel(stage, 100, 100, -100, 1000, { altKey: true });
    wheel(stage, 100, 420, -100, 1000);
    wheel(stage, 20, 100, -100, 1000);
    const axes = (factors() as [number, number][]).map(([fx, fy]) => [fx > 1, fy > 1]);
    expect(axes).toEqual([
      [true, false],
      [false, true],
      [true, false],
      [false, true]
    ]);
  });

  it('lets a scroll of the page go on over the picture until it rests', () => {
    wheel(document.body, 0, 0, 100, 1000);
    expect(wheel(stage, 100, 100, 100, 1200).defaultPrevented).toBe(false);
    expect(wheel(stage, 100, 100, 100, 1450).defaultPrevented).toBe(false);
    expect(named('zoom')).toEqual([]);
    expect(wheel(stage, 100, 100, 100, 1800).defaultPrevented).toBe(true);
  });
});

it('a double click shows the whole picture', () => {
  stage.dispatchEvent(new MouseEvent('dblclick', { bubbles: true }));
  expect(named('reset')).toHaveLength(1);
});
