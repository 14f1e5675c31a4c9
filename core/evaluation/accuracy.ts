import type { Run } from '../session/schema';

/**
 * The class of each image: the index of its largest logit, the first one of equals.
 * @param logits [count][classes]
 * @returns [count]; null where a logit is not a finite number, which no right answer is
 */
export function predictedClasses(logits: Float32Array, classes: number): Uint32Array | null {
  const predictions = new Uint32Array(logits.length / classes);
  for (let row = 0, image = 0; row < logits.length; row += classes, image++) {
    let best = 0;
    let largest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) {
      const logit = logits[row + c]!;
      // What is not finite is no number any more once 0 is multiplied with it.
      if (logit * 0 !== 0) return null;
      if (logit > largest) {
        best = c;
        largest = logit;
      }
    }
    predictions[image] = best;
  }
  return predictions;
}

/** How many predictions equal the label at the same place, from the first to the last prediction. */
export function countCorrect(predictions: ArrayLike<number>, labels: readonly number[]): number {
  let correct = 0;
  for (let i = 0; i < predictions.length; i++) {
    if (predictions[i] === labels[i]) correct++;
  }
  return correct;
}

/** Share of right answers, 0 .. 1. Null for the null device, whose answers are no score of a model. */
export function scoreOf({ device, accuracy }: Pick<Run, 'device' | 'accuracy'>): number | null {
  return device.type === 'null' ? null : accuracy.correct / accuracy.total;
}
