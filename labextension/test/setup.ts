/** What jsdom lacks. */

class NoResizeObserver implements ResizeObserver {
  constructor(private readonly callback: ResizeObserverCallback) {}

  observe(): void {
    setTimeout(() => this.callback([], this), 0);
  }

  unobserve(): void {
    return;
  }

  disconnect(): void {
    return;
  }
}

globalThis.ResizeObserver = NoResizeObserver;
HTMLCanvasElement.prototype.getContext = () => null;
window.matchMedia = query => Object.assign(new EventTarget(), { matches: false, media: query }) as unknown as MediaQueryList;
for (const [name, size] of [
  ['clientWidth', 800],
  ['clientHeight', 500]
] as const) {
  Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => size });
}
globalThis.DragEvent = class extends MouseEvent {} as unknown as typeof DragEvent;
