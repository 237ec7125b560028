/** Small helpers to build DOM without ever parsing text as markup. */

export type Attributes = Record<string, string | number | boolean | null | undefined>;
export type Child = Node | string | null | undefined;

const SVG = 'http://www.w3.org/2000/svg';
let counter = 0;

/** An id that is unique in this page, for labels and descriptions. */
export function uid(prefix: string): string {
  counter += 1;
  return `dsa-${prefix}-${counter}-${Math.floor(Math.random() * 1e9).toString(36)}`;
}

/** Sets attributes: `true` is an empty attribute, `false`, `null` and `undefined` remove it. */
export function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) {
      element.removeAttribute(name);
    } else {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
}

/** An HTML element with attributes and children; strings become text nodes. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  append(element, children);
  return element;
}

/** An SVG element with attributes and children. */
export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  setAttributes(element, attributes);
  append(element, children);
  return element;
}

function append(element: Element, children: Child[]): void {
  for (const child of children) {
    if (child !== null && child !== undefined) {
      element.append(child);
    }
  }
}

/** Listens until `signal` fires. */
export function listen<K extends keyof HTMLElementEventMap>(
  target: EventTarget,
  type: K,
  handler: (event: HTMLElementEventMap[K]) => void,
  signal: AbortSignal,
  options: AddEventListenerOptions = {}
): void {
  target.addEventListener(type, handler as EventListener, { ...options, signal });
}

/** Sets the text only where it differs: keeps selections and live regions quiet. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** Runs `draw` once in the next animation frame, however often it was asked for. */
export class Frame {
  private handle = 0;

  constructor(
    private readonly draw: () => void,
    signal: AbortSignal
  ) {
    signal.addEventListener('abort', () => {
      cancelAnimationFrame(this.handle);
      this.handle = -1;
    });
  }

  request(): void {
    if (this.handle === 0) {
      this.handle = requestAnimationFrame(() => {
        this.handle = 0;
        this.draw();
      });
    }
  }
}

/** Hands a buffer to the user as a file. */
export function download(data: BlobPart, filename: string, mime: string): void {
  const url = URL.createObjectURL(new Blob([data], { type: mime }));
  const link = h('a', { href: url, download: filename });
  link.style.display = 'none';
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Copies text; resolves to whether the browser let us. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // No permission, or not a secure context: the old way still works on a selected text area.
    const area = h('textarea', { 'aria-hidden': 'true', readonly: true });
    area.value = text;
    area.style.position = 'fixed';
    area.style.opacity = '0';
    document.body.append(area);
    area.select();
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- there is no other way without the permission
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}
