/**
 * This engine on an NVIDIA GPU beside PyTorch. Both sides are timed alike: images on the device, many passes queued,
 * one wait, wall time over their number; latency (one pass, then wait) and end to end (images from pinned memory of the
 * host, logits back, then wait) beside it, and for this engine also batches in a row with their transfers overlapped.
 * Energy is the card's own counter over a loop of queued passes, the same for both. What the chip gives at most is
 * measured first. Prints tables as Markdown, and writes all figures to the file of --json, from which
 * `npm run docs:performance` makes docs/performance-gpu.md. --no-peers leaves PyTorch out.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { WorkbenchError } from '../../core/errors';
import { countCorrect, predictedClasses } from '../../core/evaluation/accuracy';
import { lower } from '../../core/network/lowering';
import type { Model } from '../../core/network/model';
import { PRECISIONS, type Precision } from '../../core/network/precision';
import { elements } from '../../core/network/shapes';
import { median } from '../../core/statistics/percentiles';
import { applicationRoot } from '../../main/applicationRoot';
import { loadTestSet } from '../../main/datasets';
import { FAMILIES } from '../../main/devices/opencl/families';
import type { PreparedKernels } from '../../main/devices/opencl/family';
import { loadModel } from '../../main/models';
import {
  type Buffer,
  type Command,
  Context,
  type Device,
  nvmlDevices,
  nvmlReading,
  platforms,
  type Queue,
} from '../../native';
import { type GpuLimits, leastMs, measureLimits } from './gpuLimits';
import { type GpuComparison, type GpuRow, rowLines } from './gpuTable';
import { PeerProcess, writePeerFiles } from './pythonPeers';

const FORMS = [
  'fp32, signing at each forward',
  'tf32',
  'fp16, channels last',
  'fp16, channels last, torch.compile',
] as const;
/** Repeats of a measurement; the median counts. */
const REPEATS = 5;
/** Passes that are waited for one by one. */
const ALONE = 50;
/** A queue of passes takes about this long. */
const QUEUE_MS = 40;
/** The energy counter moves about ten times a second. */
const ENERGY_SECONDS = 1.5;

const preparedSchema = z.object({ version: z.string() });
const timedSchema = z.object({ queuedMs: z.number(), latencyMs: z.number(), endToEndMs: z.number() });
const spunSchema = z.object({ passes: z.number() });
const classifiedSchema = z.object({ correct: z.number(), total: z.number() });

interface Images {
  bytes: Uint8Array;
  labels: Uint8Array;
  batchSize: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      python: { type: 'string', default: 'python3' },
      model: { type: 'string', default: 'cifar10-deterministic,mnist-deterministic' },
      batch: { type: 'string', default: '256,1' },
      precision: { type: 'string', default: 'a8,a4,a2' },
      samples: { type: 'string', default: '10000' },
      json: { type: 'string' },
      'no-peers': { type: 'boolean' },
    },
  });
  const precisions = PRECISIONS.filter((precision) => values.precision.split(',').includes(precision));
  const device = findDevice();
  const limits = await limitsOf(device);
  const comparison: GpuComparison = {
    kind: 'bench:gpu',
    device: device.info.name,
    driver: device.info.driverVersion,
    date: new Date().toISOString(),
    command: commandOf(values),
    limits,
    tables: [],
  };
  console.log(`${comparison.device}, driver ${comparison.driver}`);
  console.log(limits);
  for (const id of values.model.split(','))
    for (const batchSize of values.batch.split(',').map(Number)) {
      const model = await loadModel(id);
      if (model.dataset === null) throw new WorkbenchError('usage', `${id} does not name its data set`);
      const set = await loadTestSet(model.dataset);
      const wanted = Math.min(Number(values.samples), set.labels.length);
      const count = Math.max(batchSize, Math.floor(wanted / batchSize) * batchSize);
      const imageBytes = set.images.length / set.labels.length;
      const images = {
        bytes: set.images.subarray(0, count * imageBytes),
        labels: set.labels.subarray(0, count),
        batchSize,
      };
      const rows: GpuRow[] = [];
      for (const precision of precisions)
        rows.push(await measureEngine(device, model, precision, images, limits));
      if (!values['no-peers']) rows.push(...(await measurePeers(model, images, values.python)));
      console.log([`\n## ${id}, batch ${batchSize}\n`, ...rowLines(rows)].join('\n'));
      comparison.tables.push({ model: id, batchSize, rows });
      if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(comparison, null, 1));
    }
}

/** Where Python lay and where the figures went matters to nobody else. */
function commandOf(
  values: Record<'model' | 'batch' | 'precision' | 'samples', string> & { 'no-peers'?: boolean | undefined },
): string {
  const { model, batch, precision, samples } = values;
  const peers = values['no-peers'] ? ' --no-peers' : '';
  return `npm run bench:gpu -- --model ${model} --batch ${batch} --precision ${precision} --samples ${samples}${peers}`;
}

async function limitsOf(device: Device): Promise<GpuLimits> {
  const context = new Context(device);
  const queue = context.createQueue();
  try {
    return await measureLimits(context, queue);
  } finally {
    queue.release();
    context.release();
  }
}

function findDevice(): Device {
  const platform = platforms().find(({ info }) => info.name === 'NVIDIA CUDA');
  const device = platform?.devices()[0];
  if (device) return device;
  throw new WorkbenchError('not-available', 'No NVIDIA GPU is visible through OpenCL', {
    remedy: 'Install the driver; `bnnw devices` tells what is missing.',
  });
}

async function measureEngine(
  device: Device,
  model: Model,
  precision: Precision,
  images: Images,
  limits: GpuLimits,
): Promise<GpuRow> {
  const context = new Context(device);
  const queue = context.createQueue();
  const plain = context.createQueue({ profiling: false });
  const request = { model, plan: lower(model), precision, batchSize: images.batchSize };
  const family = FAMILIES.find((each) => each.refusal(device, request) === null);
  if (!family) throw new WorkbenchError('unsupported', `${model.id} cannot run at ${precision} here`);
  const buildProgram = (source: string, options: string) => context.buildProgram(source, options);
  let prepared: PreparedKernels | null = null;
  try {
    prepared = await family.prepare({ context, queue, buildProgram }, request);
    const batchBytes = images.batchSize * elements(request.plan.input);
    const logits = new Float32Array(images.batchSize * request.plan.classes);
    const target = new Uint8Array(logits.buffer);
    const kernels = [...prepared.commands];
    const upload = {
      kind: 'write',
      buffer: prepared.input,
      source: images.bytes,
      bytes: batchBytes,
    } as const;
    const download = { kind: 'read', buffer: prepared.logits, target, bytes: target.length } as const;
    const run = async (commands: Command[], repeats: number, wait: 'each' | 'end') =>
      Array.from((await plain.run(commands, { repeats, wait })).hostNs, (ns) => ns / 1e6);

    let correct = 0;
    const batches = images.labels.length / images.batchSize;
    for (let batch = 0; batch < batches; batch++) {
      await run([{ ...upload, offset: batch * batchBytes }, ...kernels, download], 1, 'each');
      const first = batch * images.batchSize;
      const labels = images.labels.subarray(first, first + images.batchSize);
      const predictions = predictedClasses(logits, request.plan.classes);
      if (!predictions)
        throw new WorkbenchError('wrong-answer', `${prepared.variant} gives logits that are no numbers`);
      correct += countCorrect(predictions, Array.from(labels));
    }
    const latencyMs = median(await run(kernels, ALONE, 'each'));
    const passes = passesOf(latencyMs);
    const queued: number[] = [];
    for (let i = 0; i < REPEATS; i++) queued.push((await run(kernels, passes, 'end'))[0]! / passes);
    const { endToEndMs, overlappedMs } = await measureEndToEnd(context, plain, prepared, images.bytes, {
      input: batchBytes,
      logits: target.length,
    });
    const energy = await measureEnergy(images.batchSize, async () => {
      const many = Math.ceil((ENERGY_SECONDS * 1e3) / median(queued));
      await run(kernels, many, 'end');
      return many;
    });
    const total = images.labels.length;
    const name = `${precision}: ${prepared.variant}`;
    return {
      ...{ name, isPeer: false, queuedMs: median(queued), latencyMs, endToEndMs, overlappedMs },
      ...{ leastMs: leastMs(request.plan, precision, images.batchSize, limits), ...energy, correct, total },
    };
  } finally {
    prepared?.release();
    plain.release();
    queue.release();
    context.release();
  }
}

/**
 * From and to pinned memory: one batch and a wait; and many in a row on two sets of buffers, where in each step one
 * batch is computed, the next uploaded and the one before downloaded.
 */
async function measureEndToEnd(
  context: Context,
  queue: Queue,
  prepared: PreparedKernels,
  images: Uint8Array,
  bytes: { input: number; logits: number },
): Promise<{ endToEndMs: number; overlappedMs: number | null }> {
  const held: { release(): void }[] = [];
  const keep = <T extends { release(): void }>(object: T): T => {
    held.push(object);
    return object;
  };
  try {
    const source = keep(context.createHostMemory(bytes.input));
    source.write(images.subarray(0, bytes.input));
    const target = keep(context.createHostMemory(bytes.logits));
    const upload = (buffer: Buffer) => ({ kind: 'write', buffer, source, bytes: bytes.input }) as const;
    const download = (buffer: Buffer) => ({ kind: 'read', buffer, target, bytes: bytes.logits }) as const;
    const { input, logits, commands, commandsOn } = prepared;
    const alone = await queue.run([upload(input), ...commands, download(logits)], { repeats: ALONE });
    const endToEndMs = median(Array.from(alone.hostNs)) / 1e6;
    if (!commandsOn) return { endToEndMs, overlappedMs: null };
    const inputs = [input, keep(context.createBuffer(bytes.input))] as const;
    const outputs = [logits, keep(context.createBuffer(bytes.logits))] as const;
    const [up, down] = [
      keep(context.createQueue({ profiling: false })),
      keep(context.createQueue({ profiling: false })),
    ];
    const step = (now: 0 | 1, other: 0 | 1): Command[] => [
      ...commandsOn(inputs[now], outputs[now]),
      { ...upload(inputs[other]), queue: up, beside: true },
      { ...download(outputs[other]), queue: down, beside: true },
    ];
    const repeats = Math.ceil(passesOf(endToEndMs) / 2);
    const batches: number[] = [];
    for (let i = 0; i < REPEATS; i++) {
      const { hostNs } = await queue.run([...step(0, 1), ...step(1, 0)], { repeats, wait: 'end' });
      batches.push(hostNs[0]! / (2 * repeats * 1e6));
    }
    return { endToEndMs, overlappedMs: median(batches) };
  } finally {
    for (const each of held) each.release();
  }
}

async function measurePeers(model: Model, images: Images, python: string): Promise<GpuRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bnnw-gpu-peers-'));
  writePeerFiles(folder, model, { test: images.bytes, calibration: new Uint8Array(0) }, 1);
  writeFileSync(join(folder, 'labels.bin'), images.labels);
  const peers = new PeerProcess(python, join(applicationRoot(), 'test/peers/gpu.py'), folder);
  const rows: GpuRow[] = [];
  try {
    for (const form of FORMS) {
      const prepare = { do: 'prepare', form, batch: images.batchSize };
      const { version } = await peers.ask(prepare, preparedSchema);
      const { latencyMs } = await peers.ask({ do: 'time', passes: 1 }, timedSchema);
      const times = await peers.ask({ do: 'time', passes: passesOf(latencyMs) }, timedSchema);
      const energy = await measureEnergy(images.batchSize, async () => {
        return (await peers.ask({ do: 'spin', seconds: ENERGY_SECONDS }, spunSchema)).passes;
      });
      const score = await peers.ask({ do: 'classify' }, classifiedSchema);
      rows.push({
        ...{ name: `PyTorch ${version} ${form}`, isPeer: true, ...times, overlappedMs: null, leastMs: null },
        ...{ ...energy, ...score },
      });
    }
    return rows;
  } finally {
    peers.close();
    rmSync(folder, { recursive: true });
  }
}

function passesOf(latencyMs: number): number {
  return Math.max(20, Math.ceil(QUEUE_MS / latencyMs));
}

/** Reads the card's energy counter around `passes`, which answers how many it made. */
async function measureEnergy(
  batchSize: number,
  passes: () => Promise<number>,
): Promise<{ energyMj: number | null; powerW: number | null }> {
  const uuid = nvmlDevices()[0]?.uuid;
  const read = () => (uuid === undefined ? null : nvmlReading(uuid, 'energyJ'));
  const before = read();
  const started = performance.now();
  const count = await passes();
  const seconds = (performance.now() - started) / 1e3;
  const after = read();
  if (before === null || after === null) return { energyMj: null, powerW: null };
  return { energyMj: ((after - before) * 1e3) / (count * batchSize), powerW: (after - before) / seconds };
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
