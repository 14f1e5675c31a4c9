import { z } from 'zod';
import { PRECISIONS } from '../network/precision';
import { SCENARIOS, type Scenario } from '../session/scenario';

/** Power that no sensor of the machine tells. */
export const givenPowerSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('typed-in'),
    watts: z.number().positive(),
    scope: z.enum(['chip', 'package', 'board', 'wall']),
  }),
  z.object({
    kind: z.literal('meter-log'),
    /** A CSV with the columns time and watts, which the meter's program writes while the job runs. */
    path: z.string().min(1),
    scope: z.enum(['chip', 'package', 'board', 'wall']),
    /** How far the meter's clock is ahead of the machine's. */
    clockAheadMs: z.number(),
  }),
]);
export type GivenPower = z.infer<typeof givenPowerSchema>;

/** Draws of the weights of a stochastically binarized model; see `samplingSchema` of the session. */
export const samplingRequestSchema = z.object({
  draws: z.number().int().min(1).max(256),
  temperature: z.number().positive().max(100),
});
/** Of the draws, where none is given. */
export const DEFAULT_TEMPERATURE = 0.25;
export type SamplingRequest = z.infer<typeof samplingRequestSchema>;

/** What a face asks the host to run: devices x models x precisions x batch sizes, one after another. */
export const jobSchema = z.object({
  deviceIds: z.array(z.string()).min(1),
  /** Ids of bundled models or paths of model files. */
  models: z.array(z.string()).min(1),
  /** `mnist`, `cifar10`, a folder, or null: the one that each model was trained on. */
  dataset: z.string().nullable(),
  precisions: z.array(z.enum(PRECISIONS)).min(1),
  batchSizes: z.array(z.number().int().min(1).max(65536)).min(1),
  /** Leave out the runs that cannot be, as far as that is known before (`hindranceOf`); else each is tried and fails. */
  onlyPossible: z.boolean().optional(),
  /** How many test images; null for all. */
  samples: z.number().int().min(1).nullable(),
  /** Draws and orders the images of a run with fewer than all. */
  seed: z.number().int().min(0).max(0xffffffff),
  /** What the runs are for; `accuracy` where it is left out. */
  scenario: z.enum(SCENARIOS).optional(),
  /** Lower floors and a short cap for scenarios that repeat: a look, labelled as such. */
  quick: z.boolean().optional(),
  /** Whether the runs take turns (A B A B), so that drift falls on all alike; left out, all scenarios but `accuracy` do. */
  interleave: z.boolean().optional(),
  /** How long the machine rests before each run is prepared; 0 where it is left out. */
  coolDownMs: z.number().int().min(0).max(600_000).optional(),
  /** Also time each step of the network, after the run. */
  layers: z.boolean().optional(),
  /** Draw the weights; only for models of mode `stochastic`. */
  sampling: samplingRequestSchema.optional(),
  /** Used in place of the machine's sensors. */
  power: givenPowerSchema.optional(),
  /** Name of the session; null for one made from date and devices. */
  sessionName: z.string().max(200).nullable(),
});
export type Job = z.infer<typeof jobSchema>;

/** One cell of a job's matrix. */
export interface RunRequest {
  deviceId: string;
  model: string;
  dataset: string | null;
  precision: (typeof PRECISIONS)[number];
  batchSize: number;
  samples: number | null;
  seed: number;
  /** `accuracy` where it is left out. */
  scenario?: Scenario | undefined;
  quick?: boolean | undefined;
  layers?: boolean | undefined;
  sampling?: SamplingRequest | undefined;
}
