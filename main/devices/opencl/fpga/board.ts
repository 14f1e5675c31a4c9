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
import { isSameBoard } from '../../../fpga/boardNames';
import { readCheckedImage } from '../../../fpga/checkedImage';
import { openImageLibrary } from '../../../fpga/openImageLibrary';
import type { KernelFamily, NetworkRequest, PreparedKernels, Workshop } from '../family';
import { integerLayers } from '../integer/layers';
import { integerPlan } from '../integer/refusal';
import { planChain } from './design';
import { assembleChain } from './network';
import { longestMs, requireWorkers } from './patience';
import { type ImagePlace, placeOf } from './place';
import { fpgaRefusal } from './refusal';
import { generateKernels } from './source';

/** Where images come from. */
export interface Images {
  list(): Promise<FpgaImageInfo[]>;
  /** @throws WorkbenchError `refused-file` where it is not what the run needs, or not the file that was added */
  read(image: FpgaImageInfo, needs: ImageNeeds): Promise<Uint8Array>;
}

/** Where an image is to run. */
export interface NamedPlace extends ImagePlace {
  deviceName: string;
}

/** The platform of Intel's emulator also takes source: fpga/emulator.ts. */
export const boardFamily: KernelFamily = {
  id: 'fpga-board',
  precisions: (device) => (takesImagesOnly(device) ? ['a8', 'a4', 'a3', 'a2'] : []),
  refusal(device, request) {
    if (!takesImagesOnly(device)) return 'images need an FPGA board';
    return fpgaRefusal(request);
  },
  prepare(workshop, request) {
    const { device } = workshop.context;
    const place = placeOf(device);
    if (!place) throw new Error(`${device.info.name} is no FPGA board`);
    return prepareImage(workshop, request, libraryImages(), { ...place, deviceName: device.info.name });
  },
};

function takesImagesOnly(device: Device): boolean {
  return placeOf(device) !== null && !/FPGA Emulation/i.test(device.platform.info.name);
}

export function libraryImages(): Images {
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
  place: NamedPlace,
): Promise<PreparedKernels> {
  const found = await findImage(request, images, place);
  if ('image' in found) return prepareFound(workshop, request, images, found);
  const where = place.target === 'emulator' ? 'in this emulator' : 'on this board';
  const flag = place.target === 'emulator' ? ' --emulator' : '';
  throw new WorkbenchError(
    'not-available',
    `No image in the library runs ${request.model.id} at ${request.precision} ${where}`,
    {
      where: place.deviceName,
      remedy: `Build one, \`npx bnnw fpga build${flag}\`, and add it: \`npx bnnw fpga images --add FILE\`.`,
      details: found.reasons.join('\n') || 'The library is empty.',
    },
  );
}

/** @throws WorkbenchError `refused-file` where an image is not what its manifest says; `unsupported` */
export async function prepareFound(
  workshop: Workshop,
  request: NetworkRequest,
  images: Images,
  { image, manifest, needs }: FoundImage,
): Promise<PreparedKernels> {
  const plan = integerPlan(request);
  const layers = integerLayers(plan);
  const isEmulated = manifest.target === 'emulator';
  const chain = planChain(plan, layers, manifest.folding);
  if (isEmulated && manifest.vendor === 'intel') requireWorkers(chain.kernels.length);
  const bytes = await images.read(image, needs);
  const program = await workshop.context.loadProgram(bytes, '').catch((thrown: unknown) => {
    throw refusedByDriver(image, thrown);
  });
  requireKernels(program, needs.kernels, image);
  const source = { dialect: manifest.vendor, target: manifest.target };
  const { context, queue } = workshop;
  const { batchSize } = request;
  const schedule = 'at once';
  const network = assembleChain({
    ...{ context, queue, program, plan, layers, chain, source, schedule, batchSize },
    variant: `FPGA image ${image.name}${isEmulated ? ' in the emulator' : ''}, a${plan.bits}, SHA-256 ${image.sha256.slice(0, 16)}`,
  });
  return { ...network, longestMs: longestMs(layers, batchSize, isEmulated ? 'at once' : 'board') };
}

export interface FoundImage {
  image: FpgaImageInfo;
  manifest: ImageManifest;
  needs: ImageNeeds;
}

/** The newest that fits, or what is wrong with each. */
export async function findImage(
  request: NetworkRequest,
  images: Images,
  place: NamedPlace,
): Promise<FoundImage | { reasons: string[] }> {
  const plan = integerPlan(request);
  const reasons: string[] = [];
  for (const image of await images.list()) {
    const fit = fits(plan, image, place);
    if (typeof fit !== 'string') return { image, ...fit };
    reasons.push(`${image.name}: ${fit}`);
  }
  return { reasons };
}

/** What the run needs of the image; or why it cannot be used, in words. */
function fits(
  plan: IntegerPlan,
  { manifest, problem }: FpgaImageInfo,
  { vendor, target, deviceName }: NamedPlace,
): Omit<FoundImage, 'image'> | string {
  if (problem !== null) return problem;
  if (!manifest) return 'it has no manifest, so nobody knows which network it runs';
  try {
    const { kernels, networkSha256 } = generateKernels(plan, manifest.folding, {
      dialect: manifest.vendor,
      target: manifest.target,
    });
    // An emulator's image is for no board.
    const board = target === 'emulator' ? null : boardOf(deviceName, manifest);
    const needs: ImageNeeds = { vendor, target, networkSha256, scalesSha256: null, kernels, board };
    const mismatches = imageMismatches(manifest, needs);
    return mismatches.length > 0 ? mismatches.join('; ') : { manifest, needs };
  } catch (error) {
    if (error instanceof WorkbenchError && error.kind === 'usage') return 'it was folded for another network';
    throw error;
  }
}

/** The board by the name that images use. Intel's runtime calls a device `BOARD : description (device)`. */
function boardOf(deviceName: string, manifest: ImageManifest): string {
  const name = manifest.vendor === 'intel' ? deviceName.split(' : ', 1)[0]!.trim() : deviceName;
  return isSameBoard(manifest, name) ? manifest.board : name;
}

function refusedByDriver({ id, path, sdkVersion }: FpgaImageInfo, thrown: unknown): WorkbenchError {
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new WorkbenchError('refused-file', `The driver refuses the image: ${reason}`, {
    where: path,
    remedy: `Build it with the SDK of this driver (it is of ${sdkVersion ?? 'an unknown version'}), or remove it: \`npx bnnw fpga images --remove ${id}\`.`,
  });
}

function requireKernels(program: Program, kernels: readonly string[], image: FpgaImageInfo): void {
  const there = new Set(program.kernelNames);
  const missing = kernels.filter((name) => !there.has(name));
  if (missing.length === 0) return;
  program.release();
  throw new WorkbenchError('refused-file', `The image lacks the kernels ${missing.join(', ')}`, {
    where: image.path,
    remedy: 'Build the image again: `npx bnnw fpga build`.',
  });
}
