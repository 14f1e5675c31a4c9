/** The manifest beside an image: read, and held against what the image itself tells. */
import { access } from 'node:fs/promises';
import { basename } from 'node:path';
import { WorkbenchError } from '../../core/errors';
import { type ImageManifest, imageManifestSchema, MANIFEST_SUFFIX } from '../../core/fpga/image';
import { readBounded } from '../storage/readText';
import type { ImageContents } from './imageContents';
import { imageRefused } from './imageFile';

const MOST_BYTES = 4 * 2 ** 20;

/**
 * @returns null where there is none
 * @throws WorkbenchError `storage`, `refused-file` where it is no manifest
 */
export async function readManifest(imageFile: string): Promise<ImageManifest | null> {
  const file = imageFile + MANIFEST_SUFFIX;
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (!isThere) return null;
  const text = (await readBounded(file, MOST_BYTES)).toString('utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw notAManifest(file, 'it is no JSON');
  }
  const parsed = imageManifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw notAManifest(file, `${issue.path.join('.') || 'the whole'}: ${issue.message}`);
}

/** What to do about an image that lies where it was built. */
export function manifestRemedy(file: string): string {
  const manifest = basename(file) + MANIFEST_SUFFIX;
  return `If the image was compiled anew, ${manifest} is of an earlier one: remove it, and add the image again. Else build the image again.`;
}

/** @throws WorkbenchError `refused-file` where an image is not the one that its manifest describes */
export function requireManifestOf(
  file: string,
  manifest: ImageManifest,
  image: { sha256: string; bytes: number; contents: ImageContents },
  remedy: string,
): void {
  const { contents } = image;
  if (manifest.bytes !== image.bytes || manifest.sha256 !== image.sha256) {
    throw imageRefused(file, 'its bytes are not those that its manifest describes', remedy);
  }
  for (const key of ['vendor', 'target', 'board'] as const) {
    if (manifest[key] !== contents[key]) {
      throw imageRefused(
        file,
        `its manifest says ${key} ${manifest[key]}, the image itself ${contents[key]}`,
        remedy,
      );
    }
  }
  const missing = manifest.kernels.filter((name) => !contents.names.has(name));
  if (missing.length > 0) throw imageRefused(file, `it lacks the kernels ${missing.join(', ')}`, remedy);
}

function notAManifest(file: string, reason: string): WorkbenchError {
  return new WorkbenchError('refused-file', `${file} is no manifest of an image: ${reason}.`, {
    where: file,
    remedy:
      'Use the one that `npx bnnw fpga build` wrote, or remove it: without one the image serves no network.',
  });
}
