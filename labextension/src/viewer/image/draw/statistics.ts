/** What the pixels of the selected region, or else of the mask, are like: asked for a moment after each change. */

import { copyText, h, setText } from '../../core/dom';
import { button, section } from '../../core/fields';
import { formatCount, formatNumber, formatValue } from '../../core/format';
import { Latest } from '../latest';
import type { ImageModel } from '../model';
import { nameOf, type Region } from './shapes';

/** As the kernel gives them; a number that there is none of may come as `null`. */
export interface StatisticsResult {
  npix: number;
  n_blank: number;
  sum: number | null;
  mean: number | null;
  median: number | null;
  rms: number | null;
  std: number | null;
  robust_sigma: number | null;
  minimum: number | null;
  maximum: number | null;
  peak: number | null;
  peak_x: number;
  peak_y: number;
  peak_world: readonly [string, string] | null;
  flux: number | null;
  flux_error: number | null;
  unit: string;
  flux_unit: string;
  text: string;
}

const DELAY = 250;

export class StatisticsPanel {
  readonly element: HTMLElement;
  private readonly title = h('div', { class: 'dsa-statistics-title' });
  private readonly table = h('dl', { class: 'dsa-facts dsa-statistics' });
  private readonly latest: Latest<StatisticsResult>;
  private text = '';

  constructor(model: Pick<ImageModel, 'transport' | 'settled' | 'failed'>, signal: AbortSignal) {
    this.latest = new Latest(model, { op: 'statistics', delay: DELAY }, answer => this.take(answer?.result ?? null), signal);
    const copy = button(
      { icon: 'copy', label: 'Copy the statistics', name: 'copy-statistics', class: 'dsa-small' },
      () => void copyText(this.text).then(done => copy.setAttribute('title', done ? 'Copied' : 'The browser does not let us copy')),
      signal
    );
    this.element = section('statistics', 'Statistics', true, h('div', { class: 'dsa-statistics-head' }, this.title, copy), this.table);
    this.take(null);
  }

  /** `key` changes with everything that the numbers depend on. */
  want(region: Region | null, hasMask: boolean, key: string): void {
    const area = region && region.shape !== 'line' && region.shape !== 'polyline' ? region : null;
    if (area) {
      setText(this.title, area.label || `This ${nameOf(area.shape)}`);
      this.latest.want(`${area.id}/${key}`, { of: 'region', id: area.id });
    } else if (hasMask) {
      setText(this.title, 'The mask');
      this.latest.want(`mask/${key}`, { of: 'mask' });
    } else {
      setText(this.title, '');
      this.latest.want('', {});
    }
  }

  private take(result: StatisticsResult | null): void {
    this.text = result?.text ?? '';
    this.element.classList.toggle('dsa-empty', result === null);
    const lines = result ? statisticsLines(result) : [];
    this.table.replaceChildren(
      ...(lines.length > 0
        ? lines.flatMap(([name, value]) => [h('dt', {}, name), h('dd', { class: 'dsa-num' }, value)])
        : [h('dd', { class: 'dsa-hint' }, 'Draw a mask, or select a region.')])
    );
  }
}

/** The table: what is not known is left out. */
export function statisticsLines(result: StatisticsResult): [string, string][] {
  const { npix, n_blank: blank, unit, peak_world: world } = result;
  const value = (v: number | null): string => (v === null ? '–' : formatValue(v, unit));
  const pixels = blank > 0 ? `${formatCount(npix)} (${formatCount(blank)} blank)` : formatCount(npix);
  if (npix === 0) {
    return [['Pixels', pixels]];
  }
  const lines: [string, string][] = [['Pixels', pixels]];
  if (result.flux !== null) {
    lines.push(['Flux density', fluxText(result.flux, result.flux_error, result.flux_unit)]);
  }
  lines.push(['Peak', value(result.peak)], ['at', [`(${result.peak_x}, ${result.peak_y})`, ...(world ?? [])].join('  ')]);
  lines.push(['Mean', value(result.mean)], ['Median', value(result.median)], ['rms', value(result.rms)], ['Robust σ', value(result.robust_sigma)]);
  lines.push(['Min', value(result.minimum)], ['Max', value(result.maximum)], ['Sum', value(result.sum)]);
  return lines;
}

/** Value and error with the same decimals, two digits of the error. */
function fluxText(flux: number, error: number | null, unit: string): string {
  if (error === null || !(error > 0)) {
    return formatValue(flux, unit);
  }
  const step = 10 ** (Math.floor(Math.log10(error)) - 1);
  return `${formatNumber(flux, step)} ± ${formatNumber(error, step)} ${unit}`.trim();
}
