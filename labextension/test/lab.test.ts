import { describe, expect, it } from 'vitest';
import manifest from '../package.json';
import { rasterSource } from '../src/lab/cell-source';
import { hasAntennas, isMeasurementSet, tidyPath } from '../src/lab/folders';
import { VERSION } from '../src/lab/version';

describe('folders', () => {
  it('are Measurement Sets by their names', () => {
    expect(['a.ms', 'B.MS', 'x.y.Ms'].every(isMeasurementSet)).toBe(true);
    expect(['a.ms.txt', 'forms', 'a.msx', 'ms'].some(isMeasurementSet)).toBe(false);
  });

  it('have antennas also if they are calibration tables', () => {
    const tables = ['a.ms', 'x.B', 'x.g', 'x.K', 'x.G0', 'x.2g', 'x.cal', 'x.bcal', 'x.2gcal', 'x.bpcal', 'x.gcal1', 'x.T', 'x.tbl', 'sb00_gain.table'];
    expect(tables.filter(name => !hasAntennas(name))).toEqual([]);
    expect(['data', 'x.image', 'x.mask', 'b', 'notebooks.d.py', 'local', 'x.residual'].filter(hasAntennas)).toEqual([]);
  });

  it('have one path each', () => {
    expect(['a/b.ms', ' ./a/b.ms/ ', '././a/b.ms//'].map(tidyPath)).toEqual(['a/b.ms', 'a/b.ms', 'a/b.ms']);
    expect(['/data/b.ms/', '/', '  '].map(tidyPath)).toEqual(['/data/b.ms', '/', '']);
  });
});

describe('rasterSource', () => {
  it('escapes what Python would misread', () => {
    expect(rasterSource('obs.ms')).toBe('from dsa110_vis import MsRaster\n\nMsRaster("obs.ms")');
    expect(rasterSource('a "b"\\c\n.ms')).toContain('MsRaster("a \\"b\\"\\\\c\\n.ms")');
    expect(rasterSource('a\u2028b.ms')).toContain('"a\\u2028b.ms"');
  });
});

describe('the version', () => {
  it('is that of the package', () => {
    expect(manifest.version).toBe(VERSION);
  });
});
