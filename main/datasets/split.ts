import { createHash } from 'node:crypto';

/** One half of a data set, training or test, as raw bytes. */
export interface Split {
  height: number;
  width: number;
  channels: number;
  /** How many classes the labels can name. */
  classes: number;
  /** n x height x width x channels, interleaved. */
  images: Uint8Array;
  /** n class indices. */
  labels: Uint8Array;
}

/** SHA-256 of the images followed by the labels, hexadecimal: the same from whichever format they were read. */
export function splitSha256(split: Pick<Split, 'images' | 'labels'>): string {
  return createHash('sha256').update(split.images).update(split.labels).digest('hex');
}
