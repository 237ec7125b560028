import { describe, expect, it } from 'vitest';
import { isMeasurementSet, rasterSource } from '../src/lab/cell-source';

describe('isMeasurementSet', () => {
  it('goes by the name', () => {
    expect(['a.ms', 'B.MS', 'x.y.Ms'].every(isMeasurementSet)).toBe(true);
    expect(['a.ms.txt', 'forms', 'a.msx', 'ms'].some(isMeasurementSet)).toBe(false);
  });
});

describe('rasterSource', () => {
  it('escapes what Python would misread', () => {
    expect(rasterSource('obs.ms')).toBe('from dsa110_vis import MsRaster\n\nMsRaster("obs.ms")');
    expect(rasterSource('a "b"\\c\n.ms')).toContain('MsRaster("a \\"b\\"\\\\c\\n.ms")');
    expect(rasterSource('a\u2028b.ms')).toContain('"a\\u2028b.ms"');
  });
});
