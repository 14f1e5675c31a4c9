/**
 * What the host and a device process say to each other. Both sides check what they receive. One process
 * answers one request: it is told what to do, reports, ends with `listed`, `finished`, `failed` or `bug`,
 * and is killed then.
 */
import { z } from 'zod';
import { PRECISIONS } from '../../core/network/precision';
import {
  datasetRecordSchema,
  deviceRecordSchema,
  failedRunSchema,
  modelRecordSchema,
  runSchema,
} from '../../core/session/schema';

const count = z.number().int().nonnegative();
const ms = z.number();

const errorKinds = [
  'usage',
  'unknown-name',
  'refused-file',
  'unsupported',
  'device-failed',
  'device-lost',
  'wrong-answer',
  'not-available',
  'storage',
  'cancelled',
] as const;

export const errorDescriptionSchema = failedRunSchema.shape.error.extend({ kind: z.enum(errorKinds) });

export const providerIdSchema = z.enum(['opencl', 'onnxruntime', 'null']);
export type ProviderId = z.infer<typeof providerIdSchema>;

export const runRequestSchema = z.object({
  deviceId: z.string(),
  model: z.string(),
  dataset: z.string().nullable(),
  precision: z.enum(PRECISIONS),
  batchSize: z.number().int().min(1),
  samples: z.number().int().min(1).nullable(),
  seed: count,
});

export const toDeviceProcessSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('list'), provider: providerIdSchema }),
  z.object({ kind: z.literal('run'), request: runRequestSchema }),
  /** End after the batch in flight, with `failed` of kind `cancelled`. */
  z.object({ kind: z.literal('cancel') }),
]);
export type ToDeviceProcess = z.infer<typeof toDeviceProcessSchema>;

const deviceInfoSchema = deviceRecordSchema.extend({
  memoryBytes: z.number(),
  computeUnits: z.number(),
  precisions: z.array(z.string()),
  details: z.record(z.string(), z.string()),
});

export const RUN_PHASES = [
  'fetching data',
  'loading model',
  'building kernels',
  'loading weights',
  'self-test',
  'warming up',
  'running',
] as const;

export const fromDeviceProcessSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('listed'), devices: z.array(deviceInfoSchema) }),
  z.object({
    kind: z.literal('phase'),
    phase: z.enum(RUN_PHASES),
    /** How long until the next message, by what the process measured; null where it does not know. */
    expectedMs: ms.nullable(),
  }),
  /** The self-test passed; what the timed run will classify. */
  z.object({
    kind: z.literal('ready'),
    device: deviceRecordSchema,
    model: modelRecordSchema,
    dataset: datasetRecordSchema,
    imageIndices: z.array(count).nullable(),
    labels: z.array(count),
    kernels: runSchema.shape.kernels,
    buildMs: ms,
    loadMs: ms,
    firstRunMs: ms,
  }),
  /** Whole batches of the timed run, in order; the last one without the answers of its fill. */
  z.object({
    kind: z.literal('chunk'),
    predictions: z.array(count),
    deviceMs: z.array(ms).nullable(),
    endToEndMs: z.array(ms),
    expectedMs: ms,
  }),
  z.object({ kind: z.literal('finished') }),
  z.object({ kind: z.literal('failed'), error: errorDescriptionSchema }),
  /** Something was thrown that is no error for a person. */
  z.object({ kind: z.literal('bug'), message: z.string(), stack: z.string() }),
]);
export type FromDeviceProcess = z.infer<typeof fromDeviceProcessSchema>;
export type ReadyMessage = Extract<FromDeviceProcess, { kind: 'ready' }>;
export type ChunkMessage = Extract<FromDeviceProcess, { kind: 'chunk' }>;
