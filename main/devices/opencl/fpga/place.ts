/** Whether a device runs FPGA images, whose, and on a board or in the vendor's emulator. */
import type { ImageManifest } from '../../../../core/fpga/image';
import type { Device } from '../../../../native';

export type ImagePlace = Pick<ImageManifest, 'vendor' | 'target'>;

export interface NamedDevice {
  platform: string;
  name: string;
  type: Device['info']['type'];
}

/**
 * Null for every other accelerator: only the platforms of the FPGA vendors are FPGAs.
 *
 * Intel's emulator is a platform of its own (Pro Edition), or a device of the boards' platform, `EmulatorDevice`
 * (Standard Edition, with CL_CONTEXT_EMULATOR_DEVICE_INTELFPGA). AMD's is told by XCL_EMULATION_MODE alone: the
 * device has the name of the card.
 */
export function imagePlaceOf({ platform, name, type }: NamedDevice): ImagePlace | null {
  if (type !== 'accelerator') return null;
  if (/FPGA Emulation/i.test(platform)) return { vendor: 'intel', target: 'emulator' };
  if (/^Intel\(R\) FPGA SDK/i.test(platform)) {
    return { vendor: 'intel', target: /^EmulatorDevice/i.test(name) ? 'emulator' : 'board' };
  }
  if (!/^Xilinx/i.test(platform)) return null;
  const isEmulated = /^(sw|hw)_emu/.test(process.env.XCL_EMULATION_MODE ?? '');
  return { vendor: 'amd', target: isEmulated ? 'emulator' : 'board' };
}

export function placeOf({ info, platform }: Device): ImagePlace | null {
  return imagePlaceOf({ platform: platform.info.name, name: info.name, type: info.type });
}
