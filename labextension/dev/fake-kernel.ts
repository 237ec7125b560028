/** A kernel that is not there: synthetic visibilities behind the real protocol, for the harness and the tests. */

import type { AxisInfo } from '../src/viewer/core/axis';
import type { Port } from '../src/viewer/core/channel';
import type { RasterState } from '../src/viewer/raster/protocol';
import { INITIAL_STATE } from '../src/viewer/raster/protocol';

export interface FakeOptions {
  /** 'ready' answers; the others stay in a state. */
  mode: 'ready' | 'loading' | 'error' | 'empty' | 'offline' | 'stale';
  big: boolean;
  state: Partial<RasterState>;
  delay: number;
  warnings: string[];
}

interface Message {
  kind: string;
  id: string;
  op: string;
  params: Record<string, never>;
}

const T0 = 49820 * 86400 + 9 * 3600 + 1234;

function antennas(n: number): string[] {
  return Array.from({ length: n }, (_, i) => `ea${String(i + 1).padStart(2, '0')}`);
}

function baselines(n: number): string[] {
  const names = antennas(n);
  return names.flatMap((a, i) => names.slice(i + 1).map(b => `${a} & ${b}`));
}

function makeAxis(name: string, big: boolean): AxisInfo {
  if (name === 'time') {
    const values: number[] = [];
    for (let scan = 0; scan < 6; scan += 1) {
      for (let i = 0; i < 20; i += 1) {
        values.push(T0 + scan * 1500 + i * 30);
      }
    }
    return { name, label: 'Time', unit: 'UTC', kind: 'time', size: values.length, values, labels: null };
  }
  if (name === 'frequency') {
    const n = big ? 768 : 128;
    const values = Array.from({ length: n }, (_, i) => 1311.25 + (i * 187.5) / n + (i >= n / 2 ? 24 : 0));
    return { name, label: 'Frequency', unit: 'MHz', kind: 'number', size: n, values, labels: null };
  }
  const labels =
    name === 'baseline' ? baselines(big ? 97 : 27) : name === 'correlation' ? ['RR', 'LL'] : ['1', '2', '3', '4', '5', '6'];
  const values = labels.map((_, i) => i);
  return { name, label: name[0]!.toUpperCase() + name.slice(1), unit: '', kind: 'category', size: labels.length, values, labels };
}

/** A repeatable number between 0 and 1. */
function noise(a: number, b: number): number {
  const x = Math.sin(a * 127.1 + b * 311.7) * 43758.5453;
  return x - Math.floor(x);
}

export class FakeKernel implements Port {
  readonly asked: { op: string; params: Record<string, unknown> }[] = [];
  state: RasterState;
  generation = 1;
  private handler: ((message: unknown, buffers: DataView[]) => void) | null = null;
  private readonly options: FakeOptions;

  constructor(options: Partial<FakeOptions> = {}) {
    this.options = { mode: 'ready', big: false, state: {}, delay: 15, warnings: [], ...options };
    this.state = { ...INITIAL_STATE, path: '/data/ngc5921.ms', ...this.options.state };
    if (this.options.mode === 'empty') {
      this.state.path = '';
    }
  }

  listen(handler: (message: unknown, buffers: DataView[]) => void): () => void {
    this.handler = handler;
    return () => {
      this.handler = null;
    };
  }

  send(message: object): void {
    const { kind, id, op, params } = message as Message;
    if (kind !== 'request' || this.options.mode === 'offline') {
      return;
    }
    this.asked.push({ op, params });
    setTimeout(() => {
      try {
        const [result, buffers] = this.answer(op, params);
        this.emitRaw({ kind: 'response', id, ok: true, result }, buffers);
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        const [message, hint] = text.split('|');
        this.emitRaw({ kind: 'response', id, ok: false, error: { code: 'fake', message, hint } });
      }
    }, this.options.delay);
  }

  event(event: string, data: unknown): void {
    this.emitRaw({ kind: 'event', event, data });
  }

  value(ix: number, iy: number, iteration: number): { value: number; flagged: number } {
    const x = this.axis('x').size;
    const y = this.axis('y').size;
    const band = Math.exp(-(((ix / x - 0.08) / 0.05) ** 2));
    const base = 0.35 + 0.3 * Math.sin((6 * ix) / x + iteration) * Math.cos((5 * iy) / y) + 0.15 * noise(ix, iy + 7 * iteration);
    const value = base * (1 - 0.75 * band) + (ix % 61 === 17 ? 0.25 : 0);
    const flagged = ix % 97 === 40 || (iy % 20 < 2 && noise(ix, 3) > 0.4) || (ix > 0.55 * x && ix < 0.6 * x && iy > 0.5 * y);
    if (iy === 33 && ix % 7 < 4) {
      return { value: NaN, flagged: NaN };
    }
    return flagged ? { value: NaN, flagged: value * 1.6 } : { value, flagged: NaN };
  }

  private readonly axes = new Map<string, AxisInfo>();

  private axis(which: 'x' | 'y'): AxisInfo {
    const name = this.state[which];
    let axis = this.axes.get(name);
    if (!axis) {
      axis = makeAxis(name, this.options.big);
      this.axes.set(name, axis);
    }
    return axis;
  }

  private emitRaw(message: object, buffers: ArrayBuffer[] = []): void {
    this.handler?.(message, buffers.map(buffer => new DataView(buffer)));
  }

  private picture(): object {
    const phase = this.state.quantity === 'phase';
    return {
      generation: this.generation,
      x: this.axis('x'),
      y: this.axis('y'),
      iterate: this.state.iterate ? makeAxis(this.state.iterate, this.options.big) : null,
      iteration: this.state.iteration,
      quantity_label: phase ? 'Phase (°)' : 'Amplitude (Jy)',
      unit: phase ? '°' : 'Jy',
      title: 'VLA · amp of DATA, mean over correlation',
      limits: this.state.limits ?? [0.02, 0.86],
      flagged_pct: 7.3,
      column: 'DATA',
      warnings: this.options.warnings
    };
  }

  private answer(op: string, p: Record<string, number>): [unknown, ArrayBuffer[]?] {
    const { mode } = this.options;
    switch (op) {
      case 'hello':
        setTimeout(() => this.story(), 30);
        return [{ state: this.state, choices: CHOICES, source: mode === 'empty' ? {} : { name: 'ngc5921.ms', path: this.state.path, title: 'VLA' } }];
      case 'picture':
        return [mode === 'ready' || mode === 'stale' ? this.picture() : null];
      case 'set':
        this.set((p as unknown as { changes: Partial<RasterState> }).changes);
        return [{}];
      case 'tile':
        return this.tile(p);
      case 'probe':
        return [this.probe(p)];
      case 'histogram':
        return [this.histogram()];
      case 'locate': {
        const { boxes = [], points = [] } = p as unknown as { boxes?: number[][]; points?: number[][] };
        const n = boxes.reduce((sum, [a, b, c, d]) => sum + (b! - a!) * (d! - c!), points.length);
        return [{ n, boxes, points }];
      }
      case 'save':
        return [{ filename: 'raster.png', mime: 'image/png' }, [new ArrayBuffer(8)]];
      case 'code':
        return [{ code: 'MsRaster("/data/ngc5921.ms")' }];
      default:
        return [{}];
    }
  }

  /** What happens after hello in the modes that tell something. */
  private story(): void {
    const { mode } = this.options;
    if (mode === 'loading') {
      this.event('busy', { busy: true });
      this.event('progress', { fraction: 0.43, text: 'Reading DATA' });
    } else if (mode === 'stale') {
      setTimeout(() => {
        this.event('busy', { busy: true });
        this.event('progress', { fraction: 0.43, text: 'Reading CORRECTED_DATA' });
      }, 600);
    } else if (mode === 'error') {
      this.event('failure', {
        code: 'not-a-measurement-set',
        message: '/data/ngc5921.ms is not a Measurement Set: it has no table ANTENNA.',
        hint: 'Give the folder that holds table.dat, ANTENNA and SPECTRAL_WINDOW.'
      });
    }
  }

  private set(changes: Partial<RasterState>): void {
    if (changes.selection?.spw?.includes('x')) {
      this.event('state', { changes: { selection: this.state.selection } });
      throw new Error('spw "x": a number was expected at position 1.|For example 0:10~50. There are 0 to 3.');
    }
    Object.assign(this.state, changes);
    this.event('state', { changes });
    const keys = Object.keys(changes);
    if (keys.some(key => !['colormap', 'flagged_colormap', 'show_flagged', 'stretch', 'limits', 'limits_mode'].includes(key))) {
      this.generation += 1;
    }
    this.event('picture', this.picture());
  }

  private tile(p: Record<string, number>): [unknown, ArrayBuffer[]] {
    const { x0, x1, y0, y1, fx, fy, iteration } = p as Record<'x0' | 'x1' | 'y0' | 'y1' | 'fx' | 'fy' | 'iteration', number>;
    const nx = Math.ceil((x1 - x0) / fx);
    const ny = Math.ceil((y1 - y0) / fy);
    const value = new Float32Array(nx * ny);
    const hidden = new Float32Array(nx * ny);
    for (let j = 0; j < ny; j += 1) {
      for (let i = 0; i < nx; i += 1) {
        let [sum, n, bad, m] = [0, 0, 0, 0];
        for (let y = y0 + j * fy; y < Math.min(y1, y0 + (j + 1) * fy); y += 1) {
          for (let x = x0 + i * fx; x < Math.min(x1, x0 + (i + 1) * fx); x += 1) {
            const cell = this.value(x, y, iteration);
            if (!Number.isNaN(cell.value)) {
              sum += cell.value;
              n += 1;
            } else if (!Number.isNaN(cell.flagged)) {
              bad += cell.flagged;
              m += 1;
            }
          }
        }
        value[j * nx + i] = n > 0 ? sum / n : NaN;
        hidden[j * nx + i] = n === 0 && m > 0 ? bad / m : NaN;
      }
    }
    return [{ ...p, nx, ny }, [value.buffer, hidden.buffer]];
  }

  private probe({ iteration, ix, iy }: Record<string, number>): object {
    const cell = this.value(ix!, iy!, iteration!);
    const flagged = Number.isNaN(cell.value);
    const x = this.axis('x');
    return {
      value: cell.value,
      count: flagged ? 0 : 2,
      flagged: flagged ? 2 : 0,
      flagged_pct: flagged ? 100 : 0,
      value_text: flagged ? `${cell.flagged.toPrecision(6)} Jy (flagged)` : `${cell.value.toPrecision(6)} Jy`,
      lines: [
        ['Time', '1995-04-13 09:20:34.0 UTC'],
        [x.label, x.labels?.[ix!] ?? `${x.values[ix!]!.toFixed(4)} MHz`],
        ['Length', '1234.5 m (5.84 kλ)'],
        ['Samples', flagged ? '0 good, 2 flagged (100.0 %)' : '2 good, 0 flagged (0.0 %)']
      ]
    };
  }

  private histogram(): object {
    const counts = Array.from({ length: 256 }, (_, i) =>
      Math.round(4000 * Math.exp(-(((i - 90) / 34) ** 2)) + 900 * Math.exp(-(((i - 30) / 10) ** 2)) + 3 * noise(i, 1))
    );
    return { edges: [0, 1.1], counts, auto: [0.02, 0.86] };
  }
}

export const CHOICES = {
  axes: ['time', 'baseline', 'antenna1', 'frequency', 'channel', 'correlation', 'scan', 'field', 'uv_distance'].map(name => ({
    name,
    label: name.replace('_', ' ')
  })),
  quantities: ['amp', 'phase', 'real', 'imag', 'weight', 'flag_fraction'],
  columns: ['DATA', 'CORRECTED_DATA', 'MODEL_DATA', 'CORRECTED-MODEL'],
  aggregators: ['mean', 'median', 'max', 'min', 'std', 'sum', 'var', 'rms'],
  averagings: ['scalar', 'vector'],
  colormaps: ['viridis', 'cividis', 'inferno', 'magma', 'plasma', 'turbo', 'greys', 'blues', 'reds', 'twilight'],
  stretches: ['linear', 'log', 'sqrt', 'square', 'asinh', 'power', 'histogram'],
  limits_modes: ['auto', 'percentile', 'minmax', 'manual'],
  presets: [
    { name: 'bandpass', label: 'Bandpass' },
    { name: 'time', label: 'Time evolution' }
  ],
  correlations: ['RR', 'LL'],
  suggestions: { spw: ['0', '0:6~56'], scan: ['1', '2', '3'], field: ['0', '1331+30500002_0'], correlation: ['RR', 'LL'], antenna: antennas(27) }
};
