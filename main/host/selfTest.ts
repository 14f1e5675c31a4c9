/** The known answers that a device must give before anything is timed. */
import { WorkbenchError } from '../../core/errors';
import { lower } from '../../core/network/lowering';
import type { Model } from '../../core/network/model';
import { activationBits, type Precision } from '../../core/network/precision';
import { calibratedSteps, quantize } from '../../core/network/quantization';
import { runIntegerPlan } from '../../core/network/quantizationReference';
import { runPlan } from '../../core/network/reference';

/** The largest difference of a logit from the reference that a precision promises. */
export function selfTestTolerance(precision: Precision, reference: Float32Array): number {
  switch (precision) {
    case 'fp32':
      return 1e-3;
    case 'fp16': {
      // Half has 11 significant bits, and the error of a few layers adds up: 2 % of the largest logit.
      return 0.02 * Math.max(1, ...reference.map(Math.abs));
    }
    case 'a8':
    case 'a4':
    case 'a3':
    case 'a2':
      return 1e-4;
  }
}

/** Gives the right logits of images, slowly, by the reference operators of core/network. */
export function referenceNetwork(
  model: Model,
  precision: Precision,
): (images: Uint8Array, count: number) => Float32Array {
  const plan = lower(model);
  if (activationBits(precision) === null) return (images, count) => runPlan(plan, images, count);
  const { bits, steps } = calibratedSteps(model.calibration, precision);
  const integerPlan = quantize(plan, bits, steps);
  return (images, count) => runIntegerPlan(integerPlan, images, count).logits;
}

/**
 * Compares one image's logits with the reference.
 * @throws WorkbenchError `wrong-answer`
 */
export function checkAnswer(
  logits: Float32Array,
  reference: Float32Array,
  precision: Precision,
  device: string,
): void {
  const tolerance = selfTestTolerance(precision, reference);
  for (let c = 0; c < reference.length; c++) {
    const difference = Math.abs(logits[c]! - reference[c]!);
    if (difference <= tolerance) continue;
    throw new WorkbenchError('wrong-answer', `${device} failed its self-test; nothing was timed.`, {
      where: device,
      remedy: 'Update its driver, or choose another device or precision.',
      details:
        `Logit ${c} is ${logits[c]}, the reference gives ${reference[c]}; ` +
        `${precision} allows a difference of ${tolerance}.`,
    });
  }
}
