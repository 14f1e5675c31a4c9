/** Writes a model as safetensors with one-bit packed weights; the same model makes the same bytes. */
import { createHash } from 'node:crypto';
import { elementsPerRow } from '../../../core/network/binaryWeights';
import type { Model, Tensor } from '../../../core/network/model';
import { writeAtomic } from '../../storage/writeAtomic';
import { exactHalf } from '../elements';
import { formatMetadata } from './metadata';

interface StoredBytes {
  name: string;
  dtype: 'U8' | 'F16' | 'F32';
  shape: number[];
  bytes: Uint8Array;
}

/**
 * Replaces or creates the file in one step.
 * @returns SHA-256 of the file
 * @throws WorkbenchError `storage`
 */
export async function writeSafetensors(model: Model, file: string): Promise<string> {
  const stored = [...model.tensors].map(([name, tensor]) => ({ name, ...storedForm(tensor) }));
  // The format's own writer puts large elements first, so that all are aligned; ties keep their order.
  stored.sort((a, b) => alignment(b) - alignment(a));
  const header = formatHeader(model, stored);
  const parts = [header, ...stored.map(({ bytes }) => bytes)];
  await writeAtomic(file, parts);
  return sha256(parts);
}

function alignment({ dtype }: StoredBytes): number {
  return dtype === 'F32' ? 4 : dtype === 'F16' ? 2 : 1;
}

/** One bit, half where that is exact for every value, else float: what is read is what was given. */
function storedForm(tensor: Tensor): Omit<StoredBytes, 'name'> {
  if (tensor.kind === 'binary') {
    const rows = tensor.shape[0]!;
    return { dtype: 'U8', shape: [rows, Math.ceil(elementsPerRow(tensor.shape) / 8)], bytes: tensor.bits };
  }
  const halves = asHalves(tensor.data);
  const numbers = halves ?? tensor.data;
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  return { dtype: halves ? 'F16' : 'F32', shape: tensor.shape, bytes };
}

function asHalves(data: Float32Array): Uint16Array | null {
  const floats = new Uint32Array(data.buffer, data.byteOffset, data.length);
  const halves = new Uint16Array(data.length);
  for (let i = 0; i < floats.length; i++) {
    const half = exactHalf(floats[i]!);
    if (half === null) return null;
    halves[i] = half;
  }
  return halves;
}

function formatHeader(model: Model, stored: readonly StoredBytes[]): Uint8Array {
  const header: Record<string, unknown> = {
    __metadata__: formatMetadata(model, sha256(stored.map(({ bytes }) => bytes))),
  };
  let begin = 0;
  for (const { name, dtype, shape, bytes } of stored) {
    header[name] = { dtype, shape, data_offsets: [begin, begin + bytes.length] };
    begin += bytes.length;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  // Spaces up to a multiple of 8, so that the numbers behind are aligned.
  const padded = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(0x20);
  new DataView(padded.buffer).setBigUint64(0, BigInt(padded.length - 8), true);
  padded.set(text, 8);
  return padded;
}

function sha256(parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}
