/** The images of a run, inside the device process. */
import { performance } from 'node:perf_hooks';
import { WorkbenchError } from '../../core/errors';
import { chooseImages, gatherBatches } from '../../core/evaluation/imageSelection';
import type { Model } from '../../core/network/model';
import { formatBytes, formatCount } from '../../core/report/format';
import { MOST_TIMES } from '../../core/session/schema';
import type { DatasetProgress, TestSet } from '../datasets';
import type { FromDeviceProcess, RunRequest } from './protocol';

export type LoadTestSet = (
  idOrFolder: string,
  onProgress: (progress: DatasetProgress) => void,
) => Promise<TestSet>;

/** The images of a run, in the order in which they are classified. */
export interface RunImages {
  testSet: TestSet;
  indices: number[] | null;
  count: number;
}

/** A fetch tells its progress this often. */
const PROGRESS_MS = 250;

/**
 * Loads the data set of a run and chooses its images.
 * @throws WorkbenchError `usage` where data set and model do not fit each other; those of the data set
 */
export async function chooseRunImages(
  request: RunRequest,
  model: Model,
  loadTestSet: LoadTestSet,
  send: (message: FromDeviceProcess) => void,
): Promise<RunImages> {
  const dataset = request.dataset ?? model.dataset;
  if (dataset === null) {
    throw new WorkbenchError('usage', `${model.id} does not say on which data set it was trained.`, {
      where: model.id,
      remedy: 'Name the data set.',
    });
  }
  const testSet = await loadTestSet(dataset, progressSender(send));
  const { input, classes } = model.topology;
  const fits =
    testSet.channels === input.channels && testSet.height === input.height && testSet.width === input.width;
  if (!fits || testSet.classes > classes) {
    throw new WorkbenchError('usage', `${testSet.name} does not fit ${model.id}.`, {
      where: dataset,
      remedy: 'Choose the data set on which the model was trained.',
      details:
        `The model takes ${input.channels} x ${input.height} x ${input.width} and tells ${classes} classes apart, ` +
        `the data set has ${testSet.channels} x ${testSet.height} x ${testSet.width} and ${testSet.classes}.`,
    });
  }
  const available = testSet.labels.length;
  const indices = chooseImages(available, request.samples, request.seed);
  const count = indices?.length ?? available;
  if (Math.ceil(count / request.batchSize) > MOST_TIMES) {
    const [images, most] = [formatCount(count), formatCount(MOST_TIMES)];
    throw new WorkbenchError('usage', `${images} images are more batches than a session holds (${most}).`, {
      where: `batch size ${request.batchSize}`,
      remedy: 'Choose larger batches, or fewer images.',
    });
  }
  return { testSet, indices, count };
}

function progressSender(send: (message: FromDeviceProcess) => void): (progress: DatasetProgress) => void {
  let sentAt = Number.NEGATIVE_INFINITY;
  return ({ dataset, phase, source, doneBytes, totalBytes }) => {
    if (performance.now() - sentAt < PROGRESS_MS) return;
    sentAt = performance.now();
    const size = totalBytes === null ? '' : ` of ${formatBytes(totalBytes)}`;
    const detail = `${phase} ${dataset} from ${source}: ${formatBytes(doneBytes)}${size}`;
    send({ kind: 'phase', phase: 'fetching data', detail, expectedMs: null });
  };
}

/** The raw bytes of whole batches of the run, the last one filled up; see `gatherBatches` for `space`. */
export function batchImages(
  chosen: RunImages,
  first: number,
  batches: number,
  batchSize: number,
  space?: Uint8Array,
): Uint8Array {
  const { testSet, indices, count } = chosen;
  const imageBytes = testSet.channels * testSet.height * testSet.width;
  return gatherBatches(testSet.images, imageBytes, indices, count, first, batches, batchSize, space);
}
