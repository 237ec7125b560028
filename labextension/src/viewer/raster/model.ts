/** What the raster viewer knows: its controls, and the picture that the kernel has told of. */

import { type BaseSession, FIRST_SESSION, RemoteModel } from '../core/model';
import type { Transport } from '../core/transport';
import { type Choices, type Hello, INITIAL_STATE, type Located, type Picture, type RasterState } from './protocol';

export type { Refusal } from '../core/model';

export interface Session extends BaseSession {
  picture: Picture | null;
  choices: Choices;
  located: Located | null;
}

const SLOW = ['save', 'part', 'locate', 'code'];

/** Controls that change colours and words, not cells. */
const LOOKS: readonly string[] = [
  'colormap',
  'flagged_colormap',
  'show_flagged',
  'stretch',
  'limits',
  'limits_mode',
  'percentile',
  'title'
];

export class RasterModel extends RemoteModel<RasterState, Session, Hello> {
  constructor(transport: Transport, signal: AbortSignal) {
    super(transport, signal, {
      state: INITIAL_STATE,
      session: { ...FIRST_SESSION, picture: null, choices: {}, located: null },
      slow: SLOW,
      redraws: key => !LOOKS.includes(key)
    });
    this.on('choices', (choices: Choices) => this.session.patch({ choices }));
    this.on('picture', (picture: Picture | null) => this.session.patch({ picture, failure: null }));
    this.on('located', (located: Located | null) => this.session.patch({ located }));
  }

  protected async greeted({ choices, located }: Hello): Promise<void> {
    this.session.patch({ choices: choices ?? {}, ...(located === undefined ? {} : { located }) });
    const picture = await this.transport.request<Picture | null>('picture', {}, { signal: this.signal });
    const known = this.session.value.picture;
    if (picture.result && (!known || picture.result.generation >= known.generation)) {
      this.session.patch({ picture: picture.result });
    }
  }

  protected forget(): void {
    this.session.patch({ picture: null, located: null });
  }
}
