/** Files: taking regions and masks in, by a button or by dropping them on the picture, and giving them out. */

import { save } from '../../core/actions';
import { h, listen, setText } from '../../core/dom';
import { button, section } from '../../core/fields';
import { formatMany } from '../../core/format';
import { asFailure } from '../../core/transport';
import type { DrawModel } from './kit';

interface Problem {
  line: number;
  text: string;
  reason: string;
}

export interface ImportResult {
  n_regions: number;
  mask: boolean;
  problems: readonly Problem[];
  warnings?: readonly string[];
}

/** What one message can carry. */
const MOST_BYTES = 8 << 20;

const EXPORTS = [
  ['mask.fits', 'Mask (FITS)', 'Mask as a FITS image'],
  ['ds9', 'DS9', 'Regions for DS9'],
  ['crtf', 'CRTF', 'Regions for CASA'],
  ['json', 'JSON', 'Regions as JSON']
] as const;

export class Files {
  readonly element: HTMLElement;
  private readonly picker = h('input', { type: 'file', multiple: true, hidden: true, accept: '.reg,.ds9,.crtf,.rgn,.json,.txt,.fits,.fit,.fits.gz', 'aria-label': 'Region and mask files' });
  private readonly report = h('div', { class: 'dsa-report', role: 'status', hidden: true });
  private readonly buttons = new Map<string, HTMLButtonElement>();
  /** The state of an empty mask for which the user was warned. */
  private warned = -1;

  constructor(
    private readonly model: DrawModel,
    private readonly stage: HTMLElement,
    private readonly signal: AbortSignal
  ) {
    const open = button({ label: 'Import regions or a mask', text: 'Import …', name: 'import', class: 'dsa-text-button' }, () => this.picker.click(), signal);
    listen(
      this.picker,
      'change',
      () => {
        void this.take([...(this.picker.files ?? [])]);
        this.picker.value = '';
      },
      signal
    );
    const exports = EXPORTS.map(([format, text, label]) => {
      const element = button({ label, text, name: `export-${format}`, class: 'dsa-text-button' }, () => void this.give(format), signal);
      this.buttons.set(format, element);
      return element;
    });
    this.element = section(
      'files',
      'Files',
      false,
      h('div', { class: 'dsa-buttons' }, open, this.picker),
      h('p', { class: 'dsa-hint' }, 'DS9, CASA (CRTF), JSON and FITS files can be dropped on the picture, too.'),
      h('div', { class: 'dsa-label' }, 'Export'),
      h('div', { class: 'dsa-buttons' }, ...exports),
      this.report
    );
    this.listenForDrops();
    model.state.subscribe((_, changed) => changed.has('selected') && this.show(), signal);
    this.show();
  }

  /** Takes files one after the other. */
  async take(files: readonly File[]): Promise<void> {
    for (const file of files) {
      if (file.size > MOST_BYTES) {
        this.model.onNotice({ level: 'error', text: `${file.name} has more than 8 MiB. Read it in Python.` });
        continue;
      }
      try {
        const bytes = await file.arrayBuffer();
        await this.model.settled();
        // As bytes, whatever it is: the kernel looks inside.
        const { result } = await this.model.transport.request<ImportResult>('import', { name: file.name }, { signal: this.signal, buffers: [bytes] });
        this.tell(file.name, result);
      } catch (error) {
        const { message, hint } = asFailure(error);
        this.model.failed(error);
        this.show(`${file.name}: ${message} ${hint}`.trim());
      }
    }
  }

  /** Saves the mask, or the selected regions, or all of them. */
  async give(format: string): Promise<void> {
    const { mask } = this.model.session.value;
    if (format === 'mask.fits' && mask?.n_planes_with_mask === 0 && mask.n_pixels === 0 && this.warned !== mask.revision) {
      this.warned = mask.revision;
      this.model.onNotice({ level: 'warning', text: 'The mask is empty: an imager would clean nothing. Press again to save it all the same.' });
      return;
    }
    // The kernel must know what is selected.
    await this.model.settled();
    await save(this.model, format, this.signal);
  }

  private listenForDrops(): void {
    const { stage, signal } = this;
    const over = (event: DragEvent, on: boolean): void => {
      if (event.dataTransfer?.types.includes('Files')) {
        event.preventDefault();
        event.stopPropagation();
        stage.classList.toggle('dsa-drop', on);
      }
    };
    listen(stage, 'dragenter', event => over(event, true), signal);
    listen(stage, 'dragover', event => over(event, true), signal);
    listen(stage, 'dragleave', event => event.target === stage && over(event, false), signal);
    listen(
      stage,
      'drop',
      event => {
        over(event, false);
        void this.take([...(event.dataTransfer?.files ?? [])]);
      },
      signal
    );
  }

  private tell(name: string, { n_regions: n, mask, problems, warnings = [] }: ImportResult): void {
    const what = mask ? 'a mask' : formatMany(n, 'region');
    const bad = problems.length > 0 ? `; ${formatMany(problems.length, 'line')} could not be taken` : '';
    const text = `${name}: ${what}${bad}.`;
    this.model.onNotice({ level: problems.length > 0 ? 'warning' : 'info', text });
    this.show(text, problems, warnings);
  }

  private show(text = '', problems: readonly Problem[] = [], warnings: readonly string[] = []): void {
    if (text) {
      this.report.hidden = false;
      (this.element as HTMLDetailsElement).open ||= problems.length + warnings.length > 0;
      const lines = problems.slice(0, 500).map(({ line, text: content, reason }) =>
        h('li', {}, h('b', {}, line > 0 ? `Line ${line}` : content), line > 0 ? h('code', {}, content) : null, reason)
      );
      this.report.replaceChildren(
        h('div', {}, text),
        h('ul', { class: 'dsa-problems', hidden: lines.length + warnings.length === 0, tabindex: 0 }, ...warnings.map(warning => h('li', {}, warning)), ...lines)
      );
    }
    const { length } = this.model.state.value.selected;
    for (const [format, , label] of EXPORTS) {
      const isRegions = format !== 'mask.fits';
      const element = this.buttons.get(format)!;
      element.title = isRegions && length > 0 ? `${label}: only those that are selected` : label;
    }
    setText(this.exportTitle, length > 0 ? `Export (regions: the ${length} selected)` : 'Export');
  }

  private get exportTitle(): Element {
    return this.element.querySelector('.dsa-label')!;
  }
}
