/** What the three forms of CIFAR-10 (binary, python, PNG strips) have in common. */
import { refusal } from './boundedFile';
import type { Split } from './split';

export const CIFAR_SIDE = 32;
export const CIFAR_CHANNELS = 3;
export const CIFAR_PIXELS = CIFAR_SIDE * CIFAR_SIDE;
export const CIFAR_IMAGE_BYTES = CIFAR_PIXELS * CIFAR_CHANNELS;
export const CIFAR_CLASSES = 10;

export function emptyCifarSplit(count: number): Split {
  return {
    height: CIFAR_SIDE,
    width: CIFAR_SIDE,
    channels: CIFAR_CHANNELS,
    classes: CIFAR_CLASSES,
    images: new Uint8Array(count * CIFAR_IMAGE_BYTES),
    labels: new Uint8Array(count),
  };
}

/** One image from three planes of 32 x 32 (red, green, blue) to interleaved pixels. */
export function interleave(planes: Uint8Array, from: number, images: Uint8Array, to: number): void {
  for (let pixel = 0; pixel < CIFAR_PIXELS; pixel++) {
    const target = to + pixel * CIFAR_CHANNELS;
    images[target] = planes[from + pixel]!;
    images[target + 1] = planes[from + CIFAR_PIXELS + pixel]!;
    images[target + 2] = planes[from + 2 * CIFAR_PIXELS + pixel]!;
  }
}

/** @throws WorkbenchError `refused-file` unless the label names one of the ten classes */
export function checkLabel(file: string, place: string, label: unknown): number {
  if (typeof label !== 'number' || !Number.isInteger(label) || label < 0 || label >= CIFAR_CLASSES) {
    throw refusal(file, place, `The label is ${String(label).slice(0, 40)}; CIFAR-10 has classes 0 to 9.`);
  }
  return label;
}
