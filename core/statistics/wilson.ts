import type { Interval } from './bootstrap';

/** 0.975 quantile of the standard normal distribution. */
const Z_95 = 1.959963984540054;

/**
 * 95 % score interval of a share, such as an accuracy (E. B. Wilson, "Probable inference, the law of
 * succession, and statistical inference", JASA 22, 1927). Stays within [0, 1] and is honest near both ends,
 * where the usual p ± 1.96 s is not.
 *
 * @throws RangeError unless 0 <= successes <= total and total >= 1
 */
export function wilsonInterval(successes: number, total: number): Interval {
  if (!(total >= 1 && successes >= 0 && successes <= total)) {
    throw new RangeError(`${successes} of ${total} is no share`);
  }
  const share = successes / total;
  const z2 = Z_95 ** 2;
  const centre = (share + z2 / (2 * total)) / (1 + z2 / total);
  const half = (Z_95 / (1 + z2 / total)) * Math.sqrt((share * (1 - share)) / total + z2 / (4 * total ** 2));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half), confidence: 0.95 };
}
