import type { DatasetInfo, JobEstimate, ModelInfo } from '../../core/contract/host';
import type { Job } from '../../core/contract/job';
import { estimateRun } from '../../core/evaluation/jobEstimate';
import { networkCost } from '../../core/network/cost';
import type { RunFacts } from '../../core/session/document';
import type { Cell } from './jobRun';

/** How long a job's runs take together, by all runs of all sessions before. */
export function estimateJob(
  { dataset, samples }: Job,
  cells: readonly Cell[],
  models: readonly ModelInfo[],
  datasets: readonly DatasetInfo[],
  past: readonly RunFacts[],
): JobEstimate {
  const workOf = (id: string) => {
    const model = models.find((each) => each.id === id);
    return model === undefined ? null : networkCost(model.network).multiplyAdds;
  };
  const imagesOf = (modelId: string) => {
    const id = dataset ?? models.find((model) => model.id === modelId)?.dataset;
    return samples ?? datasets.find((each) => each.id === id)?.testImages ?? 0;
  };
  const estimates = cells.map(({ request, modelId, work }) =>
    estimateRun(
      {
        deviceId: request.deviceId,
        modelId,
        precision: request.precision,
        batchSize: request.batchSize,
        scenario: request.scenario ?? 'accuracy',
        images: imagesOf(modelId),
        multiplyAdds: work,
      },
      past,
      workOf,
    ),
  );
  const known = estimates.flatMap((estimate) => estimate ?? []);
  const unknownRuns = estimates.length - known.length;
  return {
    seconds: unknownRuns > 0 ? null : known.reduce((sum, { seconds }) => sum + seconds, 0),
    unknownRuns,
    scaledRuns: known.filter(({ basis }) => basis === 'scaled').length,
  };
}
