/**
 * Weights of a stochastically binarized network drawn anew: each is +1 with probability p and else -1, with
 * p = clip((w/T + 1)/2, 0, 1), the "hard sigmoid" by which training binarized the real weight w (M. Courbariaux
 * et al., "Binarized Neural Networks", arXiv 1602.02830), here with a temperature T: at 1 as in training, towards 0
 * the sign.
 */
import { WorkbenchError } from '../errors';
import type { Random } from '../statistics/random';
import { packBinary, realValues } from './binaryWeights';
import type { LatentWeights, Model, Tensor } from './model';

/** p of one weight. */
export function probabilityOfOne(weight: number, temperature: number): number {
  return Math.min(1, Math.max(0, (weight / temperature + 1) / 2));
}

/**
 * A copy of the model with the weights of its binarized layers drawn; everything else is shared.
 * @param latent null where only the signs are known; then each sign stands for a real weight of +1 or -1
 * @throws WorkbenchError `refused-file` where the real weights do not fit the model
 */
export function drawWeights(
  model: Model,
  latent: LatentWeights | null,
  temperature: number,
  random: Random,
): Model {
  const tensors = new Map<string, Tensor>(model.tensors);
  for (const layer of model.topology.layers) {
    if (!('binary' in layer && layer.binary)) continue;
    const name = `${layer.name}.weight`;
    const stored = model.tensors.get(name)!;
    const weights = latent === null ? realValues(stored) : latentOf(latent, name, stored);
    const data = weights.map((weight) => (random.unit() < probabilityOfOne(weight, temperature) ? 1 : -1));
    tensors.set(name, packBinary({ kind: 'real', shape: stored.shape, data }, name));
  }
  return { ...model, tensors };
}

function latentOf({ tensors, file }: LatentWeights, name: string, { shape }: Tensor): Float32Array {
  const tensor = tensors.get(name);
  if (tensor && tensor.shape.join() === shape.join()) return tensor.data;
  throw new WorkbenchError('refused-file', `The real weights do not fit the model: ${name} is another.`, {
    where: file,
    remedy: `Store ${name} with the shape [${shape.join(', ')}].`,
  });
}
