/** Opens a model file of any form; what it is comes from its first bytes, not from its name. */
import { basename } from 'node:path';
import type { Model } from '../../core/network/model';
import { parseTopologyDescription, type TopologyDescription } from '../../core/network/topologies';
import type { Mode } from '../../core/network/topology';
import { assembleModel, type Hints } from './assemble';
import { type ByteSource, openSource } from './byteSource';
import { readPyTorch } from './pytorch';
import { refused } from './refused';
import { readModel } from './safetensors';
import { type ModelMetadata, parseMetadata } from './safetensors/metadata';
import { readSafetensors, type SafetensorsFile } from './safetensors/reader';

/** What a file of another program may not tell by itself. */
export interface ImportOptions {
  /** JSON file with the network's layers, see core/network/topologies.ts; the published ones need none. */
  topologyFile?: string;
  /** How the network was trained, where neither weights nor file name tell. */
  mode?: Mode;
}

/**
 * Reads a model from `.safetensors` or `.pt`, gzipped or not.
 * @throws WorkbenchError `unknown-name`, `refused-file`, `unsupported`, `usage`, `storage`
 */
export async function openModel(file: string, options: ImportOptions = {}): Promise<Model> {
  const source = await openSource(file);
  try {
    return await readModelFrom(source, options);
  } finally {
    await source.close();
  }
}

/** {@link openModel} from a source that is open. */
export async function readModelFrom(source: ByteSource, options: ImportOptions): Promise<Model> {
  const id = modelId(source.file);
  const format = await recognizeFormat(source);
  if (format !== 'safetensors') {
    const stateDict = await readPyTorch(source, format);
    return assembleModel(source, id, stateDict, await readHints(options));
  }
  const opened = await readSafetensors(source);
  const metadata = parseMetadata(source.file, opened.metadata);
  if (metadata) return readModel(source, id, opened, metadata);
  return assembleModel(source, id, opened.tensors, await readHints(options));
}

/**
 * Reads the head of one of the workbench's own model files, and runs `use` while it is open.
 * @throws WorkbenchError `refused-file`, `storage`
 */
export async function withOwnModel<Result>(
  file: string,
  use: (source: ByteSource, opened: SafetensorsFile, metadata: ModelMetadata) => Result,
): Promise<Result> {
  const source = await openSource(file);
  try {
    const opened = await readSafetensors(source);
    const metadata = parseMetadata(file, opened.metadata);
    if (!metadata)
      throw refused(file, '__metadata__', 'it is no model of the BNN Workbench', 'Import it first.');
    return use(source, opened, metadata);
  } finally {
    await source.close();
  }
}

/** A model is called after its file: `models/my-net.safetensors` is `my-net`. */
export function modelId(file: string): string {
  return basename(file).replace(MODEL_SUFFIX, '');
}

/** The suffixes of files that {@link openModel} may be asked for. */
export const MODEL_SUFFIX = /\.(safetensors|pt|pth)(\.gz)?$/i;

/** By the first bytes. @throws WorkbenchError `refused-file` */
export async function recognizeFormat(source: ByteSource): Promise<'safetensors' | 'legacy' | 'zip'> {
  const head = await source.read(0, Math.min(16, source.size), 'byte 0');
  const [first, second, third, fourth] = head;
  if (first === 0x50 && second === 0x4b && third === 3 && fourth === 4) return 'zip';
  if (first === 0x80 && second !== undefined && second >= 2 && second <= 5) return 'legacy';
  if (head[8] === 0x7b) return 'safetensors';
  throw refused(source.file, 'byte 0', 'it is neither a .pt nor a .safetensors');
}

async function readHints(options: ImportOptions): Promise<Hints> {
  const description = options.topologyFile === undefined ? null : await readDescription(options.topologyFile);
  return { description, mode: options.mode ?? null };
}

const MAX_DESCRIPTION_BYTES = 2 ** 20;

async function readDescription(file: string): Promise<TopologyDescription> {
  const source = await openSource(file);
  try {
    if (source.size > MAX_DESCRIPTION_BYTES)
      throw refused(file, 'the whole', 'it is larger than 1 MiB', 'Give a description of the layers only.');
    const bytes = await source.read(0, source.size, 'the whole');
    return parseTopologyDescription(parseJson(file, bytes), file);
  } finally {
    await source.close();
  }
}

function parseJson(file: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw refused(file, 'the whole', `it is no JSON (${reason})`, 'Correct the description.');
  }
}
