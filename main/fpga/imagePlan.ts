/**
 * What a build knows of its image before there is one, kept as plan.json beside the sources. So an image that was
 * compiled elsewhere by the printed commands gets its manifest when its folder comes back.
 */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { type ImageManifest, imageManifestSchema } from '../../core/fpga/image';
import { readBounded } from '../storage/readText';
import type { ImageContents } from './imageContents';

export const PLAN_FILE = 'plan.json';
const MOST_BYTES = 4 * 2 ** 20;

const planSchema = imageManifestSchema
  .pick({
    kernels: true,
    network: true,
    networkSha256: true,
    precision: true,
    scalesSha256: true,
    folding: true,
  })
  .extend({
    /** Name of the source that the kernels stand in; `networkSha256` is its hash. */
    source: z.string().regex(/^[\w.-]{1,100}$/),
  });
export type ImagePlan = z.infer<typeof planSchema>;

/**
 * The plan in the folder of an image, if the source that it speaks of still lies there unchanged.
 * @returns null without one, or where it is of another source
 */
export async function readPlan(imageFile: string): Promise<ImagePlan | null> {
  const folder = dirname(imageFile);
  try {
    const json: unknown = JSON.parse(
      (await readBounded(join(folder, PLAN_FILE), MOST_BYTES)).toString('utf8'),
    );
    const plan = planSchema.parse(json);
    const source = await readBounded(join(folder, plan.source), MOST_BYTES);
    return createHash('sha256').update(source).digest('hex') === plan.networkSha256 ? plan : null;
  } catch {
    // Another program's plan.json, or none: then nothing is known of the image.
    return null;
  }
}

/** Everything that the image itself tells is taken from it. */
export async function manifestFrom(
  { source: _source, ...plan }: ImagePlan,
  file: string,
  image: { sha256: string; bytes: number; contents: ImageContents; sdkVersion?: string },
): Promise<ImageManifest> {
  const { contents, sha256, bytes, sdkVersion } = image;
  return {
    format: 'bnn-workbench-fpga-image',
    version: 1,
    sha256,
    bytes,
    vendor: contents.vendor,
    target: contents.target,
    board: contents.board,
    sdkVersion: sdkVersion ?? contents.sdkVersion ?? 'unknown',
    ...plan,
    builtAt: (await stat(file)).mtime.toISOString(),
  };
}
