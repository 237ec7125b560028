/** Numbers, times and sizes as text. */

const MJD_UNIX_DAYS = 40587;
export const DAY = 86400;

/** Decimals that show a difference of `step`. */
export function decimals(step: number): number {
  if (!(step > 0) || !Number.isFinite(step)) {
    return 0;
  }
  let n = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  // 2.5 needs one more than 2 or 5
  const scaled = step * 10 ** n;
  if (Math.abs(scaled - Math.round(scaled)) > 1e-6 * scaled && n < 12) {
    n += 1;
  }
  return Math.min(n, 12);
}

/** A minus sign that is as wide as a plus, and no negative zero. */
function signed(text: string): string {
  const plain = /^-0(\.0*)?$/.test(text) ? text.slice(1) : text;
  return plain.replace(/-/g, '−');
}

/** A number with the decimals that `step` needs; without `step`, with `digits` significant digits. */
export function formatNumber(value: number, step?: number, digits = 6): string {
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? '–' : value > 0 ? '∞' : '−∞';
  }
  const size = Math.abs(value);
  if (step !== undefined && step > 0) {
    if ((size < 1e7 || step >= 1) && size < 1e12 && step >= 1e-6) {
      return signed(value.toFixed(decimals(step)));
    }
    const significant = Math.max(0, Math.floor(Math.log10(Math.max(size, step))) + decimals(step));
    return exponential(value, Math.min(significant, 12));
  }
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) {
    return exponential(value, digits - 1);
  }
  return signed(String(Number(value.toPrecision(digits))));
}

function exponential(value: number, fraction: number): string {
  if (value === 0) {
    return '0';
  }
  const [mantissa, power] = value.toExponential(fraction).split('e') as [string, string];
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  return signed(`${short}e${Number(power)}`);
}

/** A value in the read-out: four to five digits. */
export function formatValue(value: number, unit = ''): string {
  const text = formatNumber(value, undefined, 5);
  return unit && Number.isFinite(value) ? (unit === '°' ? `${text}°` : `${text} ${unit}`) : text;
}

interface Clock {
  day: number;
  seconds: number;
}

function clock(mjdSeconds: number, fraction: number): Clock {
  const unit = 10 ** fraction;
  const rounded = Math.round(mjdSeconds * unit) / unit;
  const day = Math.floor(rounded / DAY);
  return { day, seconds: Math.max(0, rounded - day * DAY) };
}

/** UTC hh:mm:ss of an MJD in seconds, with the decimals of a second that `step` needs. */
export function formatTime(mjdSeconds: number, step = 1): string {
  if (!Number.isFinite(mjdSeconds)) {
    return '–';
  }
  const fraction = step < 1 ? Math.min(decimals(step), 3) : 0;
  const { seconds } = clock(mjdSeconds, fraction);
  const hh = Math.floor(seconds / 3600);
  const mm = Math.floor((seconds - 3600 * hh) / 60);
  const ss = Math.floor((seconds - 3600 * hh - 60 * mm) * 10 ** fraction + 0.5) / 10 ** fraction;
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(hh)}:${two(mm)}:${ss.toFixed(fraction).padStart(fraction ? fraction + 3 : 2, '0')}`;
}

/** UTC date yyyy-mm-dd of an MJD in seconds. */
export function formatDate(mjdSeconds: number): string {
  if (!Number.isFinite(mjdSeconds)) {
    return '';
  }
  const date = new Date((Math.floor(mjdSeconds / DAY) - MJD_UNIX_DAYS) * DAY * 1000);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 10);
}

export function formatCount(n: number): string {
  return n.toLocaleString('en-US').replace(/,/g, '\u202f');
}

/** "1 baseline", "2 baselines". */
export function formatMany(n: number, thing: string): string {
  return `${formatCount(n)} ${thing}${n === 1 ? '' : 's'}`;
}

export function formatPercent(percent: number): string {
  if (!Number.isFinite(percent)) {
    return '–';
  }
  return `${percent > 0 && percent < 0.1 ? '<\u202f0.1' : percent.toFixed(1)}\u202f%`;
}
