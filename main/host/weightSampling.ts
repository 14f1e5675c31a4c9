/** The answers of a stochastically binarized model with drawn weights, inside the device process. */
import type { SamplingRequest } from '../../core/contract/job';
import { WorkbenchError } from '../../core/errors';
import { countCorrect, predictedClasses } from '../../core/evaluation/accuracy';
import type { LatentWeights, Model } from '../../core/network/model';
import { drawWeights } from '../../core/network/sampling';
import type { Sampling } from '../../core/session/schema';
import { Random } from '../../core/statistics/random';
import type { Device, PreparedNetwork } from '../devices/device';
import { BatchTimer, type Send } from './batchTimer';
import type { RunRequest } from './protocol';
import type { RunImages } from './runImages';

export interface SamplingParts {
  request: RunRequest;
  sampling: SamplingRequest;
  model: Model;
  device: Device;
  chosen: RunImages;
  sources: { loadLatent(idOrPath: string): Promise<LatentWeights | null> };
  send: Send;
  cancelled: AbortSignal;
}

/**
 * Draws the weights again and again, each time classifies all images of the run, and averages the logits.
 * @throws WorkbenchError `unsupported` where the model was not binarized stochastically, those of the device
 */
export async function sampleWeights(parts: SamplingParts): Promise<Sampling> {
  const { request, sampling, model, device, chosen } = parts;
  if (model.mode !== 'stochastic') {
    throw new WorkbenchError(
      'unsupported',
      `${model.id} is of mode ${model.mode}; its weights are not drawn.`,
      {
        where: model.id,
        remedy: 'Sample a model of mode stochastic.',
      },
    );
  }
  const latent = await parts.sources.loadLatent(request.model);
  const { classes } = model.topology;
  const labels = chosen.indices
    ? chosen.indices.map((index) => chosen.testSet.labels[index]!)
    : Array.from(chosen.testSet.labels);
  const sums = new Float32Array(chosen.count * classes);
  const random = new Random(request.seed);
  const correct: number[] = [];
  for (let draw = 0; draw < sampling.draws; draw++) {
    const detail = `draw ${draw + 1} of ${sampling.draws}`;
    parts.send({ kind: 'phase', phase: 'running', detail, expectedMs: null });
    const drawn = drawWeights(model, latent, sampling.temperature, random);
    const network = await device.prepare(drawn, request.precision, request.batchSize);
    try {
      correct.push(countCorrect(await classify(parts, network, sums), labels));
    } finally {
      network.dispose();
    }
  }
  const averagedPredictions = predictedClasses(sums, classes)!;
  return {
    rule: latent === null ? 'sign' : 'latent',
    temperature: sampling.temperature,
    seed: request.seed,
    latentSha256: latent?.sha256 ?? null,
    correct,
    averagedPredictions: Array.from(averagedPredictions),
    averagedCorrect: countCorrect(averagedPredictions, labels),
  };
}

/** The classes of all images with one draw, whose logits are added to the sums. */
async function classify(
  { model, chosen, send, cancelled }: SamplingParts,
  network: PreparedNetwork,
  sums: Float32Array,
): Promise<number[]> {
  const { classes } = model.topology;
  const timer = new BatchTimer({ network, classes, chosen, batchMs: 0, send, cancelled });
  const batches = Math.ceil(chosen.count / network.batchSize);
  const all: number[] = [];
  for (let done = 0; done < batches; ) {
    const now = done === 0 ? 1 : Math.min(timer.batchesForCall(), batches - done);
    const { predictions, logits } = await timer.run(chosen, done, now);
    for (const prediction of predictions) all.push(prediction);
    const first = done * network.batchSize * classes;
    const end = Math.min(logits.length, sums.length - first);
    for (let i = 0; i < end; i++) sums[first + i]! += logits[i]!;
    done += now;
  }
  return all.slice(0, chosen.count);
}
