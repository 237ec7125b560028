import { describe, expect, it } from 'vitest';
import { Axis, type AxisInfo } from '../src/viewer/core/axis';
import { DAY } from '../src/viewer/core/format';

function info(more: Partial<AxisInfo>): AxisInfo {
  const values = more.values ?? [];
  return { name: 'frequency', label: 'Frequency', unit: 'MHz', kind: 'number', size: values.length, labels: null, ...more, values };
}

describe('Axis of numbers', () => {
  const axis = new Axis(info({ values: [100, 102, 104, 106] }));

  it('has values at the cell centres and straight between and beyond', () => {
    expect(axis.valueAt(0.5)).toBe(100);
    expect(axis.valueAt(1)).toBe(101);
    expect(axis.valueAt(0)).toBe(99);
    expect(axis.valueAt(4)).toBe(107);
  });

  it('finds positions again, and none outside', () => {
    for (const position of [0, 0.5, 1.25, 3.5, 4]) {
      expect(axis.positionOf(axis.valueAt(position))).toBeCloseTo(position, 9);
    }
    expect(axis.positionOf(98)).toBeNull();
    expect(axis.positionOf(108)).toBeNull();
  });

  it('shows hertz as megahertz', () => {
    const hertz = new Axis(info({ unit: 'Hz', values: [1.4e9, 1.401e9] }));
    expect(hertz.unit).toBe('MHz');
    expect(hertz.title).toBe('Frequency (MHz)');
    expect(hertz.valueAt(0.5)).toBeCloseTo(1400, 9);
    expect(hertz.textOf(1)).toBe('1401 MHz');
  });

  it('works when values descend', () => {
    const down = new Axis(info({ values: [30, 20, 10] }));
    expect(down.kind).toBe('number');
    expect(down.positionOf(15)).toBeCloseTo(2, 9);
    expect(down.valueAt(2)).toBeCloseTo(15, 9);
  });

  it('is a list of names where values go up and down', () => {
    const mixed = new Axis(info({ values: [1, 3, 2] }));
    expect(mixed.kind).toBe('category');
    expect(mixed.labelOf(1)).toBe('3');
  });

  it('takes a single cell', () => {
    const one = new Axis(info({ values: [1420] }));
    expect(one.valueAt(0.2)).toBe(1420);
    expect(one.positionOf(1420)).toBe(0.5);
    expect(one.gaps).toEqual([]);
  });
});

describe('Axis with a gap', () => {
  const axis = new Axis(info({ values: [100, 101, 102, 110, 111, 112] }));

  it('marks the boundary', () => {
    expect(axis.gaps).toEqual([3]);
  });

  it('has no position inside the gap, and follows each side at its edge', () => {
    expect(axis.positionOf(105)).toBeNull();
    expect(axis.positionOf(102.4)).toBeCloseTo(2.9, 9);
    expect(axis.positionOf(109.6)).toBeCloseTo(3.1, 9);
    expect(axis.valueAt(2.9)).toBeCloseTo(102.4, 9);
    expect(axis.valueAt(3.1)).toBeCloseTo(109.6, 9);
  });

  it('is only for time and frequency', () => {
    expect(new Axis(info({ name: 'channel', values: [0, 1, 2, 9, 10] })).gaps).toEqual([]);
  });
});

describe('Axis of times', () => {
  const t0 = 49820 * DAY + 9 * 3600;
  it('has the date in its title and seconds in its texts', () => {
    const axis = new Axis(info({ name: 'time', label: 'Time', unit: 'UTC', kind: 'time', values: [t0, t0 + 10, t0 + 20] }));
    expect(axis.title).toBe('Time (UTC, 1995-04-13)');
    expect(axis.textOf(1)).toBe('09:00:10');
  });
  it('names both dates where there are two', () => {
    const axis = new Axis(info({ name: 'time', label: 'Time', unit: 'TAI', kind: 'time', values: [t0, t0 + DAY] }));
    expect(axis.title).toBe('Time (TAI, 1995-04-13 to 1995-04-14)');
  });
});

describe('Axis of names', () => {
  it('uses the labels', () => {
    const axis = new Axis(info({ name: 'baseline', kind: 'category', unit: '', values: [0, 1], labels: ['ea01 & ea02', 'ea01 & ea03'] }));
    expect(axis.textOf(1)).toBe('ea01 & ea03');
    expect(axis.textOf(2)).toBe('');
    expect(axis.title).toBe('Frequency');
  });
});
