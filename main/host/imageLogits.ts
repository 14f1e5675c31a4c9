/** One image's logits by the reference operators, inside a process of its own: a large network takes a second. */
import { WorkbenchError } from '../../core/errors';
import { formatCount } from '../../core/report/format';
import { loadTestSet } from '../datasets';
import { loadModel } from '../models';
import type { ClassificationRequest } from './protocol';
import { referenceNetwork } from './selfTest';

/**
 * What every device's logits are held against before it is timed.
 * @returns one number a class
 * @throws WorkbenchError `usage` where the test set has no such image, `unsupported`; those of model and data set
 */
export async function imageLogits(request: ClassificationRequest): Promise<number[]> {
  const { dataset, index, precision } = request;
  const model = await loadModel(request.model);
  const { images, labels, height, width, channels } = await loadTestSet(dataset);
  if (index >= labels.length) {
    throw new WorkbenchError('usage', `There is no image ${formatCount(index)}.`, { where: dataset });
  }
  const bytes = height * width * channels;
  const image = images.subarray(index * bytes, (index + 1) * bytes);
  return [...referenceNetwork(model, precision)(image, 1)];
}
