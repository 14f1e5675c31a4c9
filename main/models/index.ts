/** The models that come with the program, and those in files. */
import { join } from 'node:path';
import { closest } from 'fastest-levenshtein';
import type { ModelInfo } from '../../core/contract/host';
import { WorkbenchError } from '../../core/errors';
import type { LatentWeights, Model } from '../../core/network/model';
import { applicationRoot } from '../applicationRoot';
import { loadLatentBeside } from './latent';
import { readModelInfo } from './modelInfo';
import { type ImportOptions, MODEL_SUFFIX, modelId, openModel } from './openModel';
import { writeSafetensors } from './safetensors/writer';

export { readModelInfo } from './modelInfo';
export { type ImportOptions, modelId } from './openModel';

/** The six models of assets/models, in the order in which they are shown. */
export const BUNDLED_IDS = [
  'mnist-none',
  'mnist-deterministic',
  'mnist-stochastic',
  'cifar10-none',
  'cifar10-deterministic',
  'cifar10-stochastic',
] as const;

/** @throws WorkbenchError `refused-file` where one is damaged, `unknown-name` where one is missing */
export async function listBundledModels(): Promise<ModelInfo[]> {
  return Promise.all(BUNDLED_IDS.map((id) => readModelInfo(bundledPath(id), true)));
}

/**
 * Loads a model by the id of a bundled one, or by the path of a `.safetensors` or `.pt`, gzipped or not.
 * @param options for a file that another program wrote
 * @throws WorkbenchError `unknown-name` with the nearest match; see {@link openModel} for those of files
 */
export async function loadModel(idOrPath: string, options: ImportOptions = {}): Promise<Model> {
  if (BUNDLED_IDS.some((id) => id === idOrPath)) return openModel(bundledPath(idOrPath));
  if (MODEL_SUFFIX.test(idOrPath) || /[\\/]/.test(idOrPath)) return openModel(idOrPath, options);
  throw new WorkbenchError('unknown-name', `There is no model ${idOrPath}.`, {
    where: idOrPath,
    remedy: `Did you mean ${closest(idOrPath, [...BUNDLED_IDS])}? A file's name ends in .safetensors or .pt.`,
  });
}

/** The real weights behind a stochastically binarized model; see {@link loadLatentBeside}. */
export function loadLatent(idOrPath: string): Promise<LatentWeights | null> {
  return loadLatentBeside(BUNDLED_IDS.some((id) => id === idOrPath) ? bundledPath(idOrPath) : idOrPath);
}

/**
 * Reads a model of another program and writes it in the workbench's own form.
 * @returns the model as it now is in `target`
 * @throws WorkbenchError as {@link openModel} does; `usage` where `target` does not end in .safetensors
 */
export async function importModel(
  source: string,
  target: string,
  options: ImportOptions = {},
): Promise<Model> {
  if (!target.endsWith('.safetensors')) {
    throw new WorkbenchError('usage', `${target} does not end in .safetensors.`, {
      where: target,
      remedy: 'Give the new file this ending.',
    });
  }
  return saveModel(await openModel(source, options), target);
}

/**
 * Writes a model, with its calibration where it has one, in one step: the old file or the new one, never a
 * part.
 * @returns the model as it now is in `path`
 * @throws WorkbenchError `storage`
 */
export async function saveModel(model: Model, path: string): Promise<Model> {
  const sha256 = await writeSafetensors(model, path);
  return { ...model, id: modelId(path), sha256 };
}

function bundledPath(id: string): string {
  return join(applicationRoot(), 'assets', 'models', `${id}.safetensors`);
}
