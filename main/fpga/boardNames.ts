/** Boards as compilers, images and drivers name them. */
import type { ImageManifest } from '../../core/fpga/image';

/**
 * Whether an image is for the board that a compiler or a driver names. Intel's names are the same everywhere. AMD's
 * are those of platforms, which differ in their last parts: `xilinx_u250_gen3x16_xdma_4_1_202210_1` is for the card
 * that its shell calls `xilinx_u250_gen3x16_xdma_shell_4_1`. A path to a platform file is its name.
 */
export function isSameBoard(image: Pick<ImageManifest, 'vendor' | 'board'>, name: string): boolean {
  return image.vendor === 'intel' ? image.board === name : cardOf(image.board) === cardOf(name);
}

function cardOf(platform: string): string {
  const name = platform
    .split(/[\\/]/)
    .at(-1)!
    .replace(/\.xpfm$/, '');
  return name.split('_').slice(0, 2).join('_');
}
