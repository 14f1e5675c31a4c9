/**
 * The bundled networks through the FPGA kernels: every activation and every prediction is that of the CPU's own
 * kernels. With arrays on PoCL; in Intel's emulator, where `bnnw install fpga-emulator` was run, from source and
 * from the reloaded binary, one kernel after another and all at once. BNNW_TEST_FULL=1 takes all 10,000 images of
 * MNIST and 1,000 of CIFAR-10 in the emulator, and takes its time.
 */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { poclEnvironment } from '../../setup/opencl.mjs';
import { emulatorEnvironment } from '../kernels/fpga/emulator';
import { bundle, programFolder } from '../main/host/programs';
import type { Answers, Task } from './fpgaAnswers';

const isFull = process.env.BNNW_TEST_FULL === '1';
const emulator = emulatorEnvironment();
const { folder, remove } = programFolder();
const program = bundle(join(__dirname, 'fpgaAnswers.ts'), folder);
afterAll(remove);

/** Depth of a board's channels. */
const SHORT = 512;
const timeout = isFull ? 3_600_000 : 600_000;

function answersOf(environment: Record<string, string>, task: Task): Promise<Answers> {
  return new Promise((resolve, reject) => {
    const child = fork(program, [JSON.stringify(task)], { env: { ...process.env, ...environment } });
    child.on('message', (answers) => resolve(answers as Answers));
    child.on('error', reject);
    child.on('exit', (code, signal) => reject(new Error(`the process ended with ${code ?? signal}`)));
  });
}

const networks = [
  { model: 'mnist-deterministic', dataset: 'mnist', full: 10_000, few: 100, atOnce: 20 },
  { model: 'cifar10-deterministic', dataset: 'cifar10', full: 1_000, few: 4, atOnce: 2 },
] as const;
const precisions = ['a4', 'a8'] as const;
const cells = networks.flatMap((network) => precisions.map((precision) => ({ ...network, precision })));

describe.each(cells)('$model at $precision', { timeout }, ({ model, dataset, precision, ...count }) => {
  const about = { model, dataset, precision };
  const onCpu = (images: number, batchSize: number) =>
    answersOf(poclEnvironment(), {
      ...{ ...about, kernels: 'cpu', schedule: 'one after another', depth: null, reloaded: false },
      ...{ images, batchSize },
    });

  function expectSame(name: string, actual: Answers, expected: Answers) {
    const images = actual.predictions.length;
    const wrong = actual.activations.flatMap((layers, batch) =>
      layers.flatMap((hash, layer) =>
        hash === expected.activations[batch]![layer] ? [] : [{ batch, layer }],
      ),
    );
    expect(wrong).toEqual([]);
    expect(actual.activations.flat().length).toBeGreaterThan(0);
    expect(actual.predictions).toEqual(expected.predictions);
    const milliseconds = (actual.elapsedMs / images).toPrecision(3);
    console.log(
      `${model} ${precision}, ${name}: ${images} images, all activations and predictions equal, ` +
        `${actual.correct} correct; emulation, ${milliseconds} ms an image`,
    );
  }

  it('with arrays in place of channels', async () => {
    const task = {
      ...about,
      kernels: 'arrays',
      schedule: 'one after another',
      depth: null,
      reloaded: false,
    } as const;
    const few = { images: count.few, batchSize: count.few / 2 };
    const actual = await answersOf(poclEnvironment(), { ...task, ...few });
    expectSame('arrays on PoCL', actual, await onCpu(few.images, few.batchSize));
  });

  it.skipIf(!emulator).each([false, true])(
    'in the emulator, one kernel after another, reloaded: %s',
    async (reloaded) => {
      const images = isFull ? count.full : count.few;
      const batchSize = Math.min(50, images / 2);
      const task = { ...about, kernels: 'channels', schedule: 'one after another', depth: null } as const;
      const actual = await answersOf(emulator!, { ...task, reloaded, images, batchSize });
      expectSame(reloaded ? 'reloaded' : 'from source', actual, await onCpu(images, batchSize));
    },
  );

  it.skipIf(!emulator)(`in the emulator, all kernels at once, ${SHORT} words in a channel`, async () => {
    const task = {
      ...about,
      kernels: 'channels',
      schedule: 'at once',
      depth: SHORT,
      reloaded: false,
    } as const;
    const some = { images: count.atOnce, batchSize: count.atOnce / 2 };
    const actual = await answersOf(emulator!, { ...task, ...some });
    expectSame('all at once', actual, await onCpu(some.images, some.batchSize));
  });
});
