import type { Interval } from './bootstrap';

/** 0.975 quantile of the standard normal distribution. */
const Z_95 = 1.959963984540054;

/**
 * 95 % interval of the difference of two shares of the same n things: second minus first (D. G. Bonett and
 * R. M. Price, "Adjusted Wald confidence interval for a difference of binomial proportions based on paired
 * data", J. Educ. Behav. Stat. 37, 2012). One is added to each kind of discordant pair, so that it is honest
 * where there are few.
 *
 * @param onlyFirst pairs in which only the first one succeeded
 * @throws RangeError unless the pairs fit into n
 */
export function pairedDifferenceInterval(onlyFirst: number, onlySecond: number, n: number): Interval {
  if (!(onlyFirst >= 0 && onlySecond >= 0 && n >= 1 && onlyFirst + onlySecond <= n)) {
    throw new RangeError(`${onlyFirst} and ${onlySecond} of ${n} are no discordant pairs`);
  }
  const first = (onlyFirst + 1) / (n + 2);
  const second = (onlySecond + 1) / (n + 2);
  const difference = second - first;
  const half = Z_95 * Math.sqrt((first + second - difference ** 2) / (n + 2));
  return { low: Math.max(-1, difference - half), high: Math.min(1, difference + half), confidence: 0.95 };
}
