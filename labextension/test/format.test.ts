import { describe, expect, it } from 'vitest';
import { DAY, decimals, formatCount, formatDate, formatNumber, formatPercent, formatTime, formatValue } from '../src/viewer/core/format';

describe('formatNumber', () => {
  it('has the decimals the step needs', () => {
    expect(formatNumber(1320, 20)).toBe('1320');
    expect(formatNumber(0.30000000000000004, 0.1)).toBe('0.3');
    expect(formatNumber(-0.00001, 0.1)).toBe('0.0');
    expect(formatNumber(-2.5, 0.5)).toBe('−2.5');
    expect(decimals(0.25)).toBe(2);
    expect(decimals(50)).toBe(0);
  });
  it('is short without a step', () => {
    expect(formatNumber(0.123456789)).toBe('0.123457');
    expect(formatNumber(1.5e-7)).toBe('1.5e−7');
    expect(formatNumber(2e9)).toBe('2e9');
    expect(formatNumber(NaN)).toBe('–');
    expect(formatNumber(-Infinity)).toBe('−∞');
  });
  it('keeps tiny steps apart', () => {
    expect(formatNumber(1.2e-8, 1e-9)).not.toBe(formatNumber(1.3e-8, 1e-9));
  });
});

describe('times', () => {
  const t = 59000 * DAY;
  it('are hh:mm:ss', () => {
    expect(formatTime(t + 3723)).toBe('01:02:03');
    expect(formatTime(t + 3723.4567, 0.01)).toBe('01:02:03.46');
  });
  it('round up into the next day', () => {
    expect(formatTime(t + DAY - 0.2)).toBe('00:00:00');
    expect(formatTime(t + 59.9999, 0.1)).toBe('00:01:00.0');
  });
  it('know their date', () => {
    expect(formatDate(t)).toBe('2020-05-31');
    expect(formatDate(NaN)).toBe('');
    expect(formatTime(NaN)).toBe('–');
  });
});

it('writes values, counts and percentages', () => {
  expect(formatValue(0.01234567, 'Jy')).toBe('0.012346 Jy');
  expect(formatValue(NaN, 'Jy')).toBe('–');
  expect(formatCount(4656)).toBe('4\u202f656');
  expect(formatPercent(7.25)).toBe('7.3\u202f%');
  expect(formatPercent(0.01)).toBe('<\u202f0.1\u202f%');
  expect(formatPercent(0)).toBe('0.0\u202f%');
});
