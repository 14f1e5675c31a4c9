/**
 * What the host and a device process say to each other. Both sides check what they receive. One process
 * answers one request: it is told what to do, reports, ends with `listed`, `finished` or `failed`, and
 * is killed then. A run is timed in turns, which the host gives: after `ready` and after each `yielded` the process
 * waits for `turn` or `enough`, so that what is compared can alternate.
 */
import { z } from 'zod';
import { type RunRequest, samplingRequestSchema } from '../../core/contract/job';
import type { ErrorKind } from '../../core/errors';
import { PRECISIONS } from '../../core/network/precision';
import { MODES } from '../../core/network/topology';
import type { Histogram, LayerStatistics } from '../../core/network/weightStatistics';
import { SCENARIOS } from '../../core/session/scenario';
import {
  datasetRecordSchema,
  deviceRecordSchema,
  failedRunSchema,
  layerTimesSchema,
  modelRecordSchema,
  overheadSchema,
  runSchema,
  samplingSchema,
} from '../../core/session/schema';
import type { TuningReport } from '../devices/device';
import { PROVIDER_IDS } from '../devices/providers';

const count = z.number().int().nonnegative();
const ms = z.number();
/** Lists that grow with a run travel as typed arrays: to copy them takes no time that a run would notice. */
const times = z.custom<Float64Array>(
  (value) => value instanceof Float64Array && value.every(Number.isFinite),
  'expected times',
);
const classes = z.custom<Uint32Array>((value) => value instanceof Uint32Array, 'expected classes');

/** A record, so that a kind that is missing here does not compile. */
const ERROR_KINDS: Record<ErrorKind, ErrorKind> = {
  usage: 'usage',
  'unknown-name': 'unknown-name',
  'refused-file': 'refused-file',
  unsupported: 'unsupported',
  'device-failed': 'device-failed',
  'device-lost': 'device-lost',
  'wrong-answer': 'wrong-answer',
  'not-available': 'not-available',
  storage: 'storage',
  cancelled: 'cancelled',
  interrupted: 'interrupted',
  bug: 'bug',
};

export const errorDescriptionSchema = failedRunSchema.shape.error.extend({ kind: z.enum(ERROR_KINDS) });

const providerIdSchema = z.enum(PROVIDER_IDS);

const runRequestSchema: z.ZodType<RunRequest> = z.object({
  deviceId: z.string(),
  model: z.string(),
  dataset: z.string().nullable(),
  precision: z.enum(PRECISIONS),
  batchSize: z.number().int().min(1),
  samples: z.number().int().min(1).nullable(),
  seed: count,
  scenario: z.enum(SCENARIOS).optional(),
  quick: z.boolean().optional(),
  layers: z.boolean().optional(),
  sampling: samplingRequestSchema.optional(),
});

const calibrationRequestSchema = z.object({
  deviceId: z.string(),
  model: z.string(),
  /** Where the model goes with its scales, a .safetensors file; may be the model's own. */
  output: z.string(),
  /** Null: the one that the model was trained on. */
  dataset: z.string().nullable(),
  images: z.number().int().min(1),
  seed: count,
});
export type CalibrationRequest = z.infer<typeof calibrationRequestSchema>;

const tuningRequestSchema = z.object({
  deviceId: z.string(),
  model: z.string(),
  precision: z.enum(PRECISIONS),
  batchSize: z.number().int().min(1),
  /** Measure even where all implementations are measured already. */
  again: z.boolean(),
});
export type TuningRequest = z.infer<typeof tuningRequestSchema>;

const tuningReportSchema: z.ZodType<TuningReport> = z.object({
  batchSize: count,
  chosen: z.string(),
  trials: z.array(z.object({ name: z.string(), medianMs: ms.nullable() })),
});

const importRequestSchema = z.object({
  source: z.string(),
  target: z.string(),
  topologyFile: z.string().nullable(),
  mode: z.enum(MODES).nullable(),
});
export type ModelImportRequest = z.infer<typeof importRequestSchema>;

/** One image of a test set by the reference operators. */
const classificationRequestSchema = z.object({
  model: z.string(),
  precision: z.enum(PRECISIONS),
  dataset: z.string(),
  index: count,
});
export type ClassificationRequest = z.infer<typeof classificationRequestSchema>;

const histogramSchema: z.ZodType<Histogram> = z.object({
  low: z.number(),
  high: z.number(),
  counts: z.array(count),
});

const layerStatisticsSchema: z.ZodType<LayerStatistics> = z.object({
  name: z.string(),
  weights: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('binary'), count, plusOnes: count }),
    z.object({
      kind: z.literal('real'),
      count,
      mean: z.number(),
      deviation: z.number(),
      zeros: count,
      histogram: histogramSchema,
    }),
  ]),
  thresholds: histogramSchema.nullable(),
});

export const toDeviceProcessSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('list'), provider: providerIdSchema }),
  z.object({ kind: z.literal('run'), request: runRequestSchema }),
  z.object({ kind: z.literal('calibrate'), request: calibrationRequestSchema }),
  z.object({ kind: z.literal('tune'), request: tuningRequestSchema }),
  /** These three need no device: a process of its own keeps a hostile or large file away from the host. */
  z.object({ kind: z.literal('import'), request: importRequestSchema }),
  z.object({ kind: z.literal('inspect'), model: z.string() }),
  z.object({ kind: z.literal('classify'), request: classificationRequestSchema }),
  /** End after the batch in flight, with `failed` of kind `cancelled`. */
  z.object({ kind: z.literal('cancel') }),
  /** Time batches now, for so long and at least one; all that is left where it is null. */
  z.object({ kind: z.literal('turn'), leastMs: ms.nullable(), turns: z.boolean() }),
  /** No turn comes any more: check the answers again, measure what stands beside the times, finish. */
  z.object({ kind: z.literal('enough') }),
]);
export type TurnMessage = Extract<ToDeviceProcess, { kind: 'turn' }>;
export type { RunRequest };
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
    /** More for a person: which file comes from where. */
    detail: z.string().nullable(),
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
    clockStepNs: z.number(),
  }),
  /** Whole batches of the timed run, in order; the last one without the answers of its fill. */
  z.object({
    kind: z.literal('chunk'),
    predictions: classes,
    deviceMs: times.nullable(),
    endToEndMs: times,
    expectedMs: ms,
  }),
  /** Answers `calibrate`; `finished` follows. */
  z.object({ kind: z.literal('calibrated'), model: modelRecordSchema, dataset: z.string(), images: count }),
  /** Answers `tune`; `finished` follows. */
  z.object({ kind: z.literal('tuned'), tuning: tuningReportSchema }),
  /** Answers `import`; `finished` follows. */
  z.object({ kind: z.literal('imported') }),
  /** Answers `inspect`; `finished` follows. */
  z.object({ kind: z.literal('inspected'), layers: z.array(layerStatisticsSchema) }),
  /** Answers `classify`; `finished` follows. */
  z.object({ kind: z.literal('classified'), logits: z.array(z.number()) }),
  /** Whole batches that were repeated for their times; their answers were checked already. */
  z.object({
    kind: z.literal('repeats'),
    deviceMs: times.nullable(),
    endToEndMs: times,
    expectedMs: ms,
  }),
  /** A turn is over. What it timed lies between these times since 1970. */
  z.object({
    kind: z.literal('yielded'),
    part: z.enum(['test set', 'repeats']),
    startMs: ms,
    endMs: ms,
    /** The same span by a clock that nobody sets. */
    steadyMs: ms,
    /** Nothing more has to be timed; repeats may go on all the same. */
    satisfied: z.boolean(),
    /** Why repeating may end; null where nothing is repeated or it may not. */
    stopped: z.object({ reason: z.string(), stable: z.boolean() }).nullable(),
    expectedMs: ms,
  }),
  /** What stands beside the times; `finished` follows. */
  z.object({
    kind: z.literal('measured'),
    overhead: overheadSchema,
    layers: layerTimesSchema.nullable(),
    sampling: samplingSchema.nullable(),
  }),
  z.object({ kind: z.literal('finished') }),
  z.object({ kind: z.literal('failed'), error: errorDescriptionSchema }),
]);
export type FromDeviceProcess = z.infer<typeof fromDeviceProcessSchema>;
export type ReadyMessage = Extract<FromDeviceProcess, { kind: 'ready' }>;
export type YieldedMessage = Extract<FromDeviceProcess, { kind: 'yielded' }>;
export type MeasuredMessage = Extract<FromDeviceProcess, { kind: 'measured' }>;
export type RepeatsMessage = Extract<FromDeviceProcess, { kind: 'repeats' }>;
export type ChunkMessage = Extract<FromDeviceProcess, { kind: 'chunk' }>;
