/** A kernel that is not there, with the antennas of the DSA-110: for the harness and the tests of the array's viewer. */

import table from '../../dsa110_vis/demo/data/dsa110_antennas.csv?raw';
import type { Port } from '../src/viewer/core/channel';
import { type Antenna, type AntennaState, INITIAL_STATE, type Layout } from '../src/viewer/antennas/protocol';

export interface FakeArrayOptions {
  /** 'ready' answers; 'pending' never knows the flags; the others stay in a state. */
  mode: 'ready' | 'pending' | 'loading' | 'error' | 'empty' | 'offline' | 'stale';
  state: Partial<AntennaState>;
  delay: number;
  /** Times every distance: what a larger array looks like. */
  stretch: number;
}

interface Message {
  kind: string;
  id: string;
  op: string;
  params: Record<string, unknown>;
}

interface Site {
  name: string;
  e: number;
  n: number;
  u: number;
  data: boolean;
}

const EARTH = 6_378_137;

/** The antennas of the table, in metres about the middle of those with data. */
function sites(stretch: number): Site[] {
  const rows = table
    .split('\n')
    .filter(line => /^\d/.test(line))
    .map(line => line.split(','));
  const number = (row: string[], column: number): number => Number(row[column]);
  const used = rows.filter(row => row[4]?.trim() === '1');
  const mean = (column: number): number => used.reduce((sum, row) => sum + number(row, column), 0) / used.length;
  const [lat, lon, height] = [mean(1), mean(2), mean(3)];
  const degree = (Math.PI / 180) * EARTH;
  return rows.map(row => ({
    name: row[0]!,
    e: (number(row, 2) - lon) * degree * Math.cos((lat * Math.PI) / 180) * stretch,
    n: (number(row, 1) - lat) * degree * stretch,
    u: number(row, 3) - height,
    data: row[4]?.trim() === '1'
  }));
}

/** A repeatable number between 0 and 1. */
function noise(a: number, b = 0): number {
  const x = Math.sin(a * 127.1 + b * 311.7) * 43758.5453;
  return x - Math.floor(x);
}

export class FakeArray implements Port {
  readonly asked: { op: string; params: Record<string, unknown> }[] = [];
  state: AntennaState;
  generation = 1;
  readonly antennas: Antenna[];
  private flags = false;
  private amplitudes = false;
  private handler: ((message: unknown, buffers: DataView[]) => void) | null = null;
  private readonly options: FakeArrayOptions;

  constructor(options: Partial<FakeArrayOptions> = {}) {
    this.options = { mode: 'ready', state: {}, delay: 15, stretch: 1, ...options };
    this.state = { ...INITIAL_STATE, path: this.options.mode === 'empty' ? '' : '/data/2025-09-05_tile.ms', ...this.options.state };
    const all = sites(this.options.stretch);
    const n = all.filter(({ data }) => data).length;
    this.antennas = all.map(({ name, e, n: north, u, data }, id) => {
      const flagged = id % 29 === 7 ? 0.6 + 0.4 * noise(id) : id % 11 === 4 ? 0.2 + 0.3 * noise(id) : 0.02 + 0.13 * noise(id);
      return {
        id, name, station: `DSA-${name.padStart(3, '0')}`, e, n: north, u, has_data: data, zero_position: false,
        flagged: data ? flagged * 0.98 : null, flagged_cross: data ? flagged : null, n_baselines: data ? n - 1 : 0, mean_amp: data ? 1 + noise(id, 3) : null
      };
    });
    for (const name of ['118', '119']) {
      this.antennas.push({
        id: this.antennas.length, name, station: '', e: null, n: null, u: null, has_data: false, zero_position: true,
        flagged: null, flagged_cross: null, n_baselines: 0, mean_amp: null
      });
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
        const [result, buffers] = this.answer(op, params as Record<string, number>);
        this.emitRaw({ kind: 'response', id, ok: true, result }, buffers);
      } catch (error) {
        const [code, text, hint] = (error instanceof Error ? error.message : String(error)).split('|');
        this.emitRaw({ kind: 'response', id, ok: false, error: { code, message: text, hint } });
      }
    }, this.options.delay);
  }

  event(event: string, data: unknown): void {
    this.emitRaw({ kind: 'event', event, data });
  }

  layout(): Layout {
    const withData = this.antennas.filter(({ has_data: data }) => data);
    return {
      generation: this.generation,
      kind: 'ms',
      telescope: 'DSA-110',
      centre: { lon_deg: -118.283, lat_deg: 37.234, height_m: 1182.6 },
      flags: this.flags,
      amplitudes: this.amplitudes,
      antennas: this.antennas.map(antenna => ({
        ...antenna,
        flagged: this.flags ? antenna.flagged : null,
        flagged_cross: this.flags ? antenna.flagged_cross : null,
        mean_amp: this.amplitudes ? antenna.mean_amp : null
      })),
      core: this.antennas.filter(({ id, zero_position: zero }) => id < 102 && !zero).map(({ id }) => id),
      n_baselines: (withData.length * (withData.length - 1)) / 2,
      flagged: this.flags ? 0.1234 : null,
      amp_unit: 'Jy',
      column: 'DATA'
    };
  }

  private emitRaw(message: object, buffers: ArrayBuffer[] = []): void {
    this.handler?.(message, buffers.map(buffer => new DataView(buffer)));
  }

  private answer(op: string, p: Record<string, number>): [unknown, ArrayBuffer[]?] {
    const { mode } = this.options;
    const { generation } = p;
    if (generation !== undefined && generation !== this.generation) {
      throw new Error(`stale|Layout ${generation} is not shown any more.|Ask for the new one.`);
    }
    switch (op) {
      case 'hello':
        setTimeout(() => this.story(), 30);
        return [{ state: this.state, choices: { colormaps: ['cividis', 'viridis', 'inferno'] }, source: mode === 'empty' ? {} : { name: '2025-09-05_tile.ms', path: this.state.path, telescope: 'DSA-110' } }];
      case 'layout':
        return [['ready', 'stale', 'pending'].includes(mode) ? this.layout() : null];
      case 'set': {
        const { changes } = p as unknown as { changes: Partial<AntennaState> };
        if (changes.exclude?.length === this.antennas.length) {
          throw new Error('bad-option|No antenna would be left.|Leave one.');
        }
        Object.assign(this.state, changes);
        this.event('state', { changes });
        return [{}];
      }
      case 'antenna':
        return [this.antennaDetails(p.id!)];
      case 'baseline':
        return [this.baselineDetails(p.a!, p.b!)];
      case 'uv':
        return this.uv(p.max_points!);
      case 'lengths':
        return [this.lengths()];
      case 'save':
        return [{ filename: 'array.png', mime: 'image/png' }, [new ArrayBuffer(8)]];
      case 'code':
        return [{ code: 'AntennaLayout("/data/2025-09-05_tile.ms")' }];
      default:
        return [{}];
    }
  }

  /** What happens after hello: positions first, flags after them, amplitudes last. */
  private story(): void {
    const { mode } = this.options;
    if (mode === 'error') {
      this.event('failure', {
        code: 'not-a-measurement-set',
        message: '/data/2025-09-05_tile.ms is not a Measurement Set: it has no table ANTENNA.',
        hint: 'Give the folder that holds table.dat, ANTENNA and SPECTRAL_WINDOW.'
      });
      return;
    }
    if (mode === 'loading') {
      this.event('busy', { busy: true });
      this.event('progress', { fraction: 0.1, text: 'Opening the Measurement Set' });
      return;
    }
    if (mode === 'empty') {
      return;
    }
    this.event('busy', { busy: true });
    this.event('progress', { fraction: 0.43, text: 'Reading flags' });
    if (mode === 'pending') {
      return;
    }
    setTimeout(() => {
      this.flags = true;
      this.event('layout', this.layout());
    }, 60);
    setTimeout(() => {
      this.amplitudes = true;
      this.event('layout', this.layout());
      this.event('busy', { busy: false });
      if (mode === 'stale') {
        this.event('busy', { busy: true });
        this.event('progress', { fraction: 0.2, text: 'Opening the Measurement Set' });
      }
    }, 120);
  }

  private vector(a: number, b: number): [number, number, number] {
    const [p, q] = [this.antennas[a]!, this.antennas[b]!];
    return [(q.e ?? 0) - (p.e ?? 0), (q.n ?? 0) - (p.n ?? 0), (q.u ?? 0) - (p.u ?? 0)];
  }

  private antennaDetails(id: number): object {
    const own = this.antennas[id]!;
    const share = own.flagged_cross ?? 0;
    const clip = (x: number): number => Math.min(1, Math.max(0, x));
    const frequency = Array.from({ length: 768 }, (_, i) => 1311.25 + (187.5 * i) / 768);
    const time = Array.from({ length: 24 }, (_, i) => 12.885 * i);
    return {
      id,
      name: own.name,
      baselines: this.antennas
        .filter(other => other.has_data && other.id !== id)
        .map(other => ({ id: other.id, name: other.name, length_m: Math.hypot(...this.vector(id, other.id)), flagged: clip(share * 0.6 + (other.flagged_cross ?? 0) * 0.9) })),
      frequency_mhz: frequency,
      flagged_by_frequency: frequency.map((f, i) => clip(share + 0.05 * noise(i, id) + (f > 1380 && f < 1386 ? 0.7 : 0) + (i < 20 ? 0.3 : 0))),
      time_s: time,
      time_start: '2025-09-05 03:23:14',
      time_frame: 'UTC',
      flagged_by_time: time.map((_, i) => clip(share + 0.1 * noise(i, id + 1) + (i < 2 ? 0.4 : 0)))
    };
  }

  private baselineDetails(a: number, b: number): object {
    const [p, q] = [this.antennas[a]!, this.antennas[b]!];
    if (!p.has_data || !q.has_data) {
      throw new Error(`selection-empty|There are no data of ${p.name} & ${q.name}.|Choose antennas with data.`);
    }
    const [east, north, up] = this.vector(a, b);
    const frequency = Array.from({ length: 768 }, (_, i) => 1311.25 + (187.5 * i) / 768);
    const time = Array.from({ length: 24 }, (_, i) => 12.885 * i);
    const holes = (values: number[]): (number | null)[] => values.map((v, i) => (i > 290 && i < 310 ? null : v));
    return {
      a, b, name: `${p.name} & ${q.name}`,
      length_m: Math.hypot(east, north, up),
      azimuth_deg: ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360,
      east_m: east, north_m: north, up_m: up,
      flagged: 0.21,
      frequency: {
        x: frequency,
        amp: holes(frequency.map((f, i) => 2 + Math.sin(f / 20) + 0.4 * noise(i, a))),
        phase: holes(frequency.map((f, i) => ((f * 3 + 30 * noise(i, b)) % 360) - 180))
      },
      time: { x: time, amp: time.map((_, i) => 2 + 0.3 * noise(i, a)), phase: time.map((_, i) => -60 + 5 * i + 8 * noise(i, b)) },
      time_start: '2025-09-05 03:23:14', time_frame: 'UTC', amp_unit: 'Jy', column: 'DATA'
    };
  }

  private pairs(): [number, number][] {
    const ids = this.antennas.filter(({ has_data: data }) => data).map(({ id }) => id);
    return ids.flatMap((a, i) => ids.slice(i + 1).map((b): [number, number] => [a, b]));
  }

  private uv(most: number): [unknown, ArrayBuffer[]] {
    const pairs = this.pairs();
    const times = 42;
    const n = Math.min(most, pairs.length * times);
    const [u, v, value] = [new Float32Array(n), new Float32Array(n), new Float32Array(n)];
    const declination = 0.5;
    for (let k = 0; k < n; k += 1) {
      const [a, b] = pairs[k % pairs.length]!;
      const [east, north] = this.vector(a, b);
      const t = Math.floor(k / pairs.length);
      const hour = ((t - times / 2) / times) * 1.2;
      u[k] = east * Math.cos(hour) - north * 0.6 * Math.sin(hour);
      v[k] = (north * Math.cos(hour) + east * 0.6 * Math.sin(hour)) * Math.cos(declination);
      const flagged = (this.antennas[a]!.flagged_cross! + this.antennas[b]!.flagged_cross!) / 2;
      value[k] = this.state.uv_color === 'time' ? t * 12.885 : this.state.uv_color === 'flagged' ? flagged : Math.hypot(east, north);
    }
    const label = { baseline: 'Baseline length (m)', time: 'Time since 03:23:14 UTC (s)', flagged: 'Flagged share' }[this.state.uv_color];
    return [{ n, step: 1, frequency_mhz: 1405, wavelength_m: 0.21338, color_label: label, color_range: null, baselines: pairs.length }, [u.buffer, v.buffer, value.buffer]];
  }

  private lengths(): object {
    const all = this.pairs().map(([a, b]) => Math.hypot(...this.vector(a, b)));
    const longest = all.reduce((x, y) => Math.max(x, y), 0);
    const step = 50 * this.options.stretch;
    const k = Math.ceil(longest / step);
    const counts = Array.from({ length: k }, () => 0);
    for (const length of all) {
      counts[Math.min(k - 1, Math.floor(length / step))]! += 1;
    }
    return { edges_m: Array.from({ length: k + 1 }, (_, i) => i * step), counts, shortest_m: all.reduce((x, y) => Math.min(x, y)), longest_m: longest };
  }
}
