/** Which state a viewer is in, and what it shows for it. */

import { h } from './dom';
import type { BaseSession } from './model';
import type { Shell, ViewState } from './shell';
import type { Failure } from './transport';

/** What a viewer knows about itself. */
export interface Situation {
  session: BaseSession;
  path: string;
  /** The generation that the kernel has told of, 0 where there is none. */
  told: number;
  /** The generation on the screen with all that belongs to it, 0 where there is none. */
  drawn: number;
  /** Work in hand adds to what is on the screen, and does not replace it. */
  adding?: boolean;
  /** What went wrong with drawing it. */
  drawFailure?: Failure | null;
}

export interface CardHost {
  cancel(): void;
  retry(): void;
  /** All controls, for those who ask for help. */
  state(): object;
}

/** What the cards say. */
export interface CardWords {
  reading: string;
  empty: string;
  emptyHint: string;
  /** A PNG as data URL: the last picture, shown where nobody answers. */
  snapshot: string;
  /** Whether a server answers and not a notebook's kernel. */
  served?: boolean;
}

const KERNEL = {
  waiting: 'Waiting for the kernel',
  silent: 'The kernel does not answer',
  last: 'This is the last picture. It goes on when the kernel does; if the kernel has gone, run the cell again.',
  none: 'Run the cell for a live picture.'
};
const SERVER = {
  waiting: 'Waiting for the server',
  silent: 'The server does not answer',
  last: 'This is the last picture. It goes on by itself when the connection is back.',
  none: 'The picture comes by itself when the connection is back.'
};

export function viewStateOf({ session, path, told, drawn, adding, drawFailure }: Situation): ViewState {
  const { greeted, offline, waiting, failure } = session;
  const busy = session.busy || waiting;
  if (offline) {
    return 'offline';
  }
  if (!busy && (failure ?? drawFailure)) {
    return 'error';
  }
  if (told === 0) {
    return busy || !greeted || path !== '' ? 'loading' : 'empty';
  }
  if (drawn === 0) {
    return 'loading';
  }
  return (busy && adding !== true) || drawn !== told ? 'stale' : 'ready';
}

export class StateCards {
  constructor(
    private readonly shell: Shell,
    private readonly host: CardHost,
    private readonly words: CardWords
  ) {}

  show(situation: Situation): void {
    const { shell, host, words } = this;
    const { session, told, drawn } = situation;
    const { progress, busy, failure, greeted } = session;
    const state = viewStateOf(situation);
    const text = progress?.text ?? words.reading;
    const fraction = progress ? progress.fraction : null;
    const percent = fraction === null ? '' : ` ${Math.round(100 * fraction)}\u202f%`;
    const working = (state === 'stale' || state === 'ready') && busy;
    shell.state = state;
    shell.root.toggleAttribute('data-picture', drawn > 0);
    shell.root.toggleAttribute('data-vacant', state === 'offline' && drawn === 0 && words.snapshot === '');
    shell.status.working(working ? `${text}${percent}` : null, fraction, busy);
    if (state !== 'offline') {
      shell.stage.querySelector('.dsa-snapshot')?.remove();
    }
    if (state === 'loading') {
      const doing = !greeted ? this.peer.waiting : told > 0 ? 'Loading the picture' : `${text}${percent}`;
      shell.card.loading(doing, greeted && told === 0 ? fraction : null, busy ? () => host.cancel() : null);
    } else if (state === 'error') {
      const shown = failure ?? situation.drawFailure!;
      shell.card.failure(shown, () => host.retry(), () => this.details(shown, situation.path));
    } else if (state === 'empty') {
      shell.card.message('empty', 'info', words.empty, words.emptyHint);
    } else if (state === 'offline') {
      this.showOffline(drawn);
    } else {
      shell.card.hide();
    }
  }

  private showOffline(drawn: number): void {
    const { shell } = this;
    const { snapshot } = this.words;
    const hasPicture = drawn > 0 || snapshot !== '';
    if (drawn === 0 && snapshot.startsWith('data:image/') && !shell.stage.querySelector('.dsa-snapshot')) {
      shell.stage.prepend(h('img', { class: 'dsa-snapshot', src: snapshot, alt: 'The last picture' }));
    }
    shell.card.message('offline', 'offline', this.peer.silent, hasPicture ? this.peer.last : this.peer.none);
  }

  private get peer(): typeof KERNEL {
    return this.words.served === true ? SERVER : KERNEL;
  }

  /** Everything somebody needs who is asked for help. */
  private details(failure: Failure, path: string): string {
    return [
      `${failure.code}: ${failure.message}`,
      failure.hint,
      `path: ${path}`,
      `state: ${JSON.stringify(this.host.state())}`,
      `browser: ${navigator.userAgent}`
    ].join('\n');
  }
}
