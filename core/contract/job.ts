import { z } from 'zod';
import { PRECISIONS } from '../network/precision';
import { SCENARIOS, type Scenario } from '../session/scenario';

/** What a face asks the host to run: devices x models x precisions x batch sizes, one after another. */
export const jobSchema = z.object({
  deviceIds: z.array(z.string()).min(1),
  /** Ids of bundled models or paths of model files. */
  models: z.array(z.string()).min(1),
  /** `mnist`, `cifar10`, a folder, or null: the one that each model was trained on. */
  dataset: z.string().nullable(),
  precisions: z.array(z.enum(PRECISIONS)).min(1),
  batchSizes: z.array(z.number().int().min(1).max(65536)).min(1),
  /** How many test images; null for all. */
  samples: z.number().int().min(1).nullable(),
  /** Draws and orders the images of a run with fewer than all. */
  seed: z.number().int().min(0).max(0xffffffff),
  /** What the runs are for; `accuracy` where it is left out. */
  scenario: z.enum(SCENARIOS).optional(),
  /** Lower floors and a short cap for scenarios that repeat: a look, labelled as such. */
  quick: z.boolean().optional(),
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
}
