/**
 * What training images tell about a model for the integer precisions, for each activation tensor:
 *
 * - the step (real value = step x integer) with the least squared error, out of 33 whose top lies evenly between 0.2
 *   and 1 of the largest activation. Ending below the largest clips a few activations and rounds all others more
 *   finely;
 * - the order of channels in which those that are zero together stand together, for speed.
 */
import { WorkbenchError } from '../errors';
import { orderByZeros } from './channelOrder';
import type { Calibration, Model } from './model';
import { activationBits, PRECISIONS } from './precision';
import { elements, layerShapes } from './shapes';
import type { Layer } from './topology';

const CANDIDATES = 33;
const LOWEST = 0.2;
/**
 * Of many activations every 17th is looked at: coprime to the usual widths, so that no channel or pixel is left
 * out. Of few, all: the largest of a small sample would be well below the largest of all, and clip too much.
 */
const STRIDE = 17;
const FEW = 100_000;
const IMAGES_AT_A_TIME = 16;
/** Pixels of all images at which channels are looked at for zeros, and the precision that zeros are those of. */
const PLACES = 4096;
const ZEROS_OF = 'a4';

/** Runs a network in fp32 on raw bytes; gives its outputs, [count][classes]. */
export type FloatRunner = (images: Uint8Array, count: number) => Promise<Float32Array>;

/** Makes ready what the images then pass through in batches of `batchSize`. */
export type OpenRunner = (model: Model, batchSize: number) => Promise<{ run: FloatRunner; dispose(): void }>;

export interface CalibrationImages {
  dataset: string;
  seed: number;
  /** [count][height][width][channels] */
  images: Uint8Array;
}

/**
 * @param open makes fp32 runners of the network's beginnings, on a device
 * @param onProgress images that have passed, out of those of all activation tensors
 * @throws WorkbenchError `wrong-answer` where no activation behind a ReLU is above 0: no device computed there
 */
export async function calibrate(
  model: Model,
  { dataset, seed, images }: CalibrationImages,
  open: OpenRunner,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Calibration> {
  const imageBytes = elements(model.topology.input);
  const count = images.length / imageBytes;
  const precisions = PRECISIONS.flatMap((name) => {
    const bits = activationBits(name);
    return bits === null ? [] : [{ name, bits, steps: [] as number[] }];
  });
  const beginnings = hiddenOutputs(model);
  const order: number[][] = [];
  for (const [index, { network, channels }] of beginnings.entries()) {
    const { values, places } = await sample(network, channels, images, count, open, (done) =>
      onProgress(index * count + done, beginnings.length * count),
    );
    if (!values.some((value) => value > 0)) throw silence(model, index);
    for (const { name, bits, steps } of precisions) {
      const step = bestStep(values, bits);
      steps.push(step);
      if (name === ZEROS_OF) order.push(orderByZeros(zerosOf(places, channels, step)));
    }
  }
  const steps = Object.fromEntries(precisions.map(({ name, steps }) => [name, steps]));
  return { dataset, images: count, seed, steps, order };
}

function silence(model: Model, index: number): WorkbenchError {
  return new WorkbenchError('wrong-answer', `No activation behind ReLU ${index + 1} is above 0.`, {
    where: model.id,
    remedy: 'Choose a device that computes, and images of the kind that the model was trained on.',
  });
}

/** The network up to each ReLU, whose activations, [channels][height][width], are its outputs. */
export function hiddenOutputs(model: Model): { network: Model; channels: number }[] {
  const { topology } = model;
  const shapes = layerShapes(topology);
  return topology.layers.flatMap((layer, index) => {
    if (layer.kind !== 'relu') return [];
    const layers: Layer[] = [...topology.layers.slice(0, index + 1), { kind: 'flatten' }];
    const classes = elements(shapes[index]!);
    const part = { ...topology, id: `${topology.id} up to ${index}`, layers, classes };
    return [{ network: { ...model, topology: part }, channels: shapes[index]!.channels }];
  });
}

/** The step with the least squared error; 1 where all samples are 0. */
export function bestStep(samples: Float32Array, bits: number): number {
  const largest = samples.reduce((most, value) => Math.max(most, value), 0);
  if (largest === 0) return 1;
  const top = 2 ** bits - 1;
  let best = { step: 1, error: Number.POSITIVE_INFINITY };
  for (let i = 0; i < CANDIDATES; i++) {
    const step = (largest * (LOWEST + ((1 - LOWEST) * i) / (CANDIDATES - 1))) / top;
    const error = squaredError(samples, step, top);
    if (error < best.error) best = { step, error };
  }
  return best.step;
}

function squaredError(samples: Float32Array, step: number, top: number): number {
  let error = 0;
  for (const value of samples) {
    const difference = Math.min(Math.floor(value / step + 0.5), top) * step - value;
    error += difference * difference;
  }
  return error;
}

/** Masks of the places where each channel rounds to zero, as {@link orderByZeros} takes them. */
function zerosOf(places: readonly Float32Array[], channels: number, step: number): Uint32Array[] {
  const words = Math.ceil(places.length / 32);
  const masks = Array.from({ length: channels }, () => new Uint32Array(words));
  places.forEach((pixel, place) => {
    pixel.forEach((value, channel) => {
      if (value < step / 2) masks[channel]![place >> 5]! |= 1 << (place & 31);
    });
  });
  return masks;
}

interface Samples {
  values: Float32Array;
  /** All channels of some pixels of all images. */
  places: Float32Array[];
}

async function sample(
  beginning: Model,
  channels: number,
  images: Uint8Array,
  count: number,
  open: OpenRunner,
  onProgress: (images: number) => void,
): Promise<Samples> {
  const imageBytes = elements(beginning.topology.input);
  const { classes } = beginning.topology;
  const pixels = classes / channels;
  const stride = count * classes > FEW ? STRIDE : 1;
  const placeStride = Math.max(1, Math.floor((count * pixels) / PLACES));
  const values = new Float32Array(Math.ceil((count * classes) / stride));
  const places: Float32Array[] = [];
  const runner = await open(beginning, IMAGES_AT_A_TIME);
  try {
    const batch = new Uint8Array(IMAGES_AT_A_TIME * imageBytes);
    for (let first = 0; first < count; first += IMAGES_AT_A_TIME) {
      const used = Math.min(IMAGES_AT_A_TIME, count - first);
      batch.set(images.subarray(first * imageBytes, (first + used) * imageBytes));
      const outputs = await runner.run(batch, IMAGES_AT_A_TIME);
      const offset = first * classes;
      for (let i = Math.ceil(offset / stride); i * stride < offset + used * classes; i++)
        values[i] = outputs[i * stride - offset]!;
      for (let place = places.length * placeStride; place < (first + used) * pixels; place += placeStride) {
        const [image, pixel] = [Math.floor(place / pixels) - first, place % pixels];
        places.push(
          Float32Array.from({ length: channels }, (_, c) => outputs[image * classes + c * pixels + pixel]!),
        );
      }
      onProgress(first + used);
    }
  } finally {
    runner.dispose();
  }
  return { values, places };
}
