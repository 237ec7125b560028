/** Sliders through channels and Stokes parameters, where there is more than one. */

import { h } from '../core/dom';
import { formatCount } from '../core/format';
import { Player } from '../core/player';
import type { ImageModel } from './model';

export class Players {
  readonly element = h('div', { class: 'dsa-players' });
  private readonly channels: Player;
  private readonly stokes: Player;

  constructor(
    private readonly model: ImageModel,
    signal: AbortSignal
  ) {
    const keys = [',', '.', 'space'] as const;
    this.channels = new Player({ go: channel => model.set({ channel }) }, signal, { thing: 'Channel', keys });
    this.stokes = new Player({ go: stokes => model.set({ stokes }) }, signal, { thing: 'Stokes parameter', keys });
    this.element.append(this.stokes.element, this.channels.element);
  }

  /** The one the keys are for. */
  get main(): Player {
    return (this.model.session.value.image?.n_channels ?? 0) > 1 ? this.channels : this.stokes;
  }

  /** Playing waits for the plane it has asked for. */
  setReady(ready: boolean): void {
    this.channels.setReady(ready);
    this.stokes.setReady(ready);
  }

  show(): void {
    const { image } = this.model.session.value;
    const { channel, stokes } = this.model.state.value;
    const [channels, parameters] = [image?.n_channels ?? 0, image?.n_stokes ?? 0];
    const isTold = image?.plane === stokes * channels + channel;
    // The kernel knows what the plane is called that it has told of, not the one that is on its way.
    const name = image && isTold && image.channel_label ? `  ${image.channel_label}` : '';
    this.channels.set(Math.min(channel, Math.max(0, channels - 1)), channels, 1, `Channel ${channel}${name}  (${channel + 1}/${formatCount(channels)})`);
    this.stokes.set(Math.min(stokes, Math.max(0, parameters - 1)), parameters, 1, `Stokes ${image?.stokes[stokes] ?? stokes}`);
  }
}
