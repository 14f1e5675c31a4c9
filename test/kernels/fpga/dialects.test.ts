/** What no device here can run: text that a vendor's compiler would get. */
import { afterAll, expect, it } from 'vitest';
import { generateKernels, SOURCE_FILE } from '../../../main/devices/opencl/fpga/source';
import { liveHandles } from '../../../native';
import { testDevice } from '../../openclDevice';
import { testRandom } from '../../random';
import { openWorkshop } from '../cpu/workshop';
import { cases, randomFolding, randomNetwork } from './networks';

const random = testRandom('FPGA dialects');
const workshop = openWorkshop(testDevice());
afterAll(() => {
  workshop.close();
  expect(liveHandles()).toEqual({ contexts: 0, queues: 0, buffers: 0, programs: 0, kernels: 0 });
});

/**
 * Pipes as types whose words are nothing, and no arguments of the attribute whose arguments have names, which Clang
 * takes for variables: enough for a compiler to read the rest.
 */
const PIPES = [
  '#define xcl_dependence(...) xcl_dependence',
  '#define pipe typedef',
  '#define read_pipe_block(stream, word) (*(word) = (stream){{0}})',
  '#define write_pipe_block(stream, word) (*(word) = (stream){{0}})',
  '',
].join('\n');

it.each(cases)(
  'AMD: the text for $name is OpenCL C, with pipes of depths that there are',
  async (example) => {
    const { model, plan } = randomNetwork(random, example, 4);
    const folding = randomFolding(random, model, 1 + random.below(50_000));
    const { files, kernels } = generateKernels(plan, folding, { dialect: 'amd', target: 'board' });
    const text = files.get(SOURCE_FILE)!;
    for (const [, depth] of text.matchAll(/^STREAM\(\w+, \w+, (\d+)\)/gm)) {
      expect(Math.log2(Number(depth)) % 1).toBe(0);
      expect(Number(depth)).toBeGreaterThanOrEqual(16);
      expect(Number(depth)).toBeLessThanOrEqual(32_768);
    }
    const program = await workshop.buildProgram(PIPES + text, '');
    expect([...program.kernelNames].sort()).toEqual([...kernels].sort());
    program.release();
  },
);

it('the text is the same for the same network and folding, and another for another', () => {
  const { model, plan } = randomNetwork(random, cases[0]!, 4);
  const folding = randomFolding(random, model, 64);
  const options = { dialect: 'intel', target: 'board' } as const;
  const { networkSha256 } = generateKernels(plan, folding, options);
  expect(generateKernels(plan, folding, options).networkSha256).toBe(networkSha256);
  const deeper = { layers: folding.layers.map((layer) => ({ ...layer, channelDepth: 128 })) };
  expect(generateKernels(plan, deeper, options).networkSha256).not.toBe(networkSha256);
  expect(generateKernels({ ...plan, top: 7, bits: 3 }, folding, options).networkSha256).not.toBe(
    networkSha256,
  );
});

it('a folding of another network is refused by what does not fit', () => {
  const { model, plan } = randomNetwork(random, cases[0]!, 4);
  const folding = randomFolding(random, model, 64);
  const options = { dialect: 'intel', target: 'board' } as const;
  const [first, ...others] = folding.layers;
  const wrong = { layers: [{ ...first!, pe: 7 }, ...others] };
  expect(() => generateKernels(plan, wrong, options)).toThrow('outputs a cycle: 7 does not divide 30');
  expect(() => generateKernels(plan, { layers: others }, options)).toThrow('has 2 layers, the network 3');
});
