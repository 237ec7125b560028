/** What the viewer of the array knows: its controls, and the layout that the kernel has told of. */

import { type BaseSession, FIRST_SESSION, RemoteModel } from '../core/model';
import type { Transport } from '../core/transport';
import { type AntennaState, type Choices, type Hello, INITIAL_STATE, type Layout } from './protocol';

export interface Session extends BaseSession {
  layout: Layout | null;
  choices: Choices;
}

const SLOW = ['antenna', 'baseline', 'uv', 'lengths', 'save', 'part', 'code'];

export class AntennaModel extends RemoteModel<AntennaState, Session, Hello> {
  constructor(transport: Transport, signal: AbortSignal) {
    super(transport, signal, {
      state: INITIAL_STATE,
      session: { ...FIRST_SESSION, layout: null, choices: {} },
      slow: SLOW,
      redraws: key => key === 'path'
    });
    this.on('choices', (choices: Choices) => this.session.patch({ choices }));
    this.on('layout', (layout: unknown) => this.session.patch({ layout: asLayout(layout), failure: null }));
  }

  /** An antenna by its id. */
  antenna(id: number): Layout['antennas'][number] | undefined {
    return this.session.value.layout?.antennas.find(antenna => antenna.id === id);
  }

  /** Picks an antenna; with `add` it joins those that are picked, or leaves them. */
  pick(id: number, add: boolean): void {
    const { selected } = this.state.value;
    const others = selected.filter(other => other !== id);
    this.set({ selected: !add ? [id] : others.length < selected.length ? others : [...selected, id] });
  }

  protected async greeted({ choices }: Hello): Promise<void> {
    this.session.patch({ choices: choices ?? {} });
    const { result } = await this.transport.request<unknown>('layout', {}, { signal: this.signal });
    const layout = asLayout(result);
    const known = this.session.value.layout;
    if (layout && (!known || layout.generation >= known.generation) && !(known && isFuller(known, layout))) {
      this.session.patch({ layout });
    }
  }

  protected forget(): void {
    this.session.patch({ layout: null });
  }
}

/** No layout may come as `null` or as an empty object. */
function asLayout(value: unknown): Layout | null {
  return typeof value === 'object' && value !== null && 'antennas' in value ? (value as Layout) : null;
}

/** Whether `known` says more about the same layout: events overtake answers. */
function isFuller(known: Layout, layout: Layout): boolean {
  const stage = ({ flags, amplitudes }: Layout): number => Number(flags) + Number(amplitudes);
  return known.generation === layout.generation && stage(known) > stage(layout);
}
