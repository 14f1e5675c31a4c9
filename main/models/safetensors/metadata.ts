/**
 * What the workbench writes into `__metadata__` of a model file (safetensors allows texts only):
 *
 *   format         bnn-workbench-model
 *   format_version 1
 *   mode           none, deterministic or stochastic
 *   dataset        id of the data set that it was trained on; missing where unknown
 *   topology       JSON of core/network/topology.ts
 *   packed         JSON: for each tensor whose weights are one bit each, its shape. Such a tensor is stored as
 *                  U8 [rows, bytes a row], laid out as BinaryTensor in core/network/model.ts says
 *   calibration    JSON of Calibration in core/network/model.ts; missing where there is none
 *   description, source_file, source_sha256   where the model came from
 *   data_sha256    of all bytes behind the header
 */
import { z } from 'zod';
import type { Calibration, Model, ModelOrigin } from '../../../core/network/model';
import { topologySchema } from '../../../core/network/topologies';
import { MODES, type Mode, type Topology } from '../../../core/network/topology';
import { refused } from '../refused';

export const FORMAT = 'bnn-workbench-model';
const FORMAT_VERSION = '1';

export interface ModelMetadata {
  mode: Mode;
  dataset: string | null;
  topology: Topology;
  /** Shapes of the packed tensors by name. */
  packed: ReadonlyMap<string, number[]>;
  calibration: Calibration | null;
  origin: ModelOrigin;
  dataSha256: string;
}

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'is no SHA-256');
const dimension = z
  .number()
  .int()
  .min(1)
  .max(2 ** 24);

const calibrationSchema = z.strictObject({
  dataset: z.string().max(100),
  images: z.number().int().positive(),
  seed: z.number().int(),
  steps: z.record(z.string().max(20), z.array(z.number().positive()).max(1000)),
  order: z
    .array(z.array(z.number().int().min(0).max(65535)).max(65536))
    .max(1000)
    .optional(),
});

/** JSON inside a text. */
function json<Schema extends z.ZodType>(schema: Schema) {
  return z
    .string()
    .max(1_000_000)
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'is no JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

const metadataSchema = z.object({
  format_version: z.literal(FORMAT_VERSION),
  mode: z.enum(MODES),
  dataset: z.string().max(100).optional(),
  topology: json(topologySchema),
  packed: json(z.record(z.string(), z.array(dimension).min(1).max(16))),
  calibration: json(calibrationSchema).optional(),
  description: z.string().max(10_000),
  source_file: z.string().max(1000),
  source_sha256: sha256,
  data_sha256: sha256,
});

/**
 * The workbench's own metadata, or null where another program wrote the file.
 * @throws WorkbenchError `refused-file` naming the field that is wrong
 */
export function parseMetadata(file: string, metadata: ReadonlyMap<string, string>): ModelMetadata | null {
  if (metadata.get('format') !== FORMAT) return null;
  const place = (field: string) => `__metadata__.${field}`;
  const version = metadata.get('format_version');
  if (version !== FORMAT_VERSION) {
    throw refused(file, place('format_version'), `it is of version ${version}`, 'Use a newer BNN Workbench.');
  }
  const result = metadataSchema.safeParse(Object.fromEntries(metadata));
  if (!result.success) {
    const issue = result.error.issues[0]!;
    throw refused(file, place(issue.path.join('.')), issue.message);
  }
  const { data } = result;
  return {
    mode: data.mode,
    dataset: data.dataset ?? null,
    topology: data.topology,
    packed: new Map(Object.entries(data.packed)),
    calibration: data.calibration ?? null,
    origin: {
      description: data.description,
      sourceFile: data.source_file,
      sourceSha256: data.source_sha256,
    },
    dataSha256: data.data_sha256,
  };
}

/** The inverse of {@link parseMetadata}; keys in a fixed order, so that equal models make equal files. */
export function formatMetadata(model: Model, dataSha256: string): Record<string, string> {
  const packed: Record<string, number[]> = {};
  for (const [name, tensor] of model.tensors) if (tensor.kind === 'binary') packed[name] = tensor.shape;
  return {
    format: FORMAT,
    format_version: FORMAT_VERSION,
    mode: model.mode,
    ...(model.dataset === null ? {} : { dataset: model.dataset }),
    topology: JSON.stringify(model.topology),
    packed: JSON.stringify(packed),
    ...(model.calibration === null ? {} : { calibration: JSON.stringify(model.calibration) }),
    description: model.origin.description,
    source_file: model.origin.sourceFile,
    source_sha256: model.origin.sourceSha256,
    data_sha256: dataSha256,
  };
}
