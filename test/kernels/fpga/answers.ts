import type { ChainNetwork } from '../../../main/devices/opencl/fpga/network';
import type { Queue } from '../../../native';

/** Runs a batch; activations are [images][channels][height][width], a tensor a hidden layer. */
export async function answersOf(
  network: ChainNetwork,
  queue: Queue,
  images: Uint8Array,
  count: number,
  classes: number,
): Promise<{ activations: Uint8Array[]; logits: Float32Array }> {
  const logits = new Float32Array(count * classes);
  const target = new Uint8Array(logits.buffer);
  await queue.run(
    [
      { kind: 'write', buffer: network.input, source: images, bytes: images.length },
      ...network.commands,
      { kind: 'read', buffer: network.logits, target, bytes: target.length },
    ],
    { repeats: 1 },
  );
  const activations = network.activations.map(({ buffer, decode }) => {
    const bytes = new Uint8Array(buffer.bytes);
    queue.read(buffer, bytes);
    return decode(bytes, count);
  });
  return { activations, logits };
}
