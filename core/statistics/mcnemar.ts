import { gammaln } from 'simple-statistics';

/** Two models on the same images: how often each alone was right. */
export interface PairedOutcome {
  bothRight: number;
  onlyFirstRight: number;
  onlySecondRight: number;
  bothWrong: number;
  /**
   * McNemar's exact test, two-sided: the probability of a split at least as uneven as this one if both
   * models were equally often right. 1 where they never differ.
   */
  pValue: number;
  /** Positions at which the two predictions differ, whether or not one of them is right. */
  disagreements: number[];
}

/** ln(n!) */
const logFactorial = (n: number) => gammaln(n + 1);

/**
 * Two-sided exact binomial p-value at probability 1/2: twice the smaller tail, at most 1.
 * McNemar, Psychometrika 12 (1947), in the exact form.
 */
export function mcnemarExact(onlyFirstRight: number, onlySecondRight: number): number {
  const n = onlyFirstRight + onlySecondRight;
  if (n === 0) return 1;
  const smaller = Math.min(onlyFirstRight, onlySecondRight);
  let tail = 0;
  for (let k = 0; k <= smaller; k++) {
    tail += Math.exp(logFactorial(n) - logFactorial(k) - logFactorial(n - k) - n * Math.LN2);
  }
  return Math.min(1, 2 * tail);
}

/**
 * @param first predictions of one model
 * @param second predictions of the other, on the same images in the same order
 * @param labels true classes
 * @throws RangeError if the three differ in length
 */
export function comparePaired(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  labels: ArrayLike<number>,
): PairedOutcome {
  if (first.length !== labels.length || second.length !== labels.length) {
    throw new RangeError('two models can be compared on the same images only');
  }
  const outcome = { bothRight: 0, onlyFirstRight: 0, onlySecondRight: 0, bothWrong: 0 };
  const disagreements: number[] = [];
  for (let i = 0; i < labels.length; i++) {
    const firstRight = first[i] === labels[i];
    const secondRight = second[i] === labels[i];
    if (firstRight && secondRight) outcome.bothRight++;
    else if (firstRight) outcome.onlyFirstRight++;
    else if (secondRight) outcome.onlySecondRight++;
    else outcome.bothWrong++;
    if (first[i] !== second[i]) disagreements.push(i);
  }
  return { ...outcome, pValue: mcnemarExact(outcome.onlyFirstRight, outcome.onlySecondRight), disagreements };
}
