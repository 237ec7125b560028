/** What is asked of the kernel: changes of mask and regions, one after the other, and what is shown until it has made them. */

import { formatMany } from '../../core/format';
import type { DrawModel, Mode, ThresholdMode } from './kit';
import { nameOf, type Region, type Shape, tidy } from './shapes';

export type MaskAction = 'clear' | 'fill' | 'invert' | 'grow' | 'shrink' | 'drop_islands' | 'copy';

/** A shape on its way to the mask. */
export interface Ghost {
  shape: Shape;
  mode: Mode;
  /** The kernel has drawn it: it goes when the mask is there. */
  done: boolean;
}

const ACTIONS: Readonly<Record<MaskAction, string>> = {
  clear: 'Mask cleared',
  fill: 'All pixels are in the mask',
  invert: 'Mask inverted',
  grow: 'Mask grown',
  shrink: 'Mask shrunk',
  drop_islands: 'Small islands dropped',
  copy: 'Mask copied to the other channels'
};

const FOUND: Readonly<Record<ThresholdMode, (what: string) => string>> = {
  add: what => `What is ${what} is in the mask`,
  replace: what => `The mask is what is ${what}`,
  subtract: what => `What is ${what} is out of the mask`,
  intersect: what => `Only what is ${what} stays in the mask`
};

export class Edits {
  /** Regions as they will be. */
  readonly pending = new Map<string, Region>();
  /** Regions that will be there. */
  coming: Region[] = [];
  ghosts: Ghost[] = [];
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly model: DrawModel,
    private readonly host: {
      /** Something to draw has come or gone. */
      changed(): void;
      /** Says what was done. */
      say(text: string): void;
    }
  ) {}

  // ---- regions

  /** Adds regions; they are selected when they are there. */
  async add(regions: readonly Region[]): Promise<void> {
    const neat = regions.map(tidy);
    this.coming = [...this.coming, ...neat];
    this.host.changed();
    const result = await this.ask<{ ids: string[] }>('edit_regions', { action: 'add', regions: neat });
    this.coming = this.coming.filter(region => !neat.includes(region));
    if (result) {
      this.model.set({ selected: result.ids });
      this.host.say(`${amount(neat)} added`);
    }
    this.host.changed();
  }

  /** Puts regions in the place of those with the same ids. */
  async replace(regions: readonly Region[], said = 'changed'): Promise<void> {
    const neat = regions.map(tidy);
    neat.forEach(region => this.pending.set(region.id, region));
    this.host.changed();
    const result = await this.ask('edit_regions', { action: 'replace', regions: neat });
    for (const region of neat) {
      // A later change of the same region is still on its way.
      if (this.pending.get(region.id) === region) {
        this.pending.delete(region.id);
      }
    }
    if (result) {
      this.host.say(`${amount(neat)} ${said}`);
    }
    this.host.changed();
  }

  async remove(ids: readonly string[]): Promise<void> {
    if (ids.length > 0 && (await this.ask('edit_regions', { action: 'remove', ids }))) {
      this.host.say(`${formatMany(ids.length, 'region')} deleted`);
    }
  }

  async toMask(ids: readonly string[], mode: Mode): Promise<void> {
    if (ids.length > 0 && (await this.ask('region_to_mask', { ids, mode }))) {
      this.host.say(`${formatMany(ids.length, 'region')} ${mode === 'subtract' ? 'taken out of' : mode === 'add' ? 'added to' : 'cut with'} the mask`);
    }
  }

  // ---- mask

  async draw(shape: Shape, mode: Mode): Promise<void> {
    const ghost: Ghost = { shape, mode, done: false };
    this.ghosts = [...this.ghosts, ghost];
    this.host.changed();
    const result = await this.ask('draw', { shape, mode });
    ghost.done = true;
    if (result) {
      const what = shape.shape === 'brush' ? 'Stroke' : nameOf(shape.shape);
      this.host.say(`${what} ${mode === 'add' ? 'added to' : mode === 'subtract' ? 'taken out of' : 'cut with'} the mask`);
    }
    this.host.changed();
  }

  /** Takes away what the mask shows by itself now. */
  settle(isMaskThere: boolean): void {
    if (isMaskThere && this.ghosts.some(({ done }) => done)) {
      this.ghosts = this.ghosts.filter(({ done }) => !done);
      this.host.changed();
    }
  }

  async edit(action: MaskAction, more: { pixels?: number; area?: number } = {}): Promise<void> {
    if (await this.ask('edit_mask', { action, ...more })) {
      this.host.say(ACTIONS[action]);
    }
  }

  /** Changes the mask by what is above the threshold: the island at a point, what is in a region, or everything. */
  async threshold(sigma: number, mode: ThresholdMode, within: { id?: string; point?: readonly [number, number] }): Promise<void> {
    const before = this.revision;
    if (!(await this.ask('threshold', { sigma, mode, ...within }))) {
      return;
    }
    if (this.revision === before) {
      this.model.onNotice({ level: 'info', text: `There is nothing${mode === 'add' ? ' more' : ' to change'} above ${sigma} sigma ${within.point ? 'at this place' : within.id ? 'in the region' : 'in this plane'}.` });
    } else {
      this.host.say(FOUND[mode](`above ${sigma} sigma`));
    }
  }

  // ---- both

  async undo(): Promise<void> {
    await this.step('undo', this.model.session.value.mask?.can_undo ?? null, 'Undone');
  }

  async redo(): Promise<void> {
    await this.step('redo', this.model.session.value.mask?.can_redo ?? null, 'Done again');
  }

  private async step(op: 'undo' | 'redo', what: string | null, said: string): Promise<void> {
    if (what === null) {
      this.host.say(`There is nothing to ${op}`);
    } else if (await this.ask(op, {})) {
      this.host.say(`${said}: ${what}`);
    }
  }

  private get revision(): number {
    return this.model.session.value.mask?.revision ?? 0;
  }

  /** One request after the other; `null` if it failed, which the user has been told then. */
  private ask<R = object>(op: string, params: object): Promise<R | null> {
    const { generation } = this.model.session.value.image ?? { generation: 0 };
    const answer = this.queue.then(async () => {
      await this.model.settled();
      return (await this.model.request<R | null>(op, { generation, ...params })) ?? null;
    });
    this.queue = answer;
    return answer;
  }
}

function amount(regions: readonly Region[]): string {
  return regions.length === 1 ? nameOf(regions[0]!.shape) : formatMany(regions.length, 'region');
}

/** A region of a shape that was drawn just now. */
export function newRegion(shape: Shape, include: boolean, drawnIn: string): Region {
  return { ...shape, id: '', frame: 'pixel', drawn_in: drawnIn || 'pixel', include, label: '', colour: '', channels: null, stokes: null };
}
