/** What is known about the selected antenna, or about the baseline of the two that were picked last. */

import { h, listen } from '../core/dom';
import { button } from '../core/fields';
import { formatNumber, formatPercent } from '../core/format';
import { LinePlot, type LinePlotOptions, mjdSeconds, type XAxis } from '../core/line-plot';
import { lengthText } from '../core/plane';
import { asFailure, isAbort } from '../core/transport';
import { classOfShare } from './colours';
import { antennaLines } from './readout';
import type { AntennaModel } from './model';
import type { AntennaDetails, AntennaState, BaselineDetails, BaselineShare, Layout } from './protocol';

export interface DetailsHost {
  read(text: string): void;
  /** The baselines of the one selected antenna have come, or there are none to draw. */
  baselines(baselines: readonly BaselineShare[] | null): void;
}

const PERCENT: Pick<LinePlotOptions, 'title' | 'unit'> = { title: 'Flagged', unit: '%' };

/** Bearings as people say them, from north by east. */
const BEARINGS = ['N', 'NE', 'E', 'SE', 'S', 'SW', 'W', 'NW'];

export class Details {
  readonly element = h('div', { class: 'dsa-details' });
  private readonly chips = h('div', { class: 'dsa-chips' });
  private readonly body = h('div', { class: 'dsa-details-body' });
  private asked = '';
  private running: AbortController | null = null;
  private plots: LinePlot[] = [];

  constructor(
    private readonly model: AntennaModel,
    private readonly host: DetailsHost,
    private readonly signal: AbortSignal
  ) {
    this.element.append(this.chips, this.body);
    const sizes = new ResizeObserver(() => this.plots.forEach(plot => plot.resize(this.width)));
    sizes.observe(this.body);
    const theme = new MutationObserver(() => this.plots.forEach(plot => plot.redraw()));
    theme.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-jp-theme-light'] });
    signal.addEventListener('abort', () => {
      sizes.disconnect();
      theme.disconnect();
      this.running?.abort();
      this.plots.forEach(plot => plot.destroy());
    });
  }

  /** Shows what belongs to the selection, and asks for what is not known yet. */
  update(layout: Layout | null, state: AntennaState): void {
    const known = layout ? state.selected.filter(id => layout.antennas.some(antenna => antenna.id === id)) : [];
    const [a, b] = known.slice(-2);
    const flags = b === undefined ? String(layout?.flags) : '';
    const key = layout ? [layout.generation, flags, a, b].join('/') : '';
    this.drawChips(known);
    if (key === this.asked) {
      this.renewFacts(layout, b === undefined ? a : undefined);
      return;
    }
    this.asked = key;
    this.running?.abort();
    this.running = null;
    this.host.baselines(null);
    if (!layout || a === undefined) {
      this.show(h('p', { class: 'dsa-hint' }, 'Click an antenna. Shift-click a second one for the baseline between them.'));
    } else if (b === undefined) {
      this.showAntenna(layout, a);
    } else {
      this.wait('Reading the baseline');
      void this.ask('baseline', { generation: layout.generation, a, b }, (details: BaselineDetails) => this.baseline(details));
    }
  }

  /** The mean amplitude comes last. */
  private renewFacts(layout: Layout | null, id: number | undefined): void {
    const antenna = layout?.antennas.find(other => other.id === id);
    if (layout && antenna) {
      this.body.querySelector('.dsa-facts')?.replaceChildren(...factList(antennaLines(antenna, layout)).childNodes);
    }
  }

  private get width(): number {
    return Math.max(120, this.body.clientWidth || 300);
  }

  private drawChips(ids: readonly number[]): void {
    this.chips.hidden = ids.length === 0;
    this.chips.replaceChildren(
      ...ids.map(id => {
        const name = this.model.antenna(id)?.name ?? String(id);
        const drop = button({ icon: 'close', label: `Take ${name} out of the selection`, class: 'dsa-small' }, () => this.model.pick(id, true), this.signal);
        return h('span', { class: 'dsa-chip', 'data-chip': id }, name, drop);
      })
    );
  }

  private show(...parts: (HTMLElement | LinePlot)[]): void {
    this.plots.forEach(plot => plot.destroy());
    this.plots = parts.filter(part => part instanceof LinePlot);
    this.body.replaceChildren(...parts.map(part => (part instanceof LinePlot ? part.element : part)));
  }

  private wait(text: string): void {
    this.show(h('p', { class: 'dsa-hint' }, `${text} …`), h('progress', { class: 'dsa-progress', 'aria-label': text }));
  }

  private async ask(op: string, params: object, take: (details: never) => void): Promise<void> {
    const running = new AbortController();
    this.running = running;
    try {
      const { result } = await this.model.transport.request(op, params, { signal: running.signal });
      if (this.running === running) {
        take(result as never);
      }
    } catch (error) {
      if (this.running === running && !isAbort(error) && !this.signal.aborted) {
        this.failed(error);
      }
    }
  }

  private failed(error: unknown): void {
    const { code, message, hint } = asFailure(error);
    this.asked = '';
    // What is stale is asked for again as soon as the new layout is there.
    if (code !== 'stale') {
      this.show(h('p', { class: 'dsa-hint', role: 'alert' }, `${message} ${hint}`.trim()));
    }
  }

  // ---- one antenna

  private showAntenna(layout: Layout, id: number): void {
    const antenna = layout.antennas.find(other => other.id === id)!;
    const facts = factList(antennaLines(antenna, layout));
    if (!antenna.has_data || !layout.flags) {
      const text = antenna.has_data ? 'Its flags are shown as soon as they are read.' : 'There are no data of this antenna.';
      this.show(facts, h('p', { class: 'dsa-hint' }, text));
      return;
    }
    this.show(facts, h('p', { class: 'dsa-hint' }, 'Reading its flags …'));
    void this.ask('antenna', { generation: layout.generation, id }, (details: AntennaDetails) => this.antenna(facts, details));
  }

  private antenna(facts: HTMLElement, details: AntennaDetails): void {
    this.host.baselines(details.baselines);
    const percent = (shares: readonly (number | null)[]): (number | null)[] => shares.map(share => (share === null ? null : 100 * share));
    const range = { range: [0, 100] } as const;
    this.show(
      facts,
      ...this.plot({ ...PERCENT, ...range, heading: 'Flagged by frequency (%)', x: frequencyAxis() }, details.frequency_mhz, percent(details.flagged_by_frequency)),
      ...this.plot({ ...PERCENT, ...range, heading: 'Flagged by time (%)', x: timeAxis(details) }, details.time_s, percent(details.flagged_by_time)),
      ...(details.baselines.length > 0 ? [this.baselineList(details)] : [])
    );
  }

  /** The baselines with their flagged shares as bars, the worst first; a press adds the other antenna. */
  private baselineList({ baselines, id }: AntennaDetails): HTMLElement {
    const { thresholds } = this.model.state.value;
    const rows = [...baselines]
      .sort((p, q) => (q.flagged ?? -1) - (p.flagged ?? -1) || p.id - q.id)
      .map(({ id: other, name, length_m: length, flagged }) => {
        const bar = h('span', { class: `dsa-share dsa-class-${classOfShare(flagged, thresholds)}` });
        bar.style.width = `${100 * (flagged ?? 0)}%`;
        const row = h(
          'button',
          { type: 'button', class: 'dsa-baseline-row', 'data-baseline': other, title: `Show the baseline with ${name}` },
          h('span', { class: 'dsa-baseline-name' }, name),
          h('span', { class: 'dsa-share-box' }, bar),
          h('span', { class: 'dsa-num' }, flagged === null ? '–' : formatPercent(100 * flagged)),
          h('span', { class: 'dsa-num dsa-muted' }, length === null ? '' : lengthText(length))
        );
        listen(row, 'click', () => this.model.set({ selected: [id, other] }), this.signal);
        return row;
      });
    return h(
      'div',
      { class: 'dsa-figure' },
      h('div', { class: 'dsa-figure-title' }, `Flagged by baseline (${rows.length})`),
      h('div', { class: 'dsa-baseline-list', role: 'group', 'aria-label': 'Flagged share of each baseline' }, ...rows)
    );
  }

  // ---- a baseline

  private baseline(details: BaselineDetails): void {
    const { frequency, time, amp_unit: unit } = details;
    const amp = { title: 'Amplitude', unit };
    const phase = { title: 'Phase', unit: '°', points: true, range: [-180, 180] } as const;
    this.show(
      factList(baselineLines(details)),
      ...this.plot({ ...amp, x: frequencyAxis() }, frequency.x, frequency.amp),
      ...this.plot({ ...phase, x: frequencyAxis() }, frequency.x, frequency.phase),
      ...this.plot({ ...amp, x: timeAxis(details) }, time.x, time.amp),
      ...this.plot({ ...phase, x: timeAxis(details) }, time.x, time.phase)
    );
  }

  /** A plot; nothing where there are no points. */
  private plot(options: LinePlotOptions, x: readonly number[], y: readonly (number | null)[]): LinePlot[] {
    return x.length === 0 ? [] : [new LinePlot(options, x, y, this.width, text => this.host.read(text))];
  }
}

function frequencyAxis(): XAxis {
  return { kind: 'frequency', label: 'Frequency (MHz)' };
}

function timeAxis({ time_start: start, time_frame: frame }: { time_start: string; time_frame: string }): XAxis {
  return { kind: 'time', start: mjdSeconds(start) || 0, frame };
}

function factList(lines: readonly (readonly [string, string])[]): HTMLElement {
  return h('dl', { class: 'dsa-facts' }, ...lines.flatMap(([name, value]) => [h('dt', {}, name), h('dd', { class: 'dsa-num' }, value)]));
}

/** Length, orientation and flags of a baseline. */
export function baselineLines(details: BaselineDetails): [string, string][] {
  const { name, length_m: length, azimuth_deg: azimuth, east_m: east, north_m: north, up_m: up, flagged, column } = details;
  const lines: [string, string][] = [['Baseline', name]];
  if (length !== null) {
    lines.push(['Length', lengthText(length)]);
  }
  if (azimuth !== null) {
    lines.push(['Orientation', `${formatNumber(azimuth, 0.1)}° (${BEARINGS[Math.round(azimuth / 45) % 8]!})`]);
  }
  if (east !== null && north !== null && up !== null) {
    lines.push(['East, north, up', `${[east, north, up].map(v => formatNumber(v, 0.01)).join(', ')} m`]);
  }
  lines.push(['Flagged', flagged === null ? 'not known' : formatPercent(100 * flagged)]);
  if (column) {
    lines.push(['Column', column]);
  }
  return lines;
}
