/** The looks of the states a viewer can be in: cards over the stage, notices, the status line. */

import { copyText, h, setText } from './dom';
import { button } from './fields';
import { icon, type IconName } from './icons';
import type { Failure } from './transport';

/** Cards in the middle of the stage: empty, loading, error. */
export class Card {
  readonly element = h('div', { class: 'dsa-card-layer', hidden: true });
  private shown = '';
  private bar: HTMLProgressElement | null = null;
  private text: HTMLElement | null = null;

  constructor(private readonly signal: AbortSignal) {}

  hide(): void {
    this.element.hidden = true;
    this.element.replaceChildren();
    this.shown = '';
  }

  loading(text: string, fraction: number | null, cancel: (() => void) | null): void {
    const key = `loading ${cancel !== null}`;
    if (this.shown !== key) {
      this.bar = h('progress', { class: 'dsa-progress', max: 1, 'aria-label': 'Progress' });
      this.text = h('div', { class: 'dsa-card-text dsa-num' });
      const parts: HTMLElement[] = [this.text, this.bar];
      if (cancel) {
        parts.push(button({ label: 'Cancel', text: 'Cancel', name: 'cancel', class: 'dsa-text-button' }, cancel, this.signal));
      }
      this.show(key, 'loading', parts);
    }
    setText(this.text!, text);
    if (fraction === null) {
      this.bar!.removeAttribute('value');
    } else {
      this.bar!.value = fraction;
    }
  }

  failure(failure: Failure, retry: (() => void) | null, details: () => string): void {
    const key = `failure ${failure.code} ${failure.message} ${failure.hint}`;
    if (this.shown === key) {
      return;
    }
    const copy = button(
      { label: 'Copy details', text: 'Copy details', icon: 'copy', name: 'copy-details', class: 'dsa-text-button' },
      () => void copyText(details()).then(done => setText(copy.querySelector('.dsa-button-text')!, done ? 'Copied' : 'Not copied')),
      this.signal
    );
    const actions = h('div', { class: 'dsa-card-actions' }, copy);
    if (retry) {
      actions.prepend(button({ label: 'Try again', text: 'Try again', name: 'retry', class: 'dsa-text-button dsa-primary' }, retry, this.signal));
    }
    this.show(key, 'error', [
      h('div', { class: 'dsa-card-title' }, icon('error'), h('span', {}, failure.message)),
      h('div', { class: 'dsa-card-text' }, failure.hint),
      actions
    ]);
  }

  message(kind: string, name: IconName, title: string, text: string): void {
    const key = `${kind} ${title} ${text}`;
    if (this.shown !== key) {
      this.show(key, kind, [
        h('div', { class: 'dsa-card-title' }, icon(name), h('span', {}, title)),
        h('div', { class: 'dsa-card-text' }, text)
      ]);
    }
  }

  private show(key: string, kind: string, parts: HTMLElement[]): void {
    this.shown = key;
    const card = h('div', { class: `dsa-card dsa-card-${kind}`, role: kind === 'error' ? 'alert' : 'status' }, ...parts);
    this.element.replaceChildren(card);
    this.element.hidden = false;
  }
}

export type Level = 'info' | 'warning' | 'error';

/** One-line notices over the stage; the same one is shown once, and not again after it was dismissed. */
export class Notices {
  readonly element = h('div', { class: 'dsa-notices', role: 'status', 'aria-live': 'polite' });
  private readonly dismissed = new Set<string>();
  private readonly open = new Map<string, HTMLElement>();

  constructor(private readonly signal: AbortSignal) {}

  add(level: Level, text: string, seconds = 0): void {
    const key = `${level} ${text}`;
    if (this.open.has(key) || (this.dismissed.has(key) && level !== 'info')) {
      return;
    }
    if (level === 'info') {
      // Only the newest piece of news.
      [...this.open.keys()].filter(old => old.startsWith('info ')).forEach(old => this.remove(old, false));
    }
    const close = button({ icon: 'close', label: 'Dismiss', class: 'dsa-small' }, () => this.remove(key, true), this.signal);
    const line = h(
      'div',
      { class: `dsa-notice dsa-notice-${level}`, 'data-level': level },
      icon(level === 'info' ? 'info' : level === 'error' ? 'error' : 'warning'),
      h('span', { class: 'dsa-notice-text', title: text }, text),
      close
    );
    this.open.set(key, line);
    this.element.append(line);
    if (seconds > 0) {
      const timer = setTimeout(() => this.remove(key, false), seconds * 1000);
      this.signal.addEventListener('abort', () => clearTimeout(timer));
    }
  }

  /** Shows exactly these warnings of a picture, and keeps other levels. */
  setWarnings(texts: readonly string[]): void {
    for (const key of [...this.open.keys()]) {
      if (key.startsWith('warning ') && !texts.includes(key.slice(8))) {
        this.remove(key, false);
      }
    }
    texts.forEach(text => this.add('warning', text));
  }

  private remove(key: string, dismissed: boolean): void {
    this.open.get(key)?.remove();
    this.open.delete(key);
    if (dismissed) {
      this.dismissed.add(key);
    }
  }
}

/** The line at the bottom: the read-out, and work in hand. */
export class StatusLine {
  readonly element: HTMLElement;
  readonly extras = h('div', { class: 'dsa-extras' });
  private readonly readout = h('div', { class: 'dsa-readout dsa-idle dsa-num' });
  private readonly live = h('div', { class: 'dsa-live', 'aria-live': 'polite', 'aria-atomic': 'true' });
  private readonly work = h('div', { class: 'dsa-work', hidden: true });
  private readonly workText = h('span', { class: 'dsa-num' });
  private readonly workBar = h('progress', { class: 'dsa-progress', max: 1, 'aria-label': 'Progress' });
  private readonly cancel: HTMLButtonElement;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private idle = '';

  constructor(cancel: () => void, signal: AbortSignal) {
    this.cancel = button({ icon: 'close', label: 'Cancel', key: 'Esc', name: 'cancel', class: 'dsa-small' }, cancel, signal);
    this.work.append(this.workText, this.workBar, this.cancel);
    this.element = h('div', { class: 'dsa-status' }, this.readout, this.live, this.extras, this.work);
    signal.addEventListener('abort', () => clearTimeout(this.timer));
  }

  /** What stands there while the pointer is elsewhere. */
  setIdle(text: string): void {
    this.idle = text;
    if (this.readout.classList.contains('dsa-idle')) {
      this.read('');
    }
  }

  /** Shows the read-out at once; screen readers hear it when the pointer rests. */
  read(text: string): void {
    setText(this.readout, text || this.idle);
    this.readout.classList.toggle('dsa-idle', text === '');
    this.readout.title = text;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => setText(this.live, text), 600);
  }

  working(text: string | null, fraction: number | null, cancellable: boolean): void {
    this.work.hidden = text === null;
    setText(this.workText, text ?? '');
    this.cancel.hidden = !cancellable;
    this.workBar.hidden = fraction === null;
    this.workBar.value = fraction ?? 0;
  }
}
