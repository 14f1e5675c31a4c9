/**
 * What a build knows of its image before there is one, kept as plan.json beside the sources. So an image that was
 * compiled elsewhere by the printed commands gets its manifest when its folder comes back.
 */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { WorkbenchError } from '../../core/errors';
import { type ImageManifest, imageManifestSchema, MANIFEST_SUFFIX } from '../../core/fpga/image';
import { readBounded } from '../storage/readText';
import { isSameBoard } from './boardNames';
import type { ImageContents } from './imageContents';
import { imageRefused } from './imageFile';
import { readImage } from './readImage';

export const PLAN_FILE = 'plan.json';
/** Ending of the file with an image's hash, as sha256sum writes it right after the compiler. */
export const HASH_SUFFIX = '.sha256';
const MOST_BYTES = 4 * 2 ** 20;
const MOST_HASH_BYTES = 4096;

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
    /** That the image is compiled for, as the SDK names it; null for an emulator's, which is for none. */
    sdkBoard: z.string().min(1).max(200).nullable(),
  });
export type ImagePlan = z.infer<typeof planSchema>;

/**
 * The plan in the folder of an image, if the source that it speaks of still lies there unchanged.
 * @returns null without one, or where it is of another source
 */
export async function readPlan(imageFile: string): Promise<ImagePlan | null> {
  const folder = dirname(imageFile);
  const plan = await planIn(folder);
  if (plan === null) return null;
  const source = await readBounded(join(folder, plan.source), MOST_BYTES).catch(() => null);
  const isUnchanged = source && createHash('sha256').update(source).digest('hex') === plan.networkSha256;
  return isUnchanged ? plan : null;
}

/**
 * An image that came with a plan in place of a manifest: only the hash from where it was compiled shows that it came
 * over whole.
 * @throws WorkbenchError `refused-file` where that is missing or another
 */
export async function requireHashBeside(imageFile: string, sha256: string): Promise<void> {
  const hashFile = `${imageFile}${HASH_SUFFIX}`;
  const text = (await readBounded(hashFile, MOST_HASH_BYTES).catch(() => null))?.toString('latin1') ?? null;
  const name = basename(imageFile);
  if (text === null) {
    throw imageRefused(
      imageFile,
      `${name}${HASH_SUFFIX} is missing, without which nobody can tell whether the image came over whole`,
      `Where it was compiled: sha256sum ${name} > ${name}${HASH_SUFFIX}; bring that file, too.`,
    );
  }
  if (/^[0-9a-f]{64}/i.exec(text)?.[0].toLowerCase() === sha256) return;
  throw imageRefused(
    imageFile,
    `its bytes are not those of ${name}${HASH_SUFFIX}`,
    'Copy it again from where it was compiled.',
  );
}

/** @returns null where there is none, or another program's */
async function planIn(folder: string): Promise<ImagePlan | null> {
  try {
    const json = (await readBounded(join(folder, PLAN_FILE), MOST_BYTES)).toString('utf8');
    return planSchema.parse(JSON.parse(json));
  } catch {
    return null;
  }
}

/**
 * An image without a manifest gets its identity from the plan beside it, so no other plan may take that place. What
 * is no image, as a half of one, can get none.
 * @throws WorkbenchError `usage`
 */
export async function requirePlaceFor(plan: ImagePlan, imageFile: string): Promise<void> {
  const image = await readImage(imageFile).catch(() => null);
  const manifest = await stat(`${imageFile}${MANIFEST_SUFFIX}`).catch(() => null);
  if (!image || manifest) return;
  const before = await planIn(dirname(imageFile));
  if (before === null || before.networkSha256 === plan.networkSha256) return;
  throw new WorkbenchError('usage', 'The folder holds an image that was compiled from other sources.', {
    where: imageFile,
    remedy: `Add it to the library (${before.network}, ${before.precision}), or choose another folder with --output.`,
  });
}

/**
 * Everything that the image itself tells is taken from it.
 * @throws WorkbenchError `refused-file` where it is for another board than the plan
 */
export async function manifestFrom(
  { source: _source, sdkBoard, ...plan }: ImagePlan,
  file: string,
  image: { sha256: string; bytes: number; contents: ImageContents; sdkVersion?: string },
): Promise<ImageManifest> {
  const { contents, sha256, bytes, sdkVersion } = image;
  if (contents.target === 'board' && sdkBoard !== null && !isSameBoard(contents, sdkBoard)) {
    throw imageRefused(
      file,
      `it is for the board ${contents.board}, and the build was for ${sdkBoard}`,
      'Compile it again with the printed commands, or build for that board: --sdk-board.',
    );
  }
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
