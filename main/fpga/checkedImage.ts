/** The last look at an image before a driver gets it. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type ImageManifest, type ImageNeeds, imageMismatches } from '../../core/fpga/image';
import { imageRefused, withImage } from './imageFile';
import { requireManifestOf } from './manifestFile';
import { readImageFrom } from './readImage';

const CHANGED_REMEDY = 'Remove the image from the library, and add it again.';

/**
 * The bytes of an image for clCreateProgramWithBinary, after every check that can be made without the board.
 * @throws WorkbenchError `refused-file` where the file is not the one that was added, or not what the run needs
 */
export async function readCheckedImage(
  { path, manifest }: { path: string; manifest: ImageManifest | null },
  needs: ImageNeeds,
): Promise<Buffer> {
  if (manifest === null) {
    throw imageRefused(path, 'it has no manifest, so nobody knows which network it runs');
  }
  const mismatches = imageMismatches(manifest, needs);
  if (mismatches.length > 0) {
    throw imageRefused(path, mismatches.join('; '), 'Build an image for this network: npx bnnw fpga build.');
  }
  return withImage(path, async (image) => {
    const contents = await readImageFrom(image);
    const bytes = await readFile(path);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    requireManifestOf(path, manifest, { sha256, bytes: bytes.length, contents }, CHANGED_REMEDY);
    return bytes;
  });
}
