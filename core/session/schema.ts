/**
 * The session document: everything that was measured, readable by itself, with every raw sample needed to
 * redo its statistics. A newer program opens every older version; an older one refuses a newer document.
 * Units stand in the names: Ms, Ns, J, W, Bytes.
 */
import { z } from 'zod';
import { PRECISIONS } from '../network/precision';
import { MODES } from '../network/topology';
import { SCENARIOS } from './scenario';

/** The version that this program writes. */
export const SESSION_VERSION = 1;

const count = z.number().int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const isoTime = z.iso.datetime();

export const deviceRecordSchema = z.object({
  /** Stable across restarts: provider, platform, device, bus address. */
  id: z.string(),
  name: z.string(),
  platform: z.string(),
  type: z.enum(['cpu', 'gpu', 'fpga', 'fpga-emulator', 'accelerator', 'null']),
  driver: z.string(),
});
export type DeviceRecord = z.infer<typeof deviceRecordSchema>;

export const modelRecordSchema = z.object({
  id: z.string(),
  mode: z.enum(MODES),
  topology: z.string(),
  parameters: count,
  sha256,
});
export type ModelRecord = z.infer<typeof modelRecordSchema>;

export const datasetRecordSchema = z.object({
  id: z.string(),
  /** Of the images and labels that were used, in their file order. */
  sha256,
  /** How many images this run classified. */
  samples: count,
  /** How many the whole test set has. */
  available: count,
  /** The seed that drew and ordered the images of a short run; null where the whole set was run in its own order. */
  seed: z.number().int().nullable(),
});
export type DatasetRecord = z.infer<typeof datasetRecordSchema>;

export const sampleSummarySchema = z.object({
  median: z.number(),
  p90: z.number(),
  samples: z.array(z.number()),
});
export type SampleSummary = z.infer<typeof sampleSummarySchema>;

export const timingSchema = z.object({
  /**
   * From the start of the first kernel to the end of the last one, by event profiling, full batches only.
   * Null where the device reports no such time.
   */
  deviceMsPerBatch: sampleSummarySchema.nullable(),
  /** Host clock around upload, run and download, full batches only. */
  endToEndMsPerBatch: sampleSummarySchema,
  /** Compiling or loading the kernels. */
  buildMs: z.number(),
  /** Packing and uploading the weights. */
  loadMs: z.number(),
  /** The first batch, before warm-up. */
  firstRunMs: z.number(),
});
export type Timing = z.infer<typeof timingSchema>;

/**
 * The energy of exactly the window that was timed, as sensors saw it; or why there is none. A figure is never
 * made of what was not measured, and idle power is beside it, never subtracted.
 */
export const energySchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('measured'),
    joules: z.number(),
    averageW: z.number(),
    /** A bound: from the time between readings at both ends, and the sensor's stated accuracy. */
    uncertaintyJ: z.number(),
    /** The sensor, for a person. */
    source: z.string(),
    origin: z.enum(['sensor', 'meter-log', 'typed-in']),
    scope: z.enum(['chip', 'package', 'board', 'wall']),
    /** The share of time that the sensor looks at, in (0, 1]. */
    duty: z.number(),
    windowMs: z.number(),
    /** How many readings lie within the window. */
    readings: count,
    /** Average over about a second before the device's process started; null where it is not known. */
    idleBeforeW: z.number().nullable(),
    /** The same after the process had ended. */
    idleAfterW: z.number().nullable(),
    joulesPerImage: z.number(),
    imagesPerJoule: z.number(),
  }),
  z.object({ kind: z.literal('not measured'), reason: z.string() }),
]);
export type EnergyRecord = z.infer<typeof energySchema>;
export type MeasuredEnergyRecord = Extract<EnergyRecord, { kind: 'measured' }>;

/** The machine at the time of a run, and the clocks that timed it. What the system does not tell is null. */
export const circumstancesSchema = z.object({
  /** Processes that wanted a core, averaged over the minute before the run. */
  load: z.number().nullable(),
  freeMemoryBytes: count,
  /** Linux's frequency governor of the first core. */
  governor: z.string().nullable(),
  /** Average over the cores, before the run. */
  cpuClockMhz: z.number().nullable(),
  /** `docker`, `podman` and the like; null where there is no sign of a container. */
  container: z.string().nullable(),
  /** The smallest step that the clock of the device's process showed, nanoseconds. */
  clockStepNs: z.number(),
});
export type Circumstances = z.infer<typeof circumstancesSchema>;

export const verdictSchema = z.object({
  valid: z.boolean(),
  /** Fewer images or less time than a full run: a fine look, no record. */
  quick: z.boolean(),
  /** Why it is invalid or quick, a sentence each. Empty for a full valid run. */
  reasons: z.array(z.string()),
});
export type Verdict = z.infer<typeof verdictSchema>;

export const runSchema = z.object({
  id: z.string(),
  startedAt: isoTime,
  finishedAt: isoTime,
  device: deviceRecordSchema,
  model: modelRecordSchema,
  dataset: datasetRecordSchema,
  precision: z.enum(PRECISIONS),
  batchSize: count,
  accuracy: z.object({ correct: count, total: count }),
  timing: timingSchema,
  /** Null in sessions of programs that did not measure it. */
  energy: energySchema.nullable(),
  /** Absent in sessions of programs that did not record them. */
  circumstances: circumstancesSchema.optional(),
  /** Absent is `accuracy`. */
  scenario: z.enum(SCENARIOS).optional(),
  /** Index in the test set of each prediction; null when it is 0, 1, 2, … */
  imageIndices: z.array(count).nullable(),
  /** Predicted class of each image, in the order of imageIndices. */
  predictions: z.array(count),
  /** True class of each image, in the same order. */
  labels: z.array(count),
  verdict: verdictSchema,
  kernels: z.object({
    /** Which implementation ran, in words: `portable fp32`. */
    variant: z.string(),
    sourceSha256: sha256.nullable(),
    buildOptions: z.string(),
  }),
});
export type Run = z.infer<typeof runSchema>;

export const failedRunSchema = z.object({
  deviceName: z.string(),
  modelId: z.string(),
  precision: z.enum(PRECISIONS),
  batchSize: count,
  at: isoTime,
  error: z.object({
    kind: z.string(),
    message: z.string(),
    where: z.string().nullable(),
    remedy: z.string().nullable(),
    details: z.string().nullable(),
  }),
  /** Images whose answers had reached the journal. */
  finishedImages: count,
  /** Those answers, in the form that a run has. Absent where there are none. */
  answers: z
    .object({ imageIndices: z.array(count).nullable(), predictions: z.array(count), labels: z.array(count) })
    .optional(),
});
export type FailedRun = z.infer<typeof failedRunSchema>;

export const machineSchema = z.object({
  operatingSystem: z.string(),
  cpu: z.string(),
  cores: count,
  memoryBytes: count,
});

export const sessionDocumentSchema = z.object({
  format: z.literal('bnn-workbench-session'),
  version: z.literal(SESSION_VERSION),
  id: z.string(),
  name: z.string(),
  createdAt: isoTime,
  program: z.object({ version: z.string(), commit: z.string().nullable() }),
  machine: machineSchema,
  /** The command line that repeats the session. */
  command: z.string(),
  runs: z.array(runSchema),
  failures: z.array(failedRunSchema),
});
export type SessionDocument = z.infer<typeof sessionDocumentSchema>;
