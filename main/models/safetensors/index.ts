/** Models in the workbench's own form: safetensors with our metadata. */
import { createHash } from 'node:crypto';
import { bytesPerRow, elementsPerRow } from '../../../core/network/binaryWeights';
import type { BinaryTensor, Model, Tensor } from '../../../core/network/model';
import { tensorShapes } from '../../../core/network/topologies';
import type { Layer, Topology } from '../../../core/network/topology';
import type { ByteSource } from '../byteSource';
import { readReal } from '../readReal';
import { refused } from '../refused';
import type { ModelMetadata } from './metadata';
import type { SafetensorsFile } from './reader';

/**
 * Reads all tensors of a model file and holds them to its topology.
 * @param id the model's, from its file name
 * @throws WorkbenchError `refused-file`
 */
export async function readModel(
  source: ByteSource,
  id: string,
  file: SafetensorsFile,
  metadata: ModelMetadata,
): Promise<Model> {
  const { mode, dataset, topology, calibration, origin } = metadata;
  await checkData(source, file, metadata);
  const tensors = new Map<string, Tensor>();
  const expected = tensorShapes(topology);
  for (const name of file.tensors.keys()) {
    if (!expected.has(name)) throw refused(source.file, `tensor ${name}`, 'it belongs to no layer');
  }
  const binary = binaryNames(topology);
  for (const name of metadata.packed.keys()) {
    if (!binary.has(name))
      throw refused(source.file, `tensor ${name}`, 'it is packed, and its layer is not binary');
  }
  for (const [name, shape] of expected) {
    const tensor = binary.has(name)
      ? await readPacked(source, file, name, shape, metadata.packed.get(name))
      : await readPlain(source, file, name, shape);
    tensors.set(name, tensor);
  }
  return { id, mode, dataset, topology, tensors, origin, calibration, sha256: source.sha256 };
}

/** Names of the weights of binary layers. */
function binaryNames(topology: Topology): Set<string> {
  const isBinary = (layer: Layer): layer is Layer & { name: string } => 'binary' in layer && layer.binary;
  return new Set(topology.layers.filter(isBinary).map((layer) => `${layer.name}.weight`));
}

async function checkData(source: ByteSource, file: SafetensorsFile, metadata: ModelMetadata): Promise<void> {
  const hash = createHash('sha256');
  const chunkBytes = 2 ** 20;
  for (let offset = file.dataOffset; offset < source.size; offset += chunkBytes) {
    hash.update(await source.read(offset, Math.min(chunkBytes, source.size - offset), 'the numbers'));
  }
  if (hash.digest('hex') !== metadata.dataSha256) {
    throw refused(source.file, 'the numbers', 'they are not those whose hash its metadata tell');
  }
}

async function readPlain(
  source: ByteSource,
  file: SafetensorsFile,
  name: string,
  shape: readonly number[],
): Promise<Tensor> {
  const tensor = file.tensors.get(name);
  if (!tensor) throw refused(source.file, `tensor ${name}`, 'it is missing');
  if (!sameShape(tensor.shape, shape)) throw wrongShape(source, name, tensor.shape, shape);
  return { kind: 'real', shape: [...shape], data: await readReal(source, tensor) };
}

async function readPacked(
  source: ByteSource,
  file: SafetensorsFile,
  name: string,
  shape: readonly number[],
  packedShape: readonly number[] | undefined,
): Promise<BinaryTensor> {
  const tensor = file.tensors.get(name);
  if (!tensor) throw refused(source.file, `tensor ${name}`, 'it is missing');
  if (!packedShape || !sameShape(packedShape, shape))
    throw wrongShape(source, name, packedShape ?? [], shape);
  const storedShape = [shape[0]!, bytesPerRow(shape)];
  if (!sameShape(tensor.shape, storedShape)) throw wrongShape(source, name, tensor.shape, storedShape);
  const bits = await file.readBytes(name);
  const unused = unusedBits(shape);
  for (let end = storedShape[1]! - 1; unused !== 0 && end < bits.length; end += storedShape[1]!) {
    if (bits[end]! & unused) throw refused(source.file, tensor.place, 'bits behind a row are set');
  }
  return { kind: 'binary', shape: [...shape], bits };
}

/** Mask of the bits of a row's last byte that hold no weight. */
function unusedBits(shape: readonly number[]): number {
  const used = elementsPerRow(shape) % 8;
  return used === 0 ? 0 : 0xff & (0xff << used);
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

function wrongShape(
  source: ByteSource,
  name: string,
  got: readonly number[],
  expected: readonly number[],
): Error {
  const reason = `its shape is [${got.join(', ')}] instead of [${expected.join(', ')}]`;
  return refused(source.file, `tensor ${name}`, reason);
}
