import { elements } from '../../core/network/shapes';
import type { Shape } from '../../core/network/topology';
import { Holdings } from '../../main/devices/opencl/holdings';
import { loadKernel, recordLaunch } from '../../main/devices/opencl/portable/family';
import type { Launch } from '../../main/devices/opencl/portable/launch';
import type { ActivationLayout } from '../../main/devices/opencl/portable/layout';
import type { Tuning } from '../../main/devices/opencl/portable/tuning';
import type { Context } from '../../native';

/**
 * Runs one launch and returns its output buffer. The output holds a mark where the kernel writes
 * nothing.
 * @param input what lies in the input buffer; bytes for the normalization, else floats
 */
export async function runLaunch(
  context: Context,
  launch: Launch,
  tuning: Tuning,
  input: Uint8Array,
  batchSize: number,
): Promise<Float32Array> {
  const held = new Holdings();
  try {
    const queue = held.keep(context.createQueue());
    const output = new Float32Array(batchSize * launch.output.image).fill(UNTOUCHED);
    const outputBytes = new Uint8Array(output.buffer);
    const buffers = [input, outputBytes].map((bytes) => {
      const buffer = held.keep(context.createBuffer(bytes.length));
      queue.write(buffer, bytes);
      return buffer;
    });
    const buildProgram = (source: string, options: string) => context.buildProgram(source, options);
    const workshop = { context, queue, buildProgram };
    const kernel = await loadKernel(workshop, launch, held);
    const command = recordLaunch(workshop, launch, kernel, [buffers[0]!, buffers[1]!], tuning, held);
    await queue.run([command], { repeats: 1 });
    queue.read(buffers[1]!, outputBytes);
    return output;
  } finally {
    held.release();
  }
}

export const UNTOUCHED = -12345;

/**
 * Images, [channels][height][width] each, as they lie on the device; what a kernel may read behind the last
 * image is not a number, and must not matter.
 */
export function toLayout(images: Float32Array[], layout: ActivationLayout, extent: number): Float32Array {
  const buffer = new Float32Array(extent).fill(Number.NaN);
  buffer.fill(0, 0, images.length * layout.image);
  images.forEach((image, n) => {
    eachElement(layout.shape, (i, place) => {
      buffer[n * layout.image + place(layout)] = image[i]!;
    });
  });
  return buffer;
}

/** The inverse of {@link toLayout}. @throws Error where the kernel wrote outside the images */
export function fromLayout(buffer: Float32Array, layout: ActivationLayout, count: number): Float32Array[] {
  const images = Array.from({ length: count }, (_, n) => {
    const image = new Float32Array(elements(layout.shape));
    eachElement(layout.shape, (i, place) => {
      const position = n * layout.image + place(layout);
      image[i] = buffer[position]!;
      buffer[position] = UNTOUCHED;
    });
    return image;
  });
  if (buffer.some((value) => value !== UNTOUCHED)) throw new Error('the kernel wrote into the border');
  return images;
}

type Place = (layout: ActivationLayout) => number;

function eachElement({ channels, height, width }: Shape, visit: (i: number, place: Place) => void): void {
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        visit((c * height + y) * width + x, ({ origin, row }) => origin + y * row + x * channels + c);
      }
    }
  }
}
