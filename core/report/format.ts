/**
 * How numbers are written, in the window, on the command line and in reports: three significant digits,
 * the unit in the head of the column, the interval beside the value. Accuracy keeps two decimals of a
 * percent, since one image of 10,000 is 0.01 %. What was not measured is {@link NOT_MEASURED}, never 0.
 */
export const NOT_MEASURED = '–';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** Decimals that show three significant digits of a value: 3 for 0.602, 1 for 12.3, 0 for 123. */
function decimalsOf(value: number): number {
  if (value === 0) return 0;
  // Rounding may carry into the next digit (9.996 is 10.0), so count on the rounded value.
  const rounded = Number(Math.abs(value).toPrecision(3));
  return Math.min(12, Math.max(0, 2 - Math.floor(Math.log10(rounded))));
}

/** A minus is as wide as a plus, and no hyphen. */
const withMinus = (written: string) => written.replace('-', '−');

/** `0.602`, `12.3`, `1,230`, `−4.00`. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return NOT_MEASURED;
  const decimals = decimalsOf(value);
  return withMinus(decimals > 0 ? value.toFixed(decimals) : grouped.format(Number(value.toPrecision(3))));
}

/** A number with so many decimals: `−4.27`. */
export function formatDecimals(value: number, decimals: number): string {
  return Number.isFinite(value) ? withMinus(value.toFixed(decimals)) : NOT_MEASURED;
}

/** A whole number, exact: `14,033,546`. */
export function formatCount(value: number): string {
  return withMinus(grouped.format(value));
}

/** One side so many times the other would make `±` a lie, where it is such a share of the value at least. */
const UNEVEN = 3;
const UNEVEN_FROM = 0.05;

/**
 * A value with its interval: `0.602 ± 0.011`. Where the two sides differ, the wider one is written; where they differ
 * much, or that would reach below 0, both ends stand. With an interval of null, the value alone.
 */
export function formatWithInterval(value: number, interval: { low: number; high: number } | null): string {
  if (interval === null || !Number.isFinite(value)) return formatNumber(value);
  const sides = [value - interval.low, interval.high - value];
  const half = Math.max(...sides);
  const isUneven = half > UNEVEN * Math.min(...sides) && half > UNEVEN_FROM * Math.abs(value);
  // A time is never below 0, though the wider side would reach there.
  if (isUneven || (half > value && interval.low >= 0)) {
    return `${formatNumber(value)} (${formatNumber(interval.low)} to ${formatNumber(interval.high)})`;
  }
  const decimals = decimalsOf(value);
  const smallest = 10 ** -decimals;
  const written = half > 0 && half < smallest / 2 ? `<${smallest.toFixed(decimals)}` : half.toFixed(decimals);
  return `${formatNumber(value)} ± ${written}`;
}

/** A share as a percentage without its sign: 0.9909 is `99.09`. */
export function formatPercent(share: number): string {
  return formatDecimals(share * 100, 2);
}

/** A share's interval in percent: `98.88–99.26`. */
export function formatPercentInterval(interval: { low: number; high: number }): string {
  return `${formatPercent(interval.low)}–${formatPercent(interval.high)}`;
}

/** `19.8 x`. */
export function formatRatio(ratio: number): string {
  return `${formatNumber(ratio)} x`;
}

/** How a time compares with a baseline's, in words: `19.8 x faster`, `1.32 x slower`, `as fast`. */
export function formatSpeed(time: number, baselineTime: number): string {
  if (!(time > 0) || !(baselineTime > 0)) return NOT_MEASURED;
  const ratio = baselineTime / time;
  if (Number(ratio.toPrecision(3)) === 1) return 'as fast';
  return ratio > 1 ? `${formatRatio(ratio)} faster` : `${formatRatio(1 / ratio)} slower`;
}

/** Powers of 1024: `820 B`, `1.29 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let scaled = bytes;
  let unit = 0;
  while (scaled >= 1024 && unit < units.length - 1) {
    scaled /= 1024;
    unit += 1;
  }
  return `${formatNumber(scaled)} ${units[unit]}`;
}

/** A length of time for a person: `4 s`, `2 min 5 s`, `1 h 12 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
  return minutes % 60 === 0
    ? `${Math.floor(minutes / 60)} h`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
