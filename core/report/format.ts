/** How numbers are written wherever a person reads them: window, command line and reports. */

const measured = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3, minimumSignificantDigits: 3 });
const counted = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A measured value with three significant digits: 0.00123, 1.20, 12,300. Its unit stands in the column's head. */
export function formatMeasured(value: number): string {
  return measured.format(value);
}

/** A whole number: 10,000. */
export function formatCount(value: number): string {
  return counted.format(value);
}

/** Correct answers in percent, to the hundredth: one image of 10,000. The % sign stands in the column's head. */
export function formatAccuracyPercent(accuracy: { correct: number; total: number }): string {
  return ((100 * accuracy.correct) / accuracy.total).toFixed(2);
}

/** A length of time for a person who waits: 8 s, 3 min 20 s, 1 h 5 min. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A size with a binary unit: 512 B, 1.50 MiB. */
export function formatBytes(bytes: number): string {
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${formatMeasured(value)} ${units[unit]}`;
}

/** `valid`, `quick` or `invalid`: the verdict in a word. */
export function verdictWord(verdict: { valid: boolean; quick: boolean }): 'valid' | 'quick' | 'invalid' {
  if (!verdict.valid) return 'invalid';
  return verdict.quick ? 'quick' : 'valid';
}
