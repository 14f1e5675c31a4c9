import type { Run } from '../../../core/session/schema';
import { exampleSession } from '../session/exampleSession';

const [first] = exampleSession.runs;
if (first === undefined) throw new Error('the example session has no run');
const template: Run = first;

interface Differences {
  id: string;
  device?: Partial<Run['device']>;
  model?: Partial<Run['model']>;
  dataset?: Partial<Run['dataset']>;
  correct?: number;
  total?: number;
  /** End to end, of batches of two images. */
  batchMs?: number[];
  deviceMs?: number[] | null;
  valid?: boolean;
}

/** The example's run with other figures, for what is computed from runs. */
export function exampleRun({ id, device, model, dataset, ...figures }: Differences): Run {
  const { correct = 3, total = 4, batchMs = [3], deviceMs = null, valid = true } = figures;
  const summary = (samples: number[]) => {
    const median = [...samples].sort((a, b) => a - b)[Math.floor(samples.length / 2)] ?? 0;
    return { median, p90: Math.max(...samples), samples };
  };
  return {
    ...template,
    id,
    device: { ...template.device, ...device },
    model: { ...template.model, ...model },
    dataset: { ...template.dataset, samples: total, ...dataset },
    accuracy: { correct, total },
    timing: {
      ...template.timing,
      endToEndMsPerBatch: summary(batchMs),
      deviceMsPerBatch: deviceMs && summary(deviceMs),
    },
    verdict: { ...template.verdict, valid },
  };
}
