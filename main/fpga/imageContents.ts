/** What can be read from an image file itself, whatever its format. */
import type { ImageManifest, ImageResources } from '../../core/fpga/image';

export interface ImageContents extends Pick<ImageManifest, 'vendor' | 'target' | 'board'> {
  /** Of the compiler; null where the image does not tell. */
  sdkVersion: string | null;
  /** Names in the image; those of its kernels are among them. */
  names: ReadonlySet<string>;
  /** MHz that the kernels run at; null where the image does not tell. */
  clockMHz: number | null;
  resources: ImageResources | null;
  /** Lines of the compiler's report whose figures cannot be right. */
  unreadableLines: string[];
}
