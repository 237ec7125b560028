/** The fields of a panel by the names of what they set, so that an error can be put under the field it is about. */

import type { Field } from './fields';

export type AnyField = Pick<Field<never>, 'setError'>;

export class FieldBook {
  private readonly fields = new Map<string, AnyField>();

  /** The panel is what scrolls to a field with an error: the parent of `element`. */
  constructor(private readonly element: HTMLElement) {}

  keep<F extends AnyField>(name: string, field: F): F {
    this.fields.set(name, field);
    return field;
  }

  has(name: string): boolean {
    return this.fields.has(name);
  }

  setError(name: string, message: string, hint = ''): void {
    this.fields.get(name)?.setError(message, hint);
  }

  /** Shows an error under its field and brings the field into view; says whether there is such a field. */
  refuse(name: string, message: string, hint: string): boolean {
    if (!this.fields.has(name)) {
      return false;
    }
    this.setError(name, message, hint);
    const element = this.element.querySelector(`[data-field="${name}"]`);
    const details = element?.closest('details');
    if (details) {
      details.open = true;
    }
    scrollWithin(this.element.parentElement, element);
    return true;
  }

  /** Takes the errors away from fields whose change went through. */
  accept(keys: readonly string[]): void {
    for (const [name, field] of this.fields) {
      if (keys.some(key => name === key || name.startsWith(`${key}.`))) {
        field.setError('');
      }
    }
  }

  /** The number in a text; `null`, with an error under the field, where there is none. */
  number(name: string, text: string): number | null {
    const value = Number(text.replace('−', '-').replace(',', '.'));
    if (text === '' || !Number.isFinite(value)) {
      this.setError(name, 'Not a number.', 'For example 0.5 or 1e-3.');
      return null;
    }
    this.setError(name, '');
    return value;
  }
}

/** Brings a part into view by scrolling the side panel only, not the page around it. */
export function scrollWithin(panel: HTMLElement | null, element: Element | null): void {
  if (panel && element) {
    const [outer, inner] = [panel.getBoundingClientRect(), element.getBoundingClientRect()];
    panel.scrollTop += Math.max(0, inner.bottom + 8 - outer.bottom) + Math.min(0, inner.top - 8 - outer.top);
  }
}
