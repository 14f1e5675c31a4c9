/**
 * The two published networks, how they are recognized in a file of tensors, and the JSON description of any
 * other chain of the same layers.
 *
 * A description is a {@link Topology} as JSON, with a few optional words:
 *
 *   {
 *     "id": "my-net", "classes": 10, "dataset": "mnist", "mode": "deterministic",
 *     "input": { "channels": 1, "height": 28, "width": 28 },
 *     "normalization": { "mean": [0.5], "deviation": [0.5] },
 *     "layers": [
 *       { "kind": "convolution", "name": "conv", "inputs": 1, "outputs": 8, "kernelHeight": 3,
 *         "kernelWidth": 3, "stride": 1, "padding": 1, "binary": true, "bias": false },
 *       { "kind": "maxPool", "size": 2, "stride": 2 },
 *       { "kind": "batchNorm", "name": "bn", "channels": 8, "epsilon": 1e-5 },
 *       { "kind": "relu" }, { "kind": "flatten" },
 *       { "kind": "linear", "name": "out", "inputs": 1568, "outputs": 10, "binary": false }
 *     ]
 *   }
 *
 * `bias: false` says that the file has no bias (it is zero then), `affine: false` that a batch norm has no
 * weight and bias (one and zero). `binary` says which layers were trained with binarized weights. `name` is
 * the tensors' prefix in the file, without DataParallel's `module.`.
 */
import { z } from 'zod';
import { unreachable, WorkbenchError } from '../errors';
import { layerShapes } from './shapes';
import { type BatchNormLayer, type Layer, MODES, type Mode, type Topology } from './topology';

/** Bounds that keep every product of four sizes exact in a double and every network in reach of a machine. */
const size = z.number().int().min(1).max(65536);
const name = z.string().regex(/^[\w.-]{1,200}$/, 'may hold letters, digits, and . _ - only');

const linear = z.strictObject({
  kind: z.literal('linear'),
  name,
  inputs: size.max(1 << 24),
  outputs: size,
  binary: z.boolean(),
});
const convolution = z.strictObject({
  kind: z.literal('convolution'),
  name,
  inputs: size,
  outputs: size,
  kernelHeight: size.max(255),
  kernelWidth: size.max(255),
  stride: size.max(255),
  padding: z.number().int().min(0).max(255),
  binary: z.boolean(),
});
const maxPool = z.strictObject({ kind: z.literal('maxPool'), size: size.max(255), stride: size.max(255) });
const batchNorm = z.strictObject({
  kind: z.literal('batchNorm'),
  name,
  channels: size.max(1 << 24),
  epsilon: z.number().positive().max(1),
});
const relu = z.strictObject({ kind: z.literal('relu') });
const flatten = z.strictObject({ kind: z.literal('flatten') });

const chain = {
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,99}$/, 'may hold small letters, digits, and . - only'),
  input: z.strictObject({ channels: size, height: size, width: size }),
  normalization: z.strictObject({
    mean: z.array(z.number()).min(1).max(65536),
    deviation: z.array(z.number().positive()).min(1).max(65536),
  }),
  classes: size,
};

/** A topology as it stands in a model file. Shapes are consistent from the input to the classes. */
export const topologySchema = z
  .strictObject({
    ...chain,
    layers: z
      .array(z.discriminatedUnion('kind', [linear, convolution, maxPool, batchNorm, relu, flatten]))
      .min(1)
      .max(1000),
  })
  .superRefine(refuseBrokenChain);

const descriptionSchema = z
  .strictObject({
    ...chain,
    mode: z.enum(MODES).optional(),
    dataset: z.string().min(1).max(100).optional(),
    layers: z
      .array(
        z.discriminatedUnion('kind', [
          linear.extend({ bias: z.boolean().default(true) }),
          convolution.extend({ bias: z.boolean().default(true) }),
          maxPool,
          batchNorm.extend({ affine: z.boolean().default(true) }),
          relu,
          flatten,
        ]),
      )
      .min(1)
      .max(1000),
  })
  .superRefine(refuseBrokenChain);

export interface TopologyDescription {
  topology: Topology;
  /** Null where the description leaves it to the weights. */
  mode: Mode | null;
  dataset: string | null;
  /** Tensors that the file does not hold, and the number of which each consists. */
  constants: ReadonlyMap<string, number>;
}

/**
 * Checks a description that a person wrote (already parsed from JSON).
 * @throws WorkbenchError `refused-file` naming the first field that is wrong
 */
export function parseTopologyDescription(json: unknown, where: string): TopologyDescription {
  const result = descriptionSchema.safeParse(json);
  if (!result.success) {
    const issue = result.error.issues[0]!;
    throw new WorkbenchError('refused-file', `The network's description is wrong: ${issue.message}`, {
      where: `${where}: ${issue.path.join('.') || 'the whole'}`,
      remedy: 'Correct this field; docs and an example stand at the head of core/network/topologies.ts.',
    });
  }
  const { mode, dataset, ...described } = result.data;
  const constants = new Map<string, number>();
  const layers = described.layers.map((layer): Layer => {
    switch (layer.kind) {
      case 'linear':
      case 'convolution': {
        const { bias, ...plain } = layer;
        if (!bias) constants.set(`${layer.name}.bias`, 0);
        return plain;
      }
      case 'batchNorm': {
        const { affine, ...plain } = layer;
        if (!affine) constants.set(`${layer.name}.weight`, 1).set(`${layer.name}.bias`, 0);
        return plain;
      }
      case 'maxPool':
      case 'relu':
      case 'flatten':
        return layer;
      default:
        return unreachable(layer);
    }
  });
  return { topology: { ...described, layers }, mode: mode ?? null, dataset: dataset ?? null, constants };
}

function refuseBrokenChain(topology: Topology, context: z.RefinementCtx): void {
  const complain = (message: string, ...path: (string | number)[]) =>
    context.addIssue({ code: 'custom', message, path });
  const { input, normalization, layers } = topology;
  if (normalization.mean.length !== input.channels || normalization.deviation.length !== input.channels) {
    complain(`needs one mean and one deviation for each of ${input.channels} channels`, 'normalization');
  }
  const names = new Set<string>();
  for (const [index, layer] of layers.entries()) {
    if (!('name' in layer)) continue;
    if (names.has(layer.name)) complain(`the name ${layer.name} is used twice`, 'layers', index);
    names.add(layer.name);
  }
  try {
    layerShapes(topology);
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
    complain(error.message, 'layers');
  }
}

/** Every tensor that a network of this topology has, and its shape. */
export function tensorShapes(topology: Topology): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  for (const layer of topology.layers) {
    switch (layer.kind) {
      case 'linear':
        shapes.set(`${layer.name}.weight`, [layer.outputs, layer.inputs]);
        shapes.set(`${layer.name}.bias`, [layer.outputs]);
        break;
      case 'convolution':
        shapes.set(`${layer.name}.weight`, [
          layer.outputs,
          layer.inputs,
          layer.kernelHeight,
          layer.kernelWidth,
        ]);
        shapes.set(`${layer.name}.bias`, [layer.outputs]);
        break;
      case 'batchNorm':
        for (const part of BATCH_NORM_PARTS) shapes.set(`${layer.name}.${part}`, [layer.channels]);
        break;
      case 'maxPool':
      case 'relu':
      case 'flatten':
        break;
      default:
        unreachable(layer);
    }
  }
  return shapes;
}

const BATCH_NORM_PARTS = ['weight', 'bias', 'running_mean', 'running_var'] as const;

const relu1: Layer = { kind: 'relu' };
const pool2: Layer = { kind: 'maxPool', size: 2, stride: 2 };

function linearLayer(index: number, inputs: number, outputs: number, binary = true): Layer {
  return { kind: 'linear', name: `fc${index}`, inputs, outputs, binary };
}

/** PyTorch's default epsilon, which the published networks use. */
function batchNormLayer(index: number, channels: number): BatchNormLayer {
  return { kind: 'batchNorm', name: `bn${index}`, channels, epsilon: 1e-5 };
}

function convolutionLayer(index: number, inputs: number, outputs: number): Layer {
  const window = { kernelHeight: 3, kernelWidth: 3, stride: 1, padding: 1 };
  return { kind: 'convolution', name: `conv${index}`, inputs, outputs, ...window, binary: true };
}

/** 784-1000-500-10 for MNIST (arXiv 1905.06105, section III). */
const MNIST: Topology = {
  id: 'mnist-784-1000-500-10',
  input: { channels: 1, height: 28, width: 28 },
  normalization: { mean: [0.5], deviation: [0.5] },
  classes: 10,
  layers: [
    { kind: 'flatten' },
    ...[linearLayer(0, 784, 1000), batchNormLayer(0, 1000), relu1],
    ...[linearLayer(1, 1000, 500), batchNormLayer(1, 500), relu1],
    linearLayer(2, 500, 10, false),
  ],
};

/** 128-128-P-256-256-P-512-512-P-1024-1024-10 for CIFAR-10 (arXiv 1905.06105, section III). */
const CIFAR10: Topology = {
  id: 'cifar10-vgg',
  input: { channels: 3, height: 32, width: 32 },
  normalization: { mean: [0.4914, 0.4822, 0.4465], deviation: [0.2023, 0.1994, 0.201] },
  classes: 10,
  layers: [
    ...[convolutionLayer(0, 3, 128), batchNormLayer(0, 128), relu1],
    ...[convolutionLayer(1, 128, 128), pool2, batchNormLayer(1, 128), relu1],
    ...[convolutionLayer(2, 128, 256), batchNormLayer(2, 256), relu1],
    ...[convolutionLayer(3, 256, 256), pool2, batchNormLayer(3, 256), relu1],
    ...[convolutionLayer(4, 256, 512), batchNormLayer(4, 512), relu1],
    ...[convolutionLayer(5, 512, 512), pool2, batchNormLayer(5, 512), relu1],
    { kind: 'flatten' },
    ...[linearLayer(6, 8192, 1024), batchNormLayer(6, 1024), relu1],
    ...[linearLayer(7, 1024, 1024), batchNormLayer(7, 1024), relu1],
    linearLayer(8, 1024, 10, false),
  ],
};

/** The networks of the paper, with `binary` as they were published: all but the last layer. */
export const PUBLISHED: readonly TopologyDescription[] = [
  { topology: MNIST, mode: null, dataset: 'mnist', constants: new Map() },
  { topology: CIFAR10, mode: null, dataset: 'cifar10', constants: new Map() },
];

/**
 * Recognizes a published network by the names and shapes of its tensors.
 * @param shapes every tensor of the file; a `module.` prefix is removed already
 * @returns null where no published network has exactly these tensors
 */
export function recognizeTopology(
  shapes: ReadonlyMap<string, readonly number[]>,
): TopologyDescription | null {
  return PUBLISHED.find(({ topology }) => firstDifference(topology, shapes) === null) ?? null;
}

/**
 * What keeps a file's tensors from being those of a topology, in words; null where they are the same.
 * Batch norm's `num_batches_tracked` counts training steps and is left out of account.
 */
export function firstDifference(
  topology: Topology,
  shapes: ReadonlyMap<string, readonly number[]>,
  constants: ReadonlyMap<string, number> = new Map(),
): string | null {
  const expected = tensorShapes(topology);
  for (const [name, shape] of expected) {
    const got = shapes.get(name);
    if (constants.has(name)) {
      if (got) return `${name} is there, where the description says that it is not`;
    } else if (!got) {
      return `${name} is missing`;
    } else if (got.length !== shape.length || got.some((length, axis) => length !== shape[axis])) {
      return `${name} has the shape [${got.join(', ')}] instead of [${shape.join(', ')}]`;
    }
  }
  for (const name of shapes.keys()) {
    if (!expected.has(name) && !name.endsWith('.num_batches_tracked')) {
      return `${name} belongs to no layer`;
    }
  }
  return null;
}
