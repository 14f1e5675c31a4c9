/**
 * One process, one driver: what a network answers to the first images of its test set, layer by layer. Started by
 * fpgaEmulator.test.ts with a {@link Task} as its argument; sends {@link Answers}.
 */
import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { predictedClasses } from '../../core/evaluation/accuracy';
import { lower } from '../../core/network/lowering';
import type { Model } from '../../core/network/model';
import { elements } from '../../core/network/shapes';
import { loadTestSet } from '../../main/datasets';
import { candidateEngines } from '../../main/devices/opencl/cpu/engines';
import { processorOf } from '../../main/devices/opencl/cpu/processor';
import type { PreparedKernels, Workshop } from '../../main/devices/opencl/family';
import { planChain } from '../../main/devices/opencl/fpga/design';
import { emulationFolding } from '../../main/devices/opencl/fpga/emulationFolding';
import { assembleChain, type Schedule } from '../../main/devices/opencl/fpga/network';
import { chainSource } from '../../main/devices/opencl/fpga/source';
import { integerLayers } from '../../main/devices/opencl/integer/layers';
import { type Activation, prepareNetwork } from '../../main/devices/opencl/integer/network';
import { portableEngine } from '../../main/devices/opencl/integer/portable';
import { integerPlan } from '../../main/devices/opencl/integer/refusal';
import { loadModel } from '../../main/models';
import { platforms } from '../../native';
import { openWorkshop } from '../kernels/cpu/workshop';

export interface Task {
  /** `cpu`: the CPU's own kernels; else the FPGA kernels, with channels or with arrays. */
  kernels: 'cpu' | 'arrays' | 'channels';
  schedule: Schedule;
  /** Words that a channel holds; null for a whole batch. */
  depth: number | null;
  /** Run what the driver gave as the program's binary. */
  reloaded: boolean;
  model: string;
  dataset: string;
  precision: 'a8' | 'a4';
  images: number;
  batchSize: number;
}

export interface Answers {
  device: string;
  /** SHA-256 of the activations of each hidden layer, for each batch. */
  activations: string[][];
  predictions: number[];
  correct: number;
  elapsedMs: number;
}

async function prepare(task: Task, model: Model, workshop: Workshop) {
  const plan = integerPlan({
    model,
    plan: lower(model),
    precision: task.precision,
    batchSize: task.batchSize,
  });
  const layers = integerLayers(plan);
  if (task.kernels === 'cpu') {
    const { computeUnits } = workshop.context.device.info;
    const machine = { bits: plan.bits, batchSize: task.batchSize, computeUnits };
    const [candidate] = candidateEngines(await processorOf(workshop), machine);
    const engine = candidate?.value ?? portableEngine;
    return prepareNetwork(workshop, plan, layers, engine, task.batchSize);
  }
  const depthOf = (words: number) => task.depth ?? words * task.batchSize;
  const chain = planChain(plan, layers, emulationFolding(model.topology, depthOf));
  const dialect = task.kernels === 'arrays' ? 'arrays' : 'intel';
  const source = { dialect, target: 'emulator', tapped: true } as const;
  const built = await workshop.buildProgram(chainSource(chain, source), '');
  const binary = task.reloaded ? built.binary() : null;
  if (binary) built.release();
  const program = binary ? await workshop.context.loadProgram(binary, '') : built;
  const { context, queue } = workshop;
  const { schedule, batchSize } = task;
  return assembleChain({
    ...{ context, queue, program, plan, layers, chain, source, schedule, batchSize, variant: 'test' },
  });
}

async function answers(task: Task): Promise<Answers> {
  const model = await loadModel(task.model);
  const testSet = await loadTestSet(task.dataset);
  const device = platforms().flatMap((platform) => platform.devices())[0]!;
  const workshop = openWorkshop(device);
  const network: PreparedKernels & { activations: Activation[] } = await prepare(task, model, workshop);
  const { input, classes } = model.topology;
  const imageBytes = elements(input);
  const result: Answers = {
    device: device.platform.info.name,
    activations: [],
    predictions: [],
    correct: 0,
    elapsedMs: 0,
  };
  for (let first = 0; first < task.images; first += task.batchSize) {
    const images = testSet.images.subarray(first * imageBytes, (first + task.batchSize) * imageBytes);
    const logits = new Float32Array(task.batchSize * classes);
    const target = new Uint8Array(logits.buffer);
    const started = performance.now();
    await workshop.queue.run(
      [
        { kind: 'write', buffer: network.input, source: images, bytes: images.length },
        ...network.commands,
        { kind: 'read', buffer: network.logits, target, bytes: target.length },
      ],
      { repeats: 1 },
    );
    result.elapsedMs += performance.now() - started;
    result.activations.push(
      network.activations.map(({ buffer, decode }) => {
        const bytes = new Uint8Array(buffer.bytes);
        workshop.queue.read(buffer, bytes);
        return createHash('sha256').update(decode(bytes, task.batchSize)).digest('hex');
      }),
    );
    result.predictions.push(...(predictedClasses(logits, classes) ?? []));
  }
  result.correct = result.predictions.filter((prediction, i) => prediction === testSet.labels[i]).length;
  network.release();
  workshop.close();
  return result;
}

const task: Task = JSON.parse(process.argv[2]!);
answers(task).then(
  (result) => process.send?.(result),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
