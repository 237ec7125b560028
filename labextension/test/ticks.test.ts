import { describe, expect, it } from 'vitest';
import { Axis, type AxisInfo } from '../src/viewer/core/axis';
import { DAY } from '../src/viewer/core/format';
import { axisTicks, colourTicks, niceSteps, type Tick } from '../src/viewer/core/ticks';

const width = (text: string): number => 6.5 * text.length;

function axis(more: Partial<AxisInfo> & { values: number[] }): Axis {
  return new Axis({ name: 'frequency', label: 'F', unit: 'MHz', kind: 'number', size: more.values.length, labels: null, ...more });
}

function range(n: number, from: number, step: number): number[] {
  return Array.from({ length: n }, (_, i) => from + i * step);
}

/** Neighbouring labels must never touch. */
function expectApart(ticks: Tick[], scale: number): void {
  for (let i = 1; i < ticks.length; i += 1) {
    const [a, b] = [ticks[i - 1]!, ticks[i]!];
    expect((b.at - a.at) * scale).toBeGreaterThan((width(a.text) + width(b.text)) / 2);
  }
}

describe('axisTicks of numbers', () => {
  const frequency = axis({ values: range(768, 1311.25, 0.244) });

  it('are at round values with few digits', () => {
    const ticks = axisTicks(frequency, { from: 0, to: 768, pixels: 700 }, width, 90);
    expect(ticks.map(t => t.text)).toEqual(['1320', '1340', '1360', '1380', '1400', '1420', '1440', '1460', '1480']);
    for (const tick of ticks) {
      expect(frequency.valueAt(tick.at)).toBeCloseTo(Number(tick.text), 6);
    }
  });

  it('get decimals when zoomed in, and stay apart at every zoom', () => {
    for (let span = 768; span > 1; span /= 1.7) {
      const window = { from: 300, to: 300 + span, pixels: 613 };
      const ticks = axisTicks(frequency, window, width, 90);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expectApart(ticks, window.pixels / span);
      expect(new Set(ticks.map(t => t.text)).size).toBe(ticks.length);
    }
  });

  it('have none inside a gap', () => {
    const gapped = axis({ values: [...range(50, 1300, 1), ...range(50, 1400, 1)] });
    const ticks = axisTicks(gapped, { from: 0, to: 100, pixels: 600 }, width, 60);
    const values = ticks.map(t => Number(t.text));
    expect(values.filter(v => v > 1349.5 && v < 1399.5)).toEqual([]);
    expect(values.some(v => v < 1350)).toBe(true);
    expect(values.some(v => v >= 1400)).toBe(true);
  });

  it('are there for one cell, and for a tiny panel', () => {
    expect(axisTicks(axis({ values: [1420.4] }), { from: 0, to: 1, pixels: 300 }, width, 90)).toEqual([{ at: 0.5, text: '1420' }]);
    expect(axisTicks(frequency, { from: 0, to: 768, pixels: 0 }, width, 90)).toEqual([]);
  });
});

describe('axisTicks of times', () => {
  const t0 = 59000 * DAY + 3600 * 22 + 47 * 60;
  const time = axis({ name: 'time', kind: 'time', unit: 's', values: range(400, t0, 30) });

  it('are at whole minutes or hours', () => {
    const ticks = axisTicks(time, { from: 0, to: 100, pixels: 500 }, width, 90);
    expect(ticks.map(t => t.text)).toEqual(['22:50:00', '23:00:00', '23:10:00', '23:20:00', '23:30:00']);
  });

  it('name the day where it changes', () => {
    const ticks = axisTicks(time, { from: 0, to: 400, pixels: 700 }, width, 90);
    expect(ticks.some(t => /^\d\d-\d\d 00:00:00$/.test(t.text))).toBe(true);
    expectApart(ticks, 700 / 400);
  });
});

describe('axisTicks of names', () => {
  const labels = range(4656, 0, 1).map(i => `ea${i} & ea${i + 1}`);
  const baseline = axis({ name: 'baseline', kind: 'category', unit: '', values: range(4656, 0, 1), labels });

  it('never overlap, at any zoom', () => {
    for (let span = 4656; span >= 1; span /= 2.3) {
      const window = { from: 17.3, to: Math.min(4656, 17.3 + span), pixels: 480 };
      const ticks = axisTicks(baseline, window, width, 90);
      expect(ticks.length).toBeGreaterThanOrEqual(1);
      expectApart(ticks, window.pixels / (window.to - window.from));
    }
  });

  it('stand at the middle of their cell', () => {
    const ticks = axisTicks(baseline, { from: 0, to: 4, pixels: 600 }, width, 90);
    expect(ticks).toEqual([0, 1, 2, 3].map(i => ({ at: i + 0.5, text: labels[i] })));
  });

  it('name the one cell that fills the screen', () => {
    expect(axisTicks(baseline, { from: 7.2, to: 7.9, pixels: 400 }, width, 90)[0]?.text).toBe(labels[7]);
  });
});

describe('niceSteps', () => {
  it('go down in 5, 2, 1', () => {
    expect(niceSteps(10, 0.5).map(x => Number(x.toPrecision(3)))).toEqual([10, 5, 2, 1, 0.5]);
  });
});

describe('colourTicks', () => {
  it('are round and in order, for every stretch', () => {
    const cdf = Float32Array.from({ length: 256 }, (_, i) => (i / 255) ** 0.3);
    for (const kind of ['linear', 'log', 'sqrt', 'square', 'asinh', 'power', 'histogram'] as const) {
      const ticks = colourTicks([0.013, 7.7], kind, cdf, 400, 34);
      expect(ticks.length, kind).toBeGreaterThanOrEqual(4);
      ticks.forEach((tick, i) => {
        expect(tick.at).toBeGreaterThanOrEqual(0);
        expect(tick.at).toBeLessThanOrEqual(1);
        expect(tick.text.length).toBeLessThan(8);
        expect(i === 0 || tick.at > ticks[i - 1]!.at).toBe(true);
      });
    }
  });

  it('take steps of angles for degrees', () => {
    const texts = colourTicks([-180, 180], 'linear', null, 400, 34, 'deg').map(t => t.text);
    expect(texts).toEqual(['−180', '−135', '−90', '−45', '0', '45', '90', '135', '180']);
  });

  it('stand equal limits and numbers that are none', () => {
    expect(colourTicks([2, 2], 'linear', null, 300, 34)).toEqual([{ at: 0.5, text: '2' }]);
    expect(colourTicks([NaN, NaN], 'linear', null, 300, 34)).toEqual([]);
  });
});
