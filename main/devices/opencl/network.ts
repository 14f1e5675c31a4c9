/** A network on an OpenCL device, ready to run batches. */
import { performance } from 'node:perf_hooks';
import { WorkbenchError } from '../../../core/errors';
import { lower } from '../../../core/network/lowering';
import type { Model } from '../../../core/network/model';
import type { Precision } from '../../../core/network/precision';
import { elements } from '../../../core/network/shapes';
import type { Command, Context, Device, Queue } from '../../../native';
import type { BatchResults, CommandTimes, PreparedNetwork, TuningReport } from '../device';
import { deviceFailure } from './failure';
import { FAMILIES } from './families';
import type { KernelFamily, NetworkRequest, PreparedKernels } from './family';
import { ProgramBuilder } from './programBuilder';
import type { ProgramCache } from './programCache';
import { withinTime } from './timeLimit';

/**
 * @param families in order of preference
 * @throws WorkbenchError `unsupported` where no family of kernels can run the model at this precision,
 *   `refused-file` where the model does not fit together, `device-failed`
 */
export async function prepareNetwork(
  context: Context,
  cache: ProgramCache,
  model: Model,
  precision: Precision,
  batchSize: number,
  families: readonly KernelFamily[] = FAMILIES,
): Promise<PreparedNetwork> {
  const request: NetworkRequest = { model, plan: lower(model), precision, batchSize };
  const family = chooseFamily(context.device, request, families);
  const builder = new ProgramBuilder(context, cache);
  const deviceName = context.device.info.name;
  const started = performance.now();
  let queue: Queue | null = null;
  try {
    queue = context.createQueue();
    const buildProgram = (source: string, options: string) => builder.build(source, options);
    const kernels = await family.prepare({ context, queue, buildProgram }, request);
    const { buildMs, ...account } = builder.account;
    const loadMs = performance.now() - started - buildMs;
    return new OpenClNetwork(context, queue, request, kernels, { buildMs, loadMs, ...account }, deviceName);
  } catch (error) {
    queue?.release();
    throw deviceFailure(error, deviceName);
  }
}

/**
 * See `tune` in ../device.ts.
 * @throws WorkbenchError as {@link prepareNetwork}, and `wrong-answer`
 */
export async function tuneNetwork(
  context: Context,
  cache: ProgramCache,
  model: Model,
  precision: Precision,
  batchSize: number,
  again: boolean,
): Promise<TuningReport | null> {
  const request: NetworkRequest = { model, plan: lower(model), precision, batchSize };
  const family = chooseFamily(context.device, request, FAMILIES);
  if (!family.tune) return null;
  const builder = new ProgramBuilder(context, cache);
  const buildProgram = (source: string, options: string) => builder.build(source, options);
  let queue: Queue | null = null;
  try {
    queue = context.createQueue();
    return await family.tune({ context, queue, buildProgram }, request, again);
  } catch (error) {
    throw deviceFailure(error, context.device.info.name);
  } finally {
    queue?.release();
  }
}

/**
 * The first family that can; else why none can. That another family computes in other precisions says nothing
 * where one that computes in this precision tells why it does not.
 */
function chooseFamily(
  device: Device,
  request: NetworkRequest,
  families: readonly KernelFamily[],
): KernelFamily {
  const { model, precision } = request;
  const reasons = new Set<string>();
  for (const family of families) {
    const reason = family.refusal(device, request);
    if (reason === null) return family;
    if (family.precisions(device).includes(precision)) reasons.add(reason);
  }
  if (reasons.size === 0) {
    const here = [...new Set(families.flatMap((family) => family.precisions(device)))].join(', ');
    reasons.add(`the kernels for this device compute in ${here}, not in ${precision}`);
  }
  throw new WorkbenchError(
    'unsupported',
    `${model.id} cannot run at ${precision} here: ${[...reasons].join('; ')}`,
    { where: device.info.name, remedy: 'Choose another precision, batch size or device.' },
  );
}

class OpenClNetwork implements PreparedNetwork {
  readonly batchSize: number;
  readonly buildMs: number;
  readonly loadMs: number;
  readonly kernels: PreparedNetwork['kernels'];

  readonly runUnprofiled?: (images: Uint8Array, batches: number) => Promise<BatchResults>;
  /** Without profiling; made where it is asked for. */
  private plainQueue: Queue | null = null;

  constructor(
    context: Context,
    private readonly queue: Queue,
    private readonly request: NetworkRequest,
    private readonly prepared: PreparedKernels,
    account: { buildMs: number; loadMs: number; sourceSha256: string | null; buildOptions: string },
    private readonly deviceName: string,
  ) {
    const { sourceSha256, buildOptions } = account;
    this.batchSize = request.batchSize;
    this.buildMs = account.buildMs;
    this.loadMs = account.loadMs;
    this.kernels = { variant: prepared.variant, sourceSha256, buildOptions };
    // Kernels with queues of their own would still be profiled.
    if (prepared.commands.some((command) => command.kind === 'kernel' && command.queue)) return;
    this.runUnprofiled = async (images, batches) => {
      this.plainQueue ??= context.createQueue({ profiling: false });
      return this.runOn(this.plainQueue, images, batches);
    };
  }

  run(images: Uint8Array, batches: number): Promise<BatchResults> {
    return this.runOn(this.queue, images, batches);
  }

  async runByCommand(images: Uint8Array, batches: number): Promise<CommandTimes> {
    const commands = this.record(images, this.newLogits(1), 0);
    try {
      const { commandNs, deviceNs } = await this.queue.run(commands, { repeats: batches, perCommand: true });
      if (!commandNs || !deviceNs) throw new Error('the profiling queue gave no times');
      return {
        commands: commands.map((command, i) => this.nameOf(command, i)),
        commandMs: milliseconds(commandNs),
        deviceMs: milliseconds(deviceNs),
      };
    } catch (error) {
      throw deviceFailure(error, this.deviceName);
    }
  }

  private async runOn(queue: Queue, images: Uint8Array, batches: number): Promise<BatchResults> {
    const inputBytes = this.inputBytes();
    if (images.length < batches * inputBytes) {
      throw new RangeError(`${batches} batches need ${batches * inputBytes} bytes, got ${images.length}`);
    }
    const logits = this.newLogits(batches);
    const commands = this.record(images, logits, 1);
    try {
      const running = queue.run(commands, { repeats: batches, wait: 'each' });
      const { longestMs } = this.prepared;
      const { hostNs, deviceNs } = await (longestMs === undefined
        ? running
        : withinTime(running, longestMs * batches, this.deviceName, () => this.unfinished(commands)));
      return { logits, deviceMs: deviceNs && milliseconds(deviceNs), endToEndMs: milliseconds(hostNs) };
    } catch (error) {
      throw deviceFailure(error, this.deviceName);
    }
  }

  private inputBytes(): number {
    return this.batchSize * elements(this.request.plan.input);
  }

  private newLogits(batches: number): Float32Array {
    return new Float32Array(batches * this.batchSize * this.request.plan.classes);
  }

  /**
   * Upload, kernels, download.
   * @param advance 1: each repeat has a batch of its own; 0: all use the first one
   */
  private record(images: Uint8Array, logits: Float32Array, advance: 0 | 1): Command[] {
    const inputBytes = this.inputBytes();
    const logitBytes = this.batchSize * this.request.plan.classes * Float32Array.BYTES_PER_ELEMENT;
    return [
      {
        kind: 'write',
        buffer: this.prepared.input,
        source: images,
        bytes: inputBytes,
        stride: advance * inputBytes,
      },
      ...this.prepared.commands,
      {
        kind: 'read',
        buffer: this.prepared.logits,
        target: new Uint8Array(logits.buffer),
        bytes: logitBytes,
        stride: advance * logitBytes,
      },
    ];
  }

  /** @param place in the recorded list, where the kernels stand after the upload */
  private nameOf(command: Command, place: number): CommandTimes['commands'][number] {
    switch (command.kind) {
      case 'write':
        return { name: 'upload', kind: 'upload' };
      case 'read':
        return { name: 'download', kind: 'download' };
      case 'kernel':
        return { name: this.prepared.stepNames?.[place - 1] ?? command.kernel.name, kind: 'kernel' };
    }
  }

  private unfinished(commands: readonly Command[]): string[] {
    return this.queue.unfinished().flatMap((place) => {
      const command = commands[place];
      return command?.kind === 'kernel' ? [command.kernel.name] : [];
    });
  }

  dispose(): void {
    this.prepared.release();
    this.plainQueue?.release();
    this.queue.release();
  }
}

function milliseconds(nanoseconds: Float64Array): Float64Array {
  return nanoseconds.map((ns) => ns / 1e6);
}
