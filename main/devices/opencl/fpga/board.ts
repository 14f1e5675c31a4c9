/**
 * FPGA boards. They take no source: an image with the kernels is loaded, which somebody has built for the board,
 * the layers, the precision and a folding. Weights and scales are handed over, as everywhere.
 *
 * Tried with images of the emulator only; nobody has run this on a board yet.
 */
import { WorkbenchError } from '../../../../core/errors';
import {
  type FpgaImageInfo,
  type ImageManifest,
  type ImageNeeds,
  imageMismatches,
} from '../../../../core/fpga/image';
import type { IntegerPlan } from '../../../../core/network/quantization';
import type { Device, Program } from '../../../../native';
import { readCheckedImage } from '../../../fpga/checkedImage';
import { openImageLibrary } from '../../../fpga/openImageLibrary';
import type { KernelFamily, NetworkRequest, PreparedKernels, Workshop } from '../family';
import { integerLayers } from '../integer/layers';
import { integerPlan } from '../integer/refusal';
import { planChain } from './design';
import { assembleChain } from './network';
import { longestMs } from './patience';
import { fpgaRefusal } from './refusal';
import { generateKernels } from './source';

/** Where images come from. */
export interface Images {
  list(): Promise<FpgaImageInfo[]>;
  /** @throws WorkbenchError `refused-file` where it is not what the run needs, or not the file that was added */
  read(image: FpgaImageInfo, needs: ImageNeeds): Promise<Uint8Array>;
}

/** What an image must be for. */
export type ImagePlace = Pick<ImageManifest, 'vendor' | 'target'> & { deviceName: string };

export const boardFamily: KernelFamily = {
  id: 'fpga-board',
  precisions: (device) => (vendorOf(device) ? ['a8', 'a4', 'a3', 'a2'] : []),
  refusal(device, request) {
    if (!vendorOf(device)) return 'images need an FPGA board';
    return fpgaRefusal(request);
  },
  prepare(workshop, request) {
    const { device } = workshop.context;
    const vendor = vendorOf(device);
    if (!vendor) throw new Error(`${device.info.name} is no FPGA board`);
    return prepareImage(workshop, request, libraryImages(), {
      vendor,
      target: 'board',
      deviceName: device.info.name,
    });
  },
};

/** Null where the device is no FPGA board. */
export function vendorOf({ info, platform }: Device): ImageManifest['vendor'] | null {
  if (info.type !== 'accelerator') return null;
  if (/^Intel\(R\) FPGA SDK/i.test(platform.info.name)) return 'intel';
  return /^Xilinx/i.test(platform.info.name) ? 'amd' : null;
}

function libraryImages(): Images {
  const library = openImageLibrary();
  return { list: () => library.list(), read: readCheckedImage };
}

/**
 * @throws WorkbenchError `not-available` where no image serves the network here, with what is wrong with each;
 *   `refused-file` where an image is not what its manifest says
 */
export async function prepareImage(
  workshop: Workshop,
  request: NetworkRequest,
  images: Images,
  place: ImagePlace,
): Promise<PreparedKernels> {
  const plan = integerPlan(request);
  const layers = integerLayers(plan);
  const { image, manifest, needs } = await chooseImage(plan, request, images, place);
  const chain = planChain(plan, layers, manifest.folding);
  const program = await workshop.context.loadProgram(await images.read(image, needs), '');
  requireKernels(program, needs.kernels, image);
  const source = { dialect: manifest.vendor, target: manifest.target };
  const { context, queue } = workshop;
  const { batchSize } = request;
  const schedule = 'at once';
  const network = assembleChain({
    ...{ context, queue, program, plan, layers, chain, source, schedule, batchSize },
    variant: `FPGA image ${image.name}, a${plan.bits}, SHA-256 ${image.sha256.slice(0, 16)}`,
  });
  return { ...network, longestMs: longestMs(layers, batchSize, 'board') };
}

interface Choice {
  image: FpgaImageInfo;
  manifest: ImageManifest;
  needs: ImageNeeds;
}

/** The newest that fits. */
async function chooseImage(
  plan: IntegerPlan,
  request: NetworkRequest,
  images: Images,
  place: ImagePlace,
): Promise<Choice> {
  const reasons: string[] = [];
  for (const image of await images.list()) {
    const fit = fits(plan, image, place);
    if (typeof fit !== 'string') return { image, ...fit };
    reasons.push(`${image.name}: ${fit}`);
  }
  throw new WorkbenchError(
    'not-available',
    `No image in the library runs ${request.model.id} at ${request.precision} on this board`,
    {
      where: place.deviceName,
      remedy: 'Build one, `bnnw fpga build`, and add it: `bnnw fpga images --add FILE`.',
      details: reasons.join('\n') || 'The library is empty.',
    },
  );
}

/** What the run needs of the image; or why it cannot be used, in words. */
function fits(
  plan: IntegerPlan,
  { manifest, problem }: FpgaImageInfo,
  { vendor, target, deviceName }: ImagePlace,
): Omit<Choice, 'image'> | string {
  if (problem !== null) return problem;
  if (!manifest) return 'it has no manifest, so nobody knows which network it runs';
  try {
    const { kernels, networkSha256 } = generateKernels(plan, manifest.folding, {
      dialect: manifest.vendor,
      target: manifest.target,
    });
    const board = boardOf(deviceName, manifest);
    const needs: ImageNeeds = { vendor, target, networkSha256, scalesSha256: null, kernels, board };
    const mismatches = imageMismatches(manifest, needs);
    return mismatches.length > 0 ? mismatches.join('; ') : { manifest, needs };
  } catch (error) {
    if (error instanceof WorkbenchError && error.kind === 'usage') return 'it was folded for another network';
    throw error;
  }
}

/**
 * The board by the name that images use. Intel's runtime calls a device `BOARD : description (device)`; AMD's by its
 * shell, whose name begins like that of the platform that an image is built for: `xilinx_u250_`.
 */
function boardOf(deviceName: string, { vendor, board }: ImageManifest): string {
  if (vendor === 'intel') return deviceName.split(' : ', 1)[0]!.trim();
  const card = (name: string) => name.split('_').slice(0, 2).join('_');
  return card(deviceName) === card(board) ? board : deviceName;
}

function requireKernels(program: Program, kernels: readonly string[], image: FpgaImageInfo): void {
  const there = new Set(program.kernelNames);
  const missing = kernels.filter((name) => !there.has(name));
  if (missing.length === 0) return;
  program.release();
  throw new WorkbenchError('refused-file', `The image lacks the kernels ${missing.join(', ')}`, {
    where: image.path,
    remedy: 'Build the image again: `bnnw fpga build`.',
  });
}
