/** What the image viewer knows: its controls, the image, and what is drawn on it. */

import { type BaseSession, FIRST_SESSION, RemoteModel } from '../core/model';
import type { Transport } from '../core/transport';
import { KnownRegions } from './known-regions';
import {
  type CatalogInfo,
  type Choices,
  type CompareInfo,
  type Hello,
  type ImageInfo,
  type ImageState,
  INITIAL_STATE,
  type MaskInfo,
  type RegionsEvent,
  type RegionsInfo
} from './protocol';

export interface Session extends BaseSession {
  image: ImageInfo | null;
  mask: MaskInfo | null;
  regions: RegionsInfo | null;
  compare: CompareInfo | null;
  catalog: CatalogInfo | null;
  choices: Choices;
}

const SLOW = [
  'save',
  'part',
  'code',
  'contours',
  'statistics',
  'profile',
  'draw',
  'edit_mask',
  'threshold',
  'region_to_mask',
  'edit_regions',
  'undo',
  'redo',
  'import',
  'write_mask'
];

/** Controls that need other pixels. */
const REDRAWS = ['path', 'channel', 'stokes', 'compare'];

const NOTHING = { image: null, mask: null, regions: null, compare: null, catalog: null };

export class ImageModel extends RemoteModel<ImageState, Session, Hello> {
  private readonly regions = new KnownRegions();

  constructor(transport: Transport, signal: AbortSignal) {
    super(transport, signal, {
      state: INITIAL_STATE,
      session: { ...FIRST_SESSION, ...NOTHING, choices: {} },
      slow: SLOW,
      redraws: key => REDRAWS.includes(key)
    });
    this.on('choices', (choices: Choices) => this.session.patch({ choices }));
    this.on('image', (image: ImageInfo | null) => this.session.patch({ image, failure: null }));
    this.on('mask', (mask: MaskInfo | null) => this.session.patch({ mask }));
    this.on('regions', (event: RegionsEvent) => this.takeRegions(event));
    this.on('compare', (compare: CompareInfo | null) => this.session.patch({ compare }));
    this.on('catalog', (catalog: CatalogInfo | null) => this.session.patch({ catalog }));
  }

  protected greeted({ choices, image, mask, compare, catalog }: Hello): Promise<void> {
    this.session.patch({ choices: choices ?? {} });
    const known = this.session.value.image;
    // An event that overtook the answer is newer than it.
    if (image && (!known || image.generation >= known.generation)) {
      this.session.patch({ image, mask, compare, catalog });
    }
    return Promise.resolve();
  }

  protected forget(): void {
    this.session.patch(NOTHING);
  }

  private takeRegions(event: RegionsEvent): void {
    const known = this.session.value.regions;
    const regions = this.regions.take(known, event);
    if (regions === 'lost') {
      // Before the first list there is nothing to change; after it everything is asked for.
      void (known && this.greet());
    } else if (regions !== 'more') {
      this.session.patch({ regions });
    }
  }
}
