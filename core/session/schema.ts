/**
 * The session document: everything that was measured, readable by itself, with every raw sample needed to
 * redo its statistics. A newer program opens every older version; an older one refuses a newer document.
 * Units stand in the names: Ms, Ns, J, W, Bytes.
 */
import { z } from 'zod';
import { jobSchema } from '../contract/job';
import { PRECISIONS } from '../network/precision';
import { MODES } from '../network/topology';
import { SCENARIOS } from './scenario';

/** The version that this program writes. */
export const SESSION_VERSION = 1;

const count = z.number().int().nonnegative();

function isListOf(value: unknown, fits: (each: number) => boolean): value is number[] {
  if (!Array.isArray(value)) return false;
  for (let i = 0; i < value.length; i++) {
    const each: unknown = value[i];
    if (typeof each !== 'number' || !fits(each)) return false;
  }
  return true;
}

/**
 * Many numbers. Checked in one loop that ends at the first fault: a session of 500 runs holds ten million, and a
 * check or a fault of its own for each takes seconds.
 */
export const countsSchema = z.custom<number[]>(
  (value) => isListOf(value, (each) => Number.isSafeInteger(each) && each >= 0),
  'not a list of whole numbers from 0',
);

/** Beyond what anything measures, and near enough to 1 that ratios and squares of quantities stay finite. */
const LARGEST_QUANTITY = 1e60;
const SMALLEST_QUANTITY = 1e-60;

function isQuantity(value: number): boolean {
  const size = Math.abs(value);
  return size === 0 || (size >= SMALLEST_QUANTITY && size <= LARGEST_QUANTITY);
}

/** Something measured, in any unit. */
const quantity = z
  .number()
  .refine(isQuantity, `not a quantity: 0, or ${SMALLEST_QUANTITY} to ${LARGEST_QUANTITY} to either side`);

const quantitiesUpTo = (most: number) =>
  z.custom<number[]>(
    (value) => Array.isArray(value) && value.length <= most && isListOf(value, isQuantity),
    `not a list of at most ${most} quantities`,
  );
/** Of a run, at most: 10,000 of batches that repeat, or one for each batch of its test set. */
export const MOST_TIMES = 100_000;
const quantitiesSchema = quantitiesUpTo(MOST_TIMES);
/** A trace is thinned to 2,000 points before it is kept. Each point is held against each gap. */
const MOST_POWERS = 10_000;
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const isoTime = z.iso.datetime();

export const deviceRecordSchema = z.object({
  /** Stable across restarts: provider, platform, device, bus address. */
  id: z.string(),
  name: z.string(),
  platform: z.string(),
  type: z.enum(['cpu', 'gpu', 'fpga', 'fpga-emulator', 'accelerator', 'null']),
  driver: z.string(),
  /** What the platform calls itself: `OpenCL 3.0 PoCL 3.1`. Absent where it was not recorded. */
  platformVersion: z.string().optional(),
});
export type DeviceRecord = z.infer<typeof deviceRecordSchema>;

export const modelRecordSchema = z.object({
  id: z.string(),
  mode: z.enum(MODES),
  topology: z.string(),
  parameters: count,
  sha256,
  /** Of the scales of the integer precisions; null where the model has none, absent where it was not recorded. */
  scalesSha256: sha256.nullable().optional(),
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
  median: quantity,
  p90: quantity,
  samples: quantitiesSchema,
});
export type SampleSummary = z.infer<typeof sampleSummarySchema>;

/** The time of each step of a network on the device, from batches that were timed command by command. */
export const layerTimesSchema = z.object({
  batches: count,
  steps: z.array(
    z.object({
      /** What is computed: `conv2 + pool + batch norm + ReLU`, or the kernel's name. */
      name: z.string(),
      kind: z.enum(['upload', 'kernel', 'download']),
      medianMs: quantity,
      /** Over the batches, of the medians: 25 % and 75 %. */
      quartilesMs: z.tuple([quantity, quantity]),
    }),
  ),
  /** Median time of the same batches from the start of the first kernel to the end of the last one. */
  wholeMs: quantity,
  /** The sum of the kernels' medians; what it lacks to `wholeMs` passed between kernels. */
  kernelSumMs: quantity,
});
export type LayerTimes = z.infer<typeof layerTimesSchema>;

/** What measuring costs, from the same process as the run. Shown beside the times and never subtracted. */
export const overheadSchema = z.object({
  /** Median time that the clock shows around a batch of the null device: what our own loop adds to a batch. */
  nullDeviceUsPerBatch: quantity,
  /** Our own work between two batches of this run (gathering images, reading answers), which no time contains. */
  betweenBatchesUs: quantity,
  /** The smallest step of the device's event clock, as the driver states it; null where it has none. */
  deviceClockStepNs: quantity.nullable(),
  /**
   * End-to-end time of a batch with the profiling queue, divided by that without, from batches in turns; null where
   * it was not measured. Above 1 is what profiling costs.
   */
  profilingRatio: z.object({ ratio: quantity, low: quantity, high: quantity, pairs: count }).nullable(),
});
export type Overhead = z.infer<typeof overheadSchema>;

export const timingSchema = z.object({
  /**
   * From the start of the first kernel to the end of the last one, by event profiling, full batches only.
   * Null where the device reports no such time.
   */
  deviceMsPerBatch: sampleSummarySchema.nullable(),
  /** Host clock around upload, run and download, full batches only. */
  endToEndMsPerBatch: sampleSummarySchema,
  /** Compiling or loading the kernels. */
  buildMs: quantity,
  /** Packing and uploading the weights. */
  loadMs: quantity,
  /** The first batch, before warm-up. */
  firstRunMs: quantity,
  /** Absent unless they were asked for. */
  layers: layerTimesSchema.optional(),
  /** Absent in sessions of programs that did not measure it. */
  overhead: overheadSchema.optional(),
  /** When exactly the samples were taken, milliseconds since 1970: one span, or one a round of an interleaved run. */
  spans: z.object({ startMs: quantitiesSchema, endMs: quantitiesSchema }).optional(),
});
export type Timing = z.infer<typeof timingSchema>;

/**
 * The energy of exactly the window that was timed, as sensors saw it; or why there is none. A figure is never
 * made of what was not measured, and idle power is beside it, never subtracted.
 */
export const energySchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('measured'),
    joules: quantity,
    averageW: quantity,
    /** A bound: from the time between readings at both ends, and the sensor's stated accuracy. */
    uncertaintyJ: quantity,
    /** The sensor, for a person. */
    source: z.string(),
    origin: z.enum(['sensor', 'meter-log', 'typed-in']),
    scope: z.enum(['chip', 'package', 'board', 'wall']),
    /** The share of time that the sensor looks at, in (0, 1]. */
    duty: quantity,
    windowMs: quantity,
    /** How many readings lie within the window. */
    readings: count,
    /** Average over about a second before the device's process started; null where it is not known. */
    idleBeforeW: quantity.nullable(),
    /** The same after the process had ended. */
    idleAfterW: quantity.nullable(),
    joulesPerImage: quantity,
    imagesPerJoule: quantity,
  }),
  z.object({ kind: z.literal('not measured'), reason: z.string() }),
]);
export type EnergyRecord = z.infer<typeof energySchema>;
export type MeasuredEnergyRecord = Extract<EnergyRecord, { kind: 'measured' }>;

/** What the sensor of a run told over time, for a picture; the energy is computed from the same readings. */
export const powerTraceSchema = z.object({
  source: z.string(),
  origin: z.enum(['sensor', 'meter-log', 'typed-in']),
  scope: z.enum(['chip', 'package', 'board', 'wall']),
  /** The time that the others are relative to, milliseconds since 1970. */
  zeroMs: quantity,
  /** Ascending; before 0 is the idle time before the run. */
  atMs: quantitiesUpTo(MOST_POWERS),
  /** At that time; of an energy counter, on average since the reading before. As long as `atMs`. */
  watts: quantitiesUpTo(MOST_POWERS),
  /** Where the sensor said nothing that could be used. */
  gaps: z.array(z.object({ startMs: quantity, endMs: quantity })).max(MOST_POWERS),
});
export type PowerTrace = z.infer<typeof powerTraceSchema>;

/** A job asks for 256 at most. */
const MOST_DRAWS = 10_000;

/**
 * Answers with drawn weights of a stochastically binarized model, beside those of the run, which has the sign of each
 * weight as the published inference does. An extra of the workbench.
 */
export const samplingSchema = z.object({
  /**
   * How a weight became +1 with probability p. `latent`: p = clip((w/T + 1)/2, 0, 1) of the stored real weight w.
   * `sign`: only its sign s is stored, p = clip((s/T + 1)/2, 0, 1).
   */
  rule: z.enum(['latent', 'sign']),
  /** T */
  temperature: quantity.positive(),
  seed: count,
  /** SHA-256 of the file with the real weights; null where there was none. */
  latentSha256: sha256.nullable(),
  /** Right answers of each draw, of all images of the run. */
  correct: countsSchema.refine(({ length }) => length > 0 && length <= MOST_DRAWS, 'no number of draws'),
  /** Classes by the logits averaged over the draws, which order them as averaged log-probabilities do. */
  averagedPredictions: countsSchema,
  averagedCorrect: count,
});
export type Sampling = z.infer<typeof samplingSchema>;

/** A run whose samples were taken in turns with other runs of its session, so that drift fell on all alike. */
export const interleavingSchema = z.object({
  /** The same for all runs that took turns. */
  group: z.string(),
  /** How many of the samples, in their order, belong to each round. */
  batchesPerRound: countsSchema,
});
export type Interleaving = z.infer<typeof interleavingSchema>;

/** The machine at the time of a run, and the clocks that timed it. What the system does not tell is null. */
export const circumstancesSchema = z.object({
  /** Processes that wanted a core, averaged over the minute before the run. */
  load: quantity.nullable(),
  freeMemoryBytes: count,
  /** Linux's frequency governor of the first core. */
  governor: z.string().nullable(),
  /** Average over the cores, before the run. */
  cpuClockMhz: quantity.nullable(),
  /** `docker`, `podman` and the like; null where there is no sign of a container. */
  container: z.string().nullable(),
  /** The smallest step that the clock of the device's process showed, nanoseconds. */
  clockStepNs: quantity,
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

/** Which of its session's planned runs it is, from 0. Absent in sessions of programs that did not keep their plan. */
const cell = count.optional();
export const machineSchema = z.object({
  operatingSystem: z.string(),
  cpu: z.string(),
  cores: count,
  memoryBytes: count,
});
export type Machine = z.infer<typeof machineSchema>;

/** Where a run of a merged session was measured. */
export const originSchema = z.object({
  sessionId: z.string(),
  sessionName: z.string(),
  runId: z.string(),
  machine: machineSchema,
});

export const runSchema = z.object({
  id: z.string(),
  cell,
  startedAt: isoTime,
  finishedAt: isoTime,
  device: deviceRecordSchema,
  model: modelRecordSchema,
  dataset: datasetRecordSchema,
  precision: z.enum(PRECISIONS),
  batchSize: count.min(1),
  accuracy: z.object({ correct: count, total: count }),
  timing: timingSchema,
  /** Null in sessions of programs that did not measure it. */
  energy: energySchema.nullable(),
  /** Absent in sessions of programs that did not record them. */
  circumstances: circumstancesSchema.optional(),
  /** Absent where there was no sensor. */
  power: powerTraceSchema.optional(),
  /** Absent is `accuracy`. The runs of scenario `sweep` with the same device, model and precision are one sweep. */
  scenario: z.enum(SCENARIOS).optional(),
  /** Absent for a run that was made on its own. */
  interleaving: interleavingSchema.optional(),
  /** Absent unless the weights were drawn. */
  sampling: samplingSchema.optional(),
  /** Index in the test set of each prediction; null when it is 0, 1, 2, … */
  imageIndices: countsSchema.nullable(),
  /** Predicted class of each image, in the order of imageIndices. */
  predictions: countsSchema,
  /** True class of each image, in the same order. */
  labels: countsSchema,
  verdict: verdictSchema,
  kernels: z.object({
    /** Which implementation ran, in words: `portable fp32`. */
    variant: z.string(),
    sourceSha256: sha256.nullable(),
    buildOptions: z.string(),
  }),
  /** Absent where the run was measured in this very session. */
  origin: originSchema.optional(),
});
export type Run = z.infer<typeof runSchema>;

export const failedRunSchema = z.object({
  cell,
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
    .object({ imageIndices: countsSchema.nullable(), predictions: countsSchema, labels: countsSchema })
    .optional(),
});
export type FailedRun = z.infer<typeof failedRunSchema>;

/** What a person writes on a session. */
export const labellingSchema = z.object({
  name: z.string().max(200),
  tags: z.array(z.string().min(1).max(40)).max(40),
  note: z.string().max(20_000),
});
export type Labelling = z.infer<typeof labellingSchema>;

/**
 * So many runs are in one session at most: those of a thousand whole test sets can still be read again. What a file
 * says to have planned is counted one by one, so it must not say any number.
 */
export const MOST_RUNS_OF_A_JOB = 1000;

/** What a session's job shall run, so that one that was interrupted can go on. */
export const planSchema = z.object({ job: jobSchema, runs: count.max(MOST_RUNS_OF_A_JOB) });
export type SessionPlan = z.infer<typeof planSchema>;

export const sessionDocumentSchema = z.object({
  format: z.literal('bnn-workbench-session'),
  version: z.literal(SESSION_VERSION),
  id: z.string(),
  name: z.string(),
  /** Absent where there are none. */
  tags: labellingSchema.shape.tags.optional(),
  note: labellingSchema.shape.note.optional(),
  createdAt: isoTime,
  program: z.object({ version: z.string(), commit: z.string().nullable() }),
  machine: machineSchema,
  /** The command line that repeats the session. */
  command: z.string(),
  /** Absent in sessions of programs that did not keep it. */
  plan: planSchema.optional(),
  runs: z.array(runSchema),
  failures: z.array(failedRunSchema),
});
export type SessionDocument = z.infer<typeof sessionDocumentSchema>;
