import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Picture } from '../src/viewer/image/picture';

let end: AbortController;
let picture: Picture;
let target: Record<'down' | 'move' | 'up' | 'cancel' | 'hover' | 'doubleClick' | 'key', ReturnType<typeof vi.fn>>;

function fire(name: string, id: number, x: number, y: number, more: MouseEventInit = {}): void {
  const event = new MouseEvent(name, { clientX: x, clientY: y, bubbles: true, cancelable: true, button: 0, ...more });
  picture.stage.svg.dispatchEvent(Object.assign(event, { pointerId: id }));
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'requestAnimationFrame', 'cancelAnimationFrame'] });
  HTMLElement.prototype.setPointerCapture = () => undefined;
  end = new AbortController();
  picture = new Picture({ parts: () => [], viewed: vi.fn(), hover: vi.fn(), reset: vi.fn(), tap: vi.fn() }, end.signal);
  document.body.append(picture.element);
  vi.advanceTimersByTime(50);
  picture.setSize(100, 100);
  target = { down: vi.fn(() => true), move: vi.fn(), up: vi.fn(), cancel: vi.fn(), hover: vi.fn(() => 'cell'), doubleClick: vi.fn(() => true), key: vi.fn(() => false) };
  picture.setTarget(target);
});

afterEach(() => {
  end.abort();
  picture.element.remove();
  vi.useRealTimers();
});

describe('who draws', () => {
  it('has the pointer first, in image pixels, and the picture stays', () => {
    const before = picture.span();
    const { x, y } = picture.toScreen({ x: 30, y: 40 });
    fire('pointermove', 1, x, y);
    expect(picture.element.style.cursor).toBe('cell');
    fire('pointerdown', 1, x, y);
    fire('pointermove', 1, x + 50, y - 20);
    fire('pointerup', 1, x + 50, y - 20);
    const places = [target.down, target.move, target.up].map(f => f.mock.calls[0]![1] as { x: number; y: number });
    expect(places[0]!.x).toBeCloseTo(30, 6);
    expect(places[0]!.y).toBeCloseTo(40, 6);
    expect(places[2]!.x).toBeCloseTo(30 + 50 / picture.scale, 6);
    expect(places[2]!.y).toBeCloseTo(40 + 20 / picture.scale, 6);
    expect(picture.span()).toEqual(before);
  });

  it('leaves to the picture what it does not want', () => {
    const before = picture.span();
    target.down.mockReturnValue(false);
    const { x, y } = picture.toScreen({ x: 30, y: 40 });
    fire('pointerdown', 1, x, y);
    fire('pointermove', 1, x + 50, y);
    fire('pointerup', 1, x + 50, y);
    expect(target.move).not.toHaveBeenCalled();
    expect(picture.span().x0).toBeCloseTo(before.x0 - 50 / picture.scale, 6);
  });

  it('is interrupted by a second finger: both then zoom', () => {
    const { x, y } = picture.toScreen({ x: 50, y: 50 });
    const { scale } = picture;
    fire('pointerdown', 1, x - 20, y);
    fire('pointerdown', 2, x + 20, y);
    expect(target.cancel).toHaveBeenCalledOnce();
    fire('pointermove', 2, x + 60, y);
    expect(picture.scale).toBeCloseTo(2 * scale, 6);
    fire('pointerup', 1, x - 20, y);
    fire('pointerup', 2, x + 60, y);
    expect(target.up).not.toHaveBeenCalled();
    fire('pointerdown', 1, x, y);
    expect(target.down).toHaveBeenCalledTimes(2);
  });

  it('is not asked outside of the frame, nor while a box is dragged to zoom', () => {
    fire('pointerdown', 1, 3, 3);
    picture.stage.setTool('zoom');
    const { x, y } = picture.toScreen({ x: 50, y: 50 });
    fire('pointerdown', 1, x, y);
    fire('pointermove', 1, x + 40, y + 40);
    fire('pointerup', 1, x + 40, y + 40);
    expect(target.down).not.toHaveBeenCalled();
    expect(picture.span().x1 - picture.span().x0).toBeLessThan(100);
  });

  it('has the double click, which else shows the whole', () => {
    const { x, y } = picture.toScreen({ x: 50, y: 50 });
    fire('dblclick', 1, x, y);
    expect(target.doubleClick).toHaveBeenCalledOnce();
    expect((target.doubleClick.mock.calls[0]![1] as { x: number }).x).toBeCloseTo(50, 6);
  });
});
