/**
 * ONNX Runtime on the CPU: always there, and the baseline inside the product. It runs the same lowered network,
 * exported to ONNX in memory, from the same raw bytes.
 */
import { cpus, totalmem } from 'node:os';
import type { InferenceSession } from 'onnxruntime-node';
import type { DeviceInfo } from '../../../core/contract/host';
import { WorkbenchError } from '../../../core/errors';
import { lower } from '../../../core/network/lowering';
import type { Model } from '../../../core/network/model';
import { exportOnnx, ONNX_INPUT, ONNX_OUTPUT } from '../../../core/network/onnx';
import type { Precision } from '../../../core/network/precision';
import type { BatchResults, Device, DeviceProvider, PreparedNetwork } from '../device';
import { physicalCores } from './processorCores';

type Runtime = typeof import('onnxruntime-node');

const DEVICE_ID = 'onnxruntime:cpu';

export const onnxRuntimeProvider: DeviceProvider = {
  id: 'onnxruntime',

  async list() {
    return [describe(await loadRuntime())];
  },

  async open(deviceId) {
    if (deviceId !== DEVICE_ID) {
      throw new WorkbenchError('unknown-name', `ONNX Runtime has no device ${deviceId}.`, {
        where: deviceId,
        remedy: `Its only device is ${DEVICE_ID}.`,
      });
    }
    const runtime = await loadRuntime();
    return openDevice(runtime, describe(runtime));
  },
};

function openDevice(runtime: Runtime, info: DeviceInfo): Device {
  return {
    info,
    clockStepNs: null,
    prepare: (model, precision, batchSize) => prepare(runtime, info, model, precision, batchSize),
    // Sessions hold everything; a device without one holds nothing.
    close() {},
  };
}

/** Loaded only when it is used: the library is large, and a broken one must not stop the other devices. */
async function loadRuntime(): Promise<Runtime> {
  try {
    return await import('onnxruntime-node');
  } catch (error) {
    throw new WorkbenchError('not-available', 'ONNX Runtime cannot be loaded.', {
      where: `onnxruntime-node on ${process.platform} ${process.arch}`,
      remedy: 'Install the dependencies again with npm ci.',
      details: String(error),
    });
  }
}

function describe(runtime: Runtime): DeviceInfo {
  const processors = cpus();
  const version = runtime.env.versions.node ?? runtime.env.versions.common;
  return {
    id: DEVICE_ID,
    name: processors[0]?.model.trim() || `${process.arch} processor`,
    platform: 'ONNX Runtime',
    type: 'cpu',
    driver: `ONNX Runtime ${version}`,
    memoryBytes: totalmem(),
    computeUnits: physicalCores(),
    precisions: ['fp32'],
    details: { 'Logical processors': String(processors.length), Threads: String(physicalCores()) },
  };
}

async function prepare(
  runtime: Runtime,
  info: DeviceInfo,
  model: Model,
  precision: Precision,
  batchSize: number,
): Promise<PreparedNetwork> {
  if (precision !== 'fp32') {
    throw new WorkbenchError('unsupported', `ONNX Runtime runs networks at fp32 only, not at ${precision}.`, {
      where: info.id,
      remedy: 'Choose fp32 for it, or an OpenCL device.',
    });
  }
  const loadStart = performance.now();
  const plan = lower(model);
  const file = exportOnnx(plan, batchSize);
  const buildStart = performance.now();
  const threads = info.computeUnits;
  const session = await naming('InferenceSession.create', info, () =>
    runtime.InferenceSession.create(file, {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'all',
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      // Waiting threads may spin inside a batch; between batches they would only heat what is measured next.
      extra: { session: { force_spinning_stop: '1' } },
    }),
  );
  const buildMs = performance.now() - buildStart;
  const { height, width, channels } = plan.input;
  return {
    batchSize,
    buildMs,
    loadMs: buildStart - loadStart,
    kernels: {
      variant: 'ONNX Runtime fp32',
      sourceSha256: null,
      buildOptions: `intra_op_num_threads=${threads} graph_optimization=all force_spinning_stop=1`,
    },
    run: (images, batches) =>
      naming('InferenceSession.run', info, () =>
        runBatches(runtime, session, [batchSize, height, width, channels], plan.classes, images, batches),
      ),
    dispose() {
      // Released before the first await inside; a failure is a bug and surfaces as an unhandled rejection.
      void session.release();
    },
  };
}

/**
 * Runs on the JavaScript thread, which this binding blocks during a batch; between batches the thread is free for
 * messages.
 */
async function runBatches(
  runtime: Runtime,
  session: InferenceSession,
  dimensions: [number, number, number, number],
  classes: number,
  images: Uint8Array,
  batches: number,
): Promise<BatchResults> {
  const batchBytes = dimensions.reduce((product, size) => product * size, 1);
  const batchLogits = dimensions[0] * classes;
  const logits = new Float32Array(batches * batchLogits);
  const endToEndMs = new Float64Array(batches);
  for (let batch = 0; batch < batches; batch++) {
    const start = performance.now();
    const bytes = images.subarray(batch * batchBytes, (batch + 1) * batchBytes);
    const answer = await session.run({ [ONNX_INPUT]: new runtime.Tensor('uint8', bytes, dimensions) });
    const output = answer[ONNX_OUTPUT]!;
    if (!(output.data instanceof Float32Array)) throw new Error(`logits of type ${output.type}`);
    logits.set(output.data, batch * batchLogits);
    output.dispose();
    endToEndMs[batch] = performance.now() - start;
  }
  return { logits, deviceMs: null, endToEndMs };
}

/** An error of the library becomes one that names the call. */
async function naming<T>(call: string, { id }: DeviceInfo, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw new WorkbenchError('device-failed', `${call}: ${error instanceof Error ? error.message : error}`, {
      where: id,
      remedy: 'Try a smaller batch; if it fails again, report it with the details.',
      details: error instanceof Error ? (error.stack ?? null) : null,
    });
  }
}
