/** A job as the list of its runs, checked and with every name resolved. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DatasetInfo, ModelInfo } from '../../core/contract/host';
import { type Job, jobSchema } from '../../core/contract/job';
import { WorkbenchError } from '../../core/errors';
import { networkCost } from '../../core/network/cost';
import { hindranceOf } from '../../core/network/hindrance';
import { formatCount } from '../../core/report/format';
import { describeIssue } from '../../core/session/document';
import { MOST_RUNS_OF_A_JOB } from '../../core/session/schema';
import type { FoundDevice } from './deviceListing';
import type { Cell } from './jobRun';
import { nearest } from './nearest';

/** @throws WorkbenchError `usage` */
export function checkJob(value: unknown): Job {
  const parsed = jobSchema.safeParse(value);
  if (parsed.success) {
    const job = { ...parsed.data, batchSizes: batchSizesOf(parsed.data) };
    requireFew(job);
    return job;
  }
  throw new WorkbenchError('usage', `The job is not right: ${describeIssue(parsed.error)}.`);
}

/** Before a list of them is made. */
function requireFew({ deviceIds, models, precisions, batchSizes }: Job): void {
  const runs = deviceIds.length * models.length * precisions.length * batchSizes.length;
  if (runs <= MOST_RUNS_OF_A_JOB) return;
  throw new WorkbenchError(
    'usage',
    `The job has ${formatCount(runs)} runs; one session holds at most ${formatCount(MOST_RUNS_OF_A_JOB)}.`,
    { remedy: 'Choose fewer devices, models, precisions or batch sizes, and run the others as another job.' },
  );
}

/** A latency is that of one image; no other batch size has one. */
function batchSizesOf({ scenario, batchSizes }: Job): number[] {
  return scenario === 'latency' ? [1] : batchSizes;
}

/**
 * Finds a wrong data set or too many images before a session is opened for it.
 * @throws WorkbenchError `unknown-name`, `usage`
 */
export function checkDataset(job: Job, datasets: DatasetInfo[], models: ModelInfo[]): void {
  const { dataset, samples } = job;
  if (dataset !== null && !datasets.some(({ id }) => id === dataset) && !existsSync(dataset)) {
    throw new WorkbenchError('unknown-name', `There is no data set and no folder called ${dataset}.`, {
      remedy: nearest(
        dataset,
        datasets.map(({ id }) => id),
      ),
    });
  }
  for (const model of job.models) {
    const used = dataset ?? models.find(({ id }) => id === model)?.dataset;
    const found = datasets.find(({ id }) => id === used);
    if (found && samples !== null && samples > found.testImages) {
      throw new WorkbenchError(
        'usage',
        `${found.name} has ${formatCount(found.testImages)} test images, not ${formatCount(samples)}.`,
        { where: 'samples', remedy: 'Choose fewer, or leave it out for all.' },
      );
    }
  }
}

/**
 * Only a model that was binarized stochastically has weights to draw. A file shows its mode when it is loaded.
 * @throws WorkbenchError `usage`
 */
export function checkSampling({ sampling, models: names }: Job, models: ModelInfo[]): void {
  if (!sampling) return;
  const refused = names.filter((name) => models.some(({ id, mode }) => id === name && mode !== 'stochastic'));
  if (refused.length === 0) return;
  throw new WorkbenchError('usage', `The weights of ${refused.join(', ')} are not drawn.`, {
    where: '--draws',
    remedy: 'Choose models of mode stochastic only.',
  });
}

/** The same job for a program that is started in another folder: every path whole. */
export function withWholePaths(job: Job, datasets: DatasetInfo[], models: ModelInfo[]): Job {
  const { dataset, power } = job;
  const isFolder = dataset !== null && !datasets.some(({ id }) => id === dataset);
  return {
    ...job,
    dataset: isFolder ? resolve(dataset) : dataset,
    ...(power?.kind === 'meter-log' ? { power: { ...power, path: resolve(power.path) } } : {}),
    models: job.models.map((model) => (models.some(({ id }) => id === model) ? model : resolve(model))),
  };
}

/**
 * Devices x models x precisions x batch sizes, in this order.
 * @throws WorkbenchError `unknown-name`; `usage` where no run is possible and only such were asked for
 */
export function cellsOf(job: Job, devices: FoundDevice[], models: ModelInfo[]): Cell[] {
  const samples = job.samples;
  const works = models.map((model) => networkCost(model.network).multiplyAdds);
  // The size of a model file's network is not known before a device process has read it.
  const usualWork = works.reduce((sum, work) => sum + work, 0) / Math.max(1, works.length) || 1;
  const cells: Cell[] = [];
  for (const deviceId of job.deviceIds) {
    const device = devices.find(({ info }) => info.id === deviceId);
    if (!device) {
      throw new WorkbenchError('unknown-name', `There is no device ${deviceId}.`, {
        remedy: nearest(
          deviceId,
          devices.map(({ info }) => info.id),
        ),
      });
    }
    for (const model of job.models) {
      const known = models.findIndex(({ id }) => id === model);
      const name = models[known] ? runnableName(models[known]) : modelFile(model, models);
      for (const precision of job.precisions) {
        if (job.onlyPossible && hindranceOf(device.info, models[known] ?? null, precision)) continue;
        for (const batchSize of job.batchSizes) {
          const { dataset, seed, scenario, quick, layers, sampling } = job;
          const request = {
            deviceId,
            model: name,
            dataset,
            precision,
            batchSize,
            samples,
            seed,
            scenario,
            quick,
            layers,
            sampling,
          };
          const work = works[known] ?? usualWork;
          cells.push({ index: cells.length, request, device, modelId: model, work });
        }
      }
    }
  }
  if (cells.length > 0) return cells;
  throw new WorkbenchError('usage', 'None of the models can run on the devices in these precisions.', {
    remedy: 'Models of mode none have no integer precision, and others need scales: `npx bnnw calibrate`.',
  });
}

/** What a device process loads it by. */
function runnableName({ id, bundled, path }: ModelInfo): string {
  return bundled ? id : path;
}

function modelFile(name: string, models: ModelInfo[]): string {
  if (existsSync(name)) return resolve(name);
  throw new WorkbenchError('unknown-name', `There is no model and no model file ${name}.`, {
    remedy: nearest(
      name,
      models.map(({ id }) => id),
    ),
  });
}
