/** Images as a board gets them, tried in the emulator; and which image a run takes, or why none. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WorkbenchError } from '../../../core/errors';
import type { FpgaImageInfo, ImageManifest } from '../../../core/fpga/image';
import { lower } from '../../../core/network/lowering';
import type { NetworkRequest, Workshop } from '../../../main/devices/opencl/family';
import {
  boardFamily,
  type Images,
  type NamedPlace,
  prepareImage,
} from '../../../main/devices/opencl/fpga/board';
import { emulationFolding } from '../../../main/devices/opencl/fpga/emulationFolding';
import { scheduleAskedFor } from '../../../main/devices/opencl/fpga/emulator';
import { imagePlaceOf } from '../../../main/devices/opencl/fpga/place';
import { generateKernels, SOURCE_FILE } from '../../../main/devices/opencl/fpga/source';
import { type Device, liveHandles, platforms } from '../../../native';
import { rightPredictions, trialModel, trialPlan, trialTestSet } from '../../devices/fpgaTrial';
import { openWorkshop } from '../cpu/workshop';
import { answersOf } from './answers';
import { enterEmulator } from './emulator';

const isInstalled = enterEmulator();
const COUNT = rightPredictions!.length;

const folding = emulationFolding(trialModel.topology, () => 64);
const generated = generateKernels(trialPlan, folding, { dialect: 'intel', target: 'emulator' });
const manifest: ImageManifest = {
  format: 'bnn-workbench-fpga-image',
  version: 1,
  sha256: 'e'.repeat(64),
  bytes: 1000,
  vendor: 'intel',
  target: 'emulator',
  board: 'a10gx',
  sdkVersion: 'of a test',
  kernels: generated.kernels,
  network: trialModel.topology.id,
  networkSha256: generated.networkSha256,
  precision: 'a4',
  scalesSha256: null,
  folding,
  builtAt: '2026-01-02T03:04:05Z',
};
const image: FpgaImageInfo = {
  id: '0123456789abcdef',
  path: '/images/trial.aocx',
  name: 'trial.aocx',
  bytes: 1000,
  sha256: manifest.sha256,
  addedAt: '2026-01-02T03:04:05Z',
  vendor: 'intel',
  target: 'emulator',
  board: 'a10gx',
  sdkVersion: null,
  clockMHz: null,
  resources: null,
  manifest,
  unreadableLines: [],
  problem: null,
};
const place: NamedPlace = {
  vendor: 'intel',
  target: 'emulator',
  deviceName: 'a10gx : Arria 10 Reference Platform (acla10_ref0)',
};
const request: NetworkRequest = {
  model: trialModel,
  plan: lower(trialModel),
  precision: 'a4',
  batchSize: COUNT,
};

const unread: Images['read'] = () => Promise.reject(new Error('no image should be read'));
/** Its library is asked before anything is done with a device. */
const nowhere = {} as Workshop;

async function refusal(images: FpgaImageInfo[], where: Partial<NamedPlace> = {}): Promise<WorkbenchError> {
  const library = { list: async () => images, read: unread };
  const thrown: unknown = await prepareImage(nowhere, request, library, { ...place, ...where }).catch(
    (error) => error,
  );
  expect(thrown).toBeInstanceOf(WorkbenchError);
  return thrown as WorkbenchError;
}

describe('without a fitting image', () => {
  it('says that the library is empty, and how to fill it', async () => {
    const error = await refusal([]);
    expect(error.kind).toBe('not-available');
    expect(error.message).toBe('No image in the library runs fpga-trial at a4 in this emulator');
    expect(error.remedy).toContain('bnnw fpga build');
    expect(error.details).toBe('The library is empty.');
  });

  const other = (change: Partial<ImageManifest>) => ({ ...image, manifest: { ...manifest, ...change } });
  const otherLayers = { layers: folding.layers.map((layer) => ({ ...layer, channelDepth: 32 })) };
  it.each<[string, FpgaImageInfo, Partial<NamedPlace>, RegExp]>([
    [
      'another board',
      other({ target: 'board' }),
      { target: 'board', deviceName: 'de10_standard : Cyclone V' },
      /for the board a10gx, not de10_standard/,
    ],
    ['another vendor', image, { vendor: 'amd' }, /for Intel’s boards/],
    ['a board in place of the emulator', image, { target: 'board' }, /it is for the emulator/],
    ['another folding', other({ folding: otherLayers }), {}, /another network, precision or folding/],
    ['a folding of another network', other({ folding: { layers: [] } }), {}, /folded for another network/],
    ['kernels of other names', other({ kernels: ['loader'] }), {}, /it lacks the kernels layer0_/],
    ['no manifest', { ...image, manifest: null }, {}, /no manifest/],
    ['a file that is gone', { ...image, problem: 'the file is gone' }, {}, /trial\.aocx: the file is gone/],
  ])('tells of %s', async (_, known, where, reason) => {
    const error = await refusal([known], where);
    expect(error.kind).toBe('not-available');
    expect(error.details).toMatch(reason);
  });
});

it("an emulator's image is for no board, and AMD's emulator is told by its environment", () => {
  const at = (platform: string, name: string) => imagePlaceOf({ platform, name, type: 'accelerator' });
  const sdk = 'Intel(R) FPGA SDK for OpenCL(TM)';
  expect(at(sdk, 'de10_nano : Cyclone V')).toEqual({ vendor: 'intel', target: 'board' });
  expect(at(sdk, 'EmulatorDevice : Emulated Device')).toEqual({ vendor: 'intel', target: 'emulator' });
  expect(at('Xilinx', 'xilinx_u250_gen3x16_xdma_shell_4_1')).toEqual({ vendor: 'amd', target: 'board' });
  vi.stubEnv('XCL_EMULATION_MODE', 'sw_emu');
  expect(at('Xilinx', 'xilinx_u250_gen3x16_xdma_shell_4_1')).toEqual({ vendor: 'amd', target: 'emulator' });
  vi.unstubAllEnvs();
  expect(at('Oclgrind', 'Oclgrind Simulator')).toBeNull();
});

it('a schedule that there is not is refused', () => {
  expect(scheduleAskedFor('at-once')).toBe('at once');
  expect(scheduleAskedFor(undefined)).toBe('one after another');
  expect(() => scheduleAskedFor('at_once')).toThrow('There is no schedule at_once');
});

it('only boards of the FPGA vendors take images', () => {
  const device = (platform: string, type: string) =>
    ({ info: { name: 'x', type }, platform: { info: { name: platform } } }) as Device;
  const offered = (platform: string, type: string) => boardFamily.precisions(device(platform, type));
  expect(offered('Intel(R) FPGA SDK for OpenCL(TM)', 'accelerator')).toEqual(['a8', 'a4', 'a3', 'a2']);
  expect(offered('Xilinx', 'accelerator')).toEqual(['a8', 'a4', 'a3', 'a2']);
  expect(offered('Intel(R) FPGA Emulation Platform for OpenCL(TM)', 'accelerator')).toEqual([]);
  expect(offered('Oclgrind', 'accelerator')).toEqual([]);
  expect(offered('Portable Computing Language', 'cpu')).toEqual([]);
});

describe.skipIf(!isInstalled)('in the emulator', () => {
  let workshop: ReturnType<typeof openWorkshop>;
  beforeAll(() => {
    workshop = openWorkshop(platforms()[0]!.devices()[0]!);
  });
  afterAll(() => {
    workshop.close();
    expect(liveHandles()).toEqual({ contexts: 0, queues: 0, buffers: 0, programs: 0, kernels: 0 });
  });

  async function binaryOf(text: string): Promise<Uint8Array> {
    const program = await workshop.buildProgram(text, '');
    const binary = program.binary();
    program.release();
    return binary;
  }

  it('an image answers as the reference does', async () => {
    const binary = await binaryOf(generated.files.get(SOURCE_FILE)!);
    const library: Images = {
      list: async () => [{ ...image, manifest: null }, image],
      read: async () => binary,
    };
    const network = await prepareImage(workshop, request, library, place);
    expect(network.variant).toBe('FPGA image trial.aocx in the emulator, a4, SHA-256 eeeeeeeeeeeeeeee');
    const { images } = trialTestSet;
    const answers = await answersOf({ ...network, activations: [] }, workshop.queue, images, COUNT, 3);
    network.release();
    const predictions = Array.from({ length: COUNT }, (_, n) => {
      const logits = answers.logits.subarray(3 * n, 3 * n + 3);
      return logits.indexOf(Math.max(...logits));
    });
    expect(predictions).toEqual(rightPredictions);
  });

  it('an image with other kernels than its manifest says is refused', async () => {
    const binary = await binaryOf('__kernel void loader(int images) {}');
    const library: Images = { list: async () => [image], read: async () => binary };
    const [, ...missing] = generated.kernels;
    await expect(prepareImage(workshop, request, library, place)).rejects.toMatchObject({
      kind: 'refused-file',
      message: `The image lacks the kernels ${missing.join(', ')}`,
    });
  });

  it('an image that the driver refuses names itself', async () => {
    const library: Images = { list: async () => [image], read: async () => Buffer.from('no binary at all') };
    await expect(prepareImage(workshop, request, library, place)).rejects.toMatchObject({
      kind: 'refused-file',
      message: expect.stringMatching(/^The driver refuses the image: clCreateProgramWithBinary/),
      where: image.path,
      remedy: expect.stringContaining(`images --remove ${image.id}`),
    });
  });

  it('an image that is refused before is not loaded', async () => {
    const read = () =>
      Promise.reject(new WorkbenchError('refused-file', 'its bytes are others', { where: 'x' }));
    await expect(prepareImage(workshop, request, { list: async () => [image], read }, place)).rejects.toThrow(
      'its bytes are others',
    );
  });
});
