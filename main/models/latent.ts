/** The real weights behind a stochastically binarized model: a file of tensors beside the model's own. */
import { existsSync } from 'node:fs';
import type { LatentWeights, RealTensor } from '../../core/network/model';
import { openSource } from './byteSource';
import { MODEL_SUFFIX, recognizeFormat } from './openModel';
import { readPyTorch } from './pytorch';
import { readReal } from './readReal';
import { readSafetensors } from './safetensors/reader';

const SUFFIXES = ['.latent.safetensors', '.latent.pt', '.latent.pt.gz'];

/**
 * Reads `NAME.latent.safetensors` (or `.latent.pt`, gzipped or not) beside `NAME.safetensors` (or `.pt`).
 * @returns null where there is no such file
 * @throws WorkbenchError `refused-file`, `storage`
 */
export async function loadLatentBeside(modelPath: string): Promise<LatentWeights | null> {
  const stem = modelPath.replace(MODEL_SUFFIX, '');
  const file = SUFFIXES.map((suffix) => stem + suffix).find((path) => existsSync(path));
  if (file === undefined) return null;
  const source = await openSource(file);
  try {
    const format = await recognizeFormat(source);
    const stored =
      format === 'safetensors' ? (await readSafetensors(source)).tensors : await readPyTorch(source, format);
    const tensors = new Map<string, RealTensor>();
    for (const [name, tensor] of stored) {
      tensors.set(name, { kind: 'real', shape: [...tensor.shape], data: await readReal(source, tensor) });
    }
    return { tensors, file, sha256: source.sha256 };
  } finally {
    await source.close();
  }
}
