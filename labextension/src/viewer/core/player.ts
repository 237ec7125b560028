/** Steps through a list of things: previous, next, play, a slider and a label. */

import { h, listen, setText } from './dom';
import { button } from './fields';
import { icon } from './icons';

export interface PlayerHost {
  go(index: number): void;
}

export interface PlayerWords {
  /** What it steps through. */
  thing: string;
  /** The keys for previous and next, and for play and pause. */
  keys: readonly [string, string, string];
}

const WORDS: PlayerWords = { thing: 'Iteration', keys: ['[', ']', 'space'] };

/** Milliseconds between two pictures, at least. */
const PACE = 400;

export class Player {
  readonly element: HTMLElement;
  private readonly slider = h('input', { type: 'range', class: 'dsa-slider', min: 0, step: 1 });
  private readonly label = h('span', { class: 'dsa-player-label dsa-num' });
  private readonly playButton: HTMLButtonElement;
  private index = 0;
  private count = 0;
  private stride = 1;
  private playing = false;
  private ready = true;
  private widest = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly host: PlayerHost,
    signal: AbortSignal,
    private readonly words = WORDS
  ) {
    const { thing, keys } = words;
    this.slider.setAttribute('aria-label', thing);
    this.playButton = button({ icon: 'play', label: 'Play', key: keys[2], name: 'play', class: 'dsa-tool' }, () => this.toggle(), signal);
    const previous = button({ icon: 'previous', label: 'Previous', key: keys[0], name: 'previous', class: 'dsa-tool' }, () => this.step(-1), signal);
    const next = button({ icon: 'next', label: 'Next', key: keys[1], name: 'next', class: 'dsa-tool' }, () => this.step(1), signal);
    this.element = h(
      'div',
      { class: 'dsa-player', hidden: true, role: 'group', 'aria-label': thing },
      previous,
      this.playButton,
      next,
      this.slider,
      this.label
    );
    listen(this.slider, 'input', () => this.go(Number(this.slider.value)), signal);
    signal.addEventListener('abort', () => this.stop());
  }

  set(index: number, count: number, stride: number, label: string): void {
    this.index = index;
    this.count = count;
    this.stride = stride;
    this.element.hidden = count <= 1;
    this.slider.max = String(Math.max(0, count - 1));
    this.slider.value = String(index);
    this.slider.setAttribute('aria-valuetext', label);
    setText(this.label, label);
    this.label.title = label;
    // As wide as the widest so far: the slider keeps its place.
    this.widest = Math.max(this.widest, this.label.offsetWidth);
    this.label.style.minWidth = `${this.widest}px`;
    if (count <= 1) {
      this.stop();
    }
  }

  /** Playing waits for the picture it has asked for. */
  setReady(ready: boolean): void {
    this.ready = ready;
    if (ready && this.playing) {
      this.schedule();
    }
  }

  step(direction: 1 | -1): void {
    this.stop();
    this.go(this.index + direction * this.stride);
  }

  toggle(): void {
    if (this.playing) {
      this.stop();
    } else if (this.count > 1) {
      this.playing = true;
      this.show();
      this.schedule();
    }
  }

  stop(): boolean {
    const was = this.playing;
    this.playing = false;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.show();
    return was;
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (this.playing && this.ready) {
        const next = this.index + this.stride;
        this.go(next < this.count ? next : 0);
      }
    }, PACE);
  }

  private go(index: number): void {
    const inside = Math.min(this.count - 1, Math.max(0, index));
    if (inside !== this.index) {
      this.index = inside;
      this.slider.value = String(inside);
      this.host.go(inside);
    }
  }

  private show(): void {
    this.playButton.replaceChildren(icon(this.playing ? 'pause' : 'play'));
    this.playButton.setAttribute('aria-label', this.playing ? 'Pause' : 'Play');
    this.playButton.title = `${this.playing ? 'Pause' : 'Play'} (${this.words.keys[2]})`;
  }
}
