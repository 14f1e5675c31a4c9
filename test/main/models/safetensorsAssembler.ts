import { joined } from './files';
import { u64 } from './pickleAssembler';

/** A safetensors file with this header, right or wrong, and `dataBytes` zeros behind it. */
export function safetensors(
  header: string | object,
  data: number | Uint8Array = 0,
  headerBytes?: number | bigint,
): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  return joined(
    u64(headerBytes ?? text.length),
    text,
    typeof data === 'number' ? new Uint8Array(data) : data,
  );
}

export function floats(shape: number[], begin: number, end: number) {
  return { dtype: 'F32', shape, data_offsets: [begin, end] };
}

/** Float tensors one after another, as any program may write them. */
export function plainFile(tensors: Record<string, { shape: number[]; values: Float32Array }>): Uint8Array {
  const header: Record<string, unknown> = {};
  const parts: Uint8Array[] = [];
  let begin = 0;
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    header[name] = floats(shape, begin, begin + values.byteLength);
    parts.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    begin += values.byteLength;
  }
  return safetensors(header, joined(...parts));
}
