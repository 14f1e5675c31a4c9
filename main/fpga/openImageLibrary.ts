/** Where the user's images lie, for the host and for the processes of boards. */
import { join } from 'node:path';
import { dataFolder } from '../../setup/folders.mjs';
import { ImageLibrary } from './imageLibrary';

export function openImageLibrary(): ImageLibrary {
  return new ImageLibrary(join(dataFolder, 'fpga-images'));
}
