/** A matrix of more cannot be read by anybody, and a file may name a class by any number. */
export const MOST_CLASSES_IN_MATRIX = 40;

/** Classification of one test set, class by class. */
export interface Confusion {
  classes: number;
  /** [true class][predicted class], row-major. */
  counts: Uint32Array;
  /** Of the images predicted as a class, the share that is of it; null where none was predicted. */
  precision: (number | null)[];
  /** Of the images of a class, the share predicted as it; null where the class has no image. */
  recall: (number | null)[];
}

/**
 * @param predictions classes in 0 .. classes - 1
 * @throws RangeError if the two lists differ in length or hold a class out of range
 */
export function confusionMatrix(
  predictions: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): Confusion {
  if (predictions.length !== labels.length) throw new RangeError('as many predictions as labels are needed');
  const counts = new Uint32Array(classes * classes);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    const predicted = predictions[i]!;
    if (label >= classes || predicted >= classes) throw new RangeError(`class out of range at image ${i}`);
    counts[label * classes + predicted]!++;
  }
  const precision: (number | null)[] = [];
  const recall: (number | null)[] = [];
  for (let c = 0; c < classes; c++) {
    let predictedAs = 0;
    let labelled = 0;
    for (let other = 0; other < classes; other++) {
      predictedAs += counts[other * classes + c]!;
      labelled += counts[c * classes + other]!;
    }
    const right = counts[c * classes + c]!;
    precision.push(predictedAs === 0 ? null : right / predictedAs);
    recall.push(labelled === 0 ? null : right / labelled);
  }
  return { classes, counts, precision, recall };
}
