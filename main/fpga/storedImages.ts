/** Where the user's images lie, for the host and for the processes of boards. */
import { join } from 'node:path';
import type { ImageManifest } from '../../core/fpga/image';
import { dataFolder } from '../../setup/folders.mjs';
import { ImageLibrary } from './imageLibrary';

export function openImageLibrary(): ImageLibrary {
  return new ImageLibrary(join(dataFolder, 'fpga-images'));
}

/** The images of which it is known what they run, newest first. @throws WorkbenchError `storage` */
export async function storedImages(): Promise<{ path: string; manifest: ImageManifest }[]> {
  const images = await openImageLibrary().list();
  return images.flatMap(({ path, manifest, problem }) =>
    manifest !== null && problem === null ? [{ path, manifest }] : [],
  );
}
