/** A light line in a dark one: it shows on any colour. */

import { s } from '../core/dom';

export class HaloLine {
  private readonly under = s('path');
  private readonly over = s('path');
  readonly element = s('g', { class: 'dsa-halo-line' }, this.under, this.over);

  set(d: string): void {
    this.under.setAttribute('d', d);
    this.over.setAttribute('d', d);
  }
}
