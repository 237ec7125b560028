/** Which state the viewer is in, and what it shows for it. */

import { h } from '../core/dom';
import type { Shell, ViewState } from '../core/shell';
import type { Failure } from '../core/transport';
import type { RasterModel, Session } from './model';

/** What the view itself knows about its picture. */
export interface Drawn {
  /** The generation on the screen with all its tiles, 0 where there is none. */
  generation: number;
  tileFailure: Failure | null;
}

export function viewStateOf(session: Session, path: string, drawn: Drawn): ViewState {
  const { greeted, offline, waiting, picture, failure } = session;
  const busy = session.busy || waiting;
  if (offline) {
    return 'offline';
  }
  if (!busy && (failure ?? drawn.tileFailure)) {
    return 'error';
  }
  if (!picture) {
    return busy || !greeted || path !== '' ? 'loading' : 'empty';
  }
  if (drawn.generation === 0) {
    return 'loading';
  }
  return busy || drawn.generation !== picture.generation ? 'stale' : 'ready';
}

export class StateCards {
  constructor(
    private readonly shell: Shell,
    private readonly model: RasterModel,
    private readonly retry: () => void,
    private readonly snapshot: string
  ) {}

  show(drawn: Drawn): void {
    const { shell, model } = this;
    const session = model.session.value;
    const { progress, busy, failure, picture, greeted } = session;
    const state = viewStateOf(session, model.state.value.path, drawn);
    const text = progress?.text ?? 'Reading the Measurement Set';
    const fraction = progress ? progress.fraction : null;
    const percent = fraction === null ? '' : ` ${Math.round(100 * fraction)}\u202f%`;
    const cancel = busy ? () => void model.request('cancel') : null;
    shell.state = state;
    shell.root.toggleAttribute('data-picture', drawn.generation > 0);
    shell.root.toggleAttribute('data-vacant', state === 'offline' && drawn.generation === 0 && this.snapshot === '');
    shell.status.working(state === 'stale' && busy ? `${text}${percent}` : null, fraction, busy);
    if (state !== 'offline') {
      shell.stage.querySelector('.dsa-snapshot')?.remove();
    }
    if (state === 'loading') {
      const doing = !greeted ? 'Waiting for the kernel' : picture ? 'Loading the picture' : `${text}${percent}`;
      shell.card.loading(doing, greeted && !picture ? fraction : null, cancel);
    } else if (state === 'error') {
      const shown = failure ?? drawn.tileFailure!;
      shell.card.failure(shown, this.retry, () => this.details(shown));
    } else if (state === 'empty') {
      shell.card.message('empty', 'info', 'No Measurement Set yet', 'Set the path in Python: MsRaster("observation.ms")');
    } else if (state === 'offline') {
      this.showOffline(drawn);
    } else {
      shell.card.hide();
    }
  }

  private showOffline(drawn: Drawn): void {
    const { shell, snapshot } = this;
    const hasPicture = drawn.generation > 0 || snapshot !== '';
    if (drawn.generation === 0 && snapshot.startsWith('data:image/') && !shell.stage.querySelector('.dsa-snapshot')) {
      shell.stage.prepend(h('img', { class: 'dsa-snapshot', src: snapshot, alt: 'The last picture' }));
    }
    const hint = hasPicture
      ? 'This is the last picture. It goes on when the kernel does; if the kernel has gone, run the cell again.'
      : 'Run the cell for a live picture.';
    shell.card.message('offline', 'offline', 'The kernel does not answer', hint);
  }

  /** Everything somebody needs who is asked for help. */
  private details(failure: Failure): string {
    return [
      `${failure.code}: ${failure.message}`,
      failure.hint,
      `path: ${this.model.state.value.path}`,
      `state: ${JSON.stringify(this.model.state.value)}`,
      `browser: ${navigator.userAgent}`
    ].join('\n');
  }
}
