/** Labelled controls: a label, an input, and a place for one line of error under it. */

import { h, listen, setText, uid } from './dom';
import { icon, type IconName } from './icons';

export interface Field<T> {
  readonly element: HTMLElement;
  readonly set: (value: T) => void;
  readonly setError: (message: string, hint?: string) => void;
}

export interface Choice {
  value: string;
  label: string;
  disabled?: boolean;
}

interface Frame {
  element: HTMLElement;
  id: string;
  setError: (message: string, hint?: string) => void;
}

function frame(label: string, control: HTMLElement, name: string): Frame {
  const id = uid('field');
  const errorId = `${id}-error`;
  control.id = id;
  const error = h('div', { class: 'dsa-field-error', id: errorId, hidden: true, role: 'alert' });
  const element = h(
    'div',
    { class: 'dsa-field', 'data-field': name },
    h('label', { class: 'dsa-label', for: id }, label),
    control,
    error
  );
  return {
    element,
    id,
    setError: (message, hint = '') => {
      error.hidden = message === '';
      setText(error, hint ? `${message} ${hint}` : message);
      element.classList.toggle('dsa-invalid', message !== '');
      if (message) {
        control.setAttribute('aria-invalid', 'true');
        control.setAttribute('aria-describedby', errorId);
      } else {
        control.removeAttribute('aria-invalid');
        control.removeAttribute('aria-describedby');
      }
    }
  };
}

export interface SelectField extends Field<string> {
  setChoices(choices: readonly Choice[]): void;
}

export function selectField(name: string, label: string, change: (value: string) => void, signal: AbortSignal): SelectField {
  const select = h('select', { class: 'dsa-select' });
  const { element, setError } = frame(label, select, name);
  let current = '';
  let known = '';
  const show = (): void => {
    // A value that is not (yet) among the choices is shown all the same.
    const missing = current !== '' && ![...select.options].some(option => option.value === current);
    if (missing) {
      select.append(h('option', { value: current, 'data-extra': true }, current));
    }
    select.value = current;
  };
  listen(
    select,
    'change',
    () => {
      current = select.value;
      change(current);
    },
    signal
  );
  return {
    element,
    setError,
    set: value => {
      current = value;
      show();
    },
    setChoices: choices => {
      const text = JSON.stringify(choices);
      if (text !== known) {
        known = text;
        select.replaceChildren(
          ...choices.map(c => h('option', { value: c.value, disabled: c.disabled === true }, c.label))
        );
        show();
      }
    }
  };
}

export interface TextField extends Field<string> {
  setSuggestions(suggestions: readonly string[]): void;
}

export interface TextOptions {
  placeholder?: string;
  title?: string;
  numeric?: boolean;
}

/** A text field that is applied on Enter and on leaving it. */
export function textField(
  name: string,
  label: string,
  change: (value: string) => void,
  signal: AbortSignal,
  options: TextOptions = {}
): TextField {
  const listId = uid('list');
  const list = h('datalist', { id: listId });
  const input = h('input', {
    class: 'dsa-input',
    type: 'text',
    list: options.numeric ? null : listId,
    inputmode: options.numeric ? 'decimal' : null,
    placeholder: options.placeholder ?? '',
    title: options.title ?? null,
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false'
  });
  const { element, setError } = frame(label, input, name);
  element.append(list);
  let applied = '';
  /** What stood there before the last edit: when that edit is refused it comes back, and the typed text stays. */
  let before = '';
  let invalid = false;
  const apply = (): void => {
    if (input.value.trim() !== applied) {
      before = invalid ? before : applied;
      applied = input.value.trim();
      change(applied);
    }
  };
  listen(input, 'change', apply, signal);
  listen(
    input,
    'keydown',
    event => {
      if (event.key === 'Enter') {
        apply();
      } else if (event.key === 'Escape' && input.value !== applied) {
        input.value = applied;
        event.stopPropagation();
      }
    },
    signal
  );
  return {
    element,
    setError: (message, hint) => {
      setError(message, hint);
      invalid = message !== '';
    },
    set: value => {
      if (invalid && value === before) {
        applied = value;
      } else if (value !== applied) {
        applied = value;
        input.value = value;
        invalid = false;
        setError('');
      }
    },
    setSuggestions: suggestions => list.replaceChildren(...suggestions.slice(0, 500).map(value => h('option', { value })))
  };
}

export function checkField(name: string, label: string, change: (value: boolean) => void, signal: AbortSignal): Field<boolean> {
  const id = uid('check');
  const input = h('input', { type: 'checkbox', class: 'dsa-check', id });
  const element = h('div', { class: 'dsa-field dsa-field-check', 'data-field': name }, input, h('label', { for: id }, label));
  listen(input, 'change', () => change(input.checked), signal);
  return {
    element,
    set: value => {
      input.checked = value;
    },
    setError: message => {
      element.title = message;
      element.classList.toggle('dsa-invalid', message !== '');
    }
  };
}

export interface ButtonOptions {
  icon?: IconName;
  label: string;
  /** Shown in the tool tip. */
  key?: string;
  /** Beside the icon; without it the icon stands alone. */
  text?: string;
  name?: string;
  class?: string;
}

export function button(options: ButtonOptions, press: () => void, signal: AbortSignal): HTMLButtonElement {
  const title = options.key ? `${options.label} (${options.key})` : options.label;
  const element = h('button', {
    type: 'button',
    class: `dsa-button ${options.class ?? ''}`.trim(),
    'aria-label': options.label,
    title,
    'data-action': options.name
  });
  if (options.icon) {
    element.append(icon(options.icon));
  }
  if (options.text) {
    element.append(h('span', { class: 'dsa-button-text' }, options.text));
  }
  listen(element, 'click', press, signal);
  return element;
}

/** A part of the side panel that folds. */
export function section(name: string, title: string, open: boolean, ...children: Node[]): HTMLDetailsElement {
  const body = h('div', { class: 'dsa-section-body' });
  body.append(...children);
  return h(
    'details',
    { class: 'dsa-section', 'data-section': name, open },
    h('summary', { class: 'dsa-section-title' }, icon('chevron'), h('span', {}, title)),
    body
  );
}

export function row(...children: Node[]): HTMLElement {
  const element = h('div', { class: 'dsa-row' });
  element.append(...children);
  return element;
}
