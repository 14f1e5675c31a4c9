/**
 * A plan as an ONNX model, in memory. Input `images`: raw bytes [batch][height][width][channels]; output `logits`:
 * float [batch][classes]. The first nodes normalize, as every other device does for itself.
 *
 * Scale and shift are folded into the weights wherever that leaves the function unchanged: always for a linear
 * step; for a convolution if nothing is pooled, or no scale is negative (then the maximum commutes with it).
 */
import protobuf from 'protobufjs/light';
import { unreachable, WorkbenchError } from '../errors';
import { realValues } from './binaryWeights';
import { ATTRIBUTE_TYPE, DATA_TYPE, ONNX_SCHEMA } from './onnxSchema';
import type { AffineStep, ConvolutionStep, LinearStep, Plan, PoolStep } from './plan';
import type { Shape } from './topology';

export const ONNX_INPUT = 'images';
export const ONNX_OUTPUT = 'logits';

const IR_VERSION = 8;
const OPERATOR_SET = 13;
/** Protocol buffers know no longer message. */
const MAX_MESSAGE_BYTES = 2 ** 31 - 1;

/**
 * @param batchSize images in every run of the model
 * @throws WorkbenchError `unsupported` where the weights do not fit one ONNX file
 */
export function exportOnnx(plan: Plan, batchSize: number): Uint8Array {
  const graph = new Graph(batchSize);
  normalize(graph, plan);
  for (const step of plan.steps) {
    switch (step.kind) {
      case 'linear':
        linear(graph, step);
        break;
      case 'convolution':
        convolution(graph, step);
        break;
      case 'pool':
        maxPool(graph, step.input, step);
        break;
      case 'affine':
        graph.reshapeTo([batchSize, step.input.channels, step.input.height, step.input.width]);
        affine(graph, step);
        break;
      default:
        unreachable(step);
    }
  }
  graph.reshapeTo([batchSize, plan.classes]);
  return graph.encode(plan);
}

/** (byte / 255 - mean) / deviation as byte * factor + offset, then channels first. */
function normalize(graph: Graph, { input, normalization }: Plan): void {
  const { mean, deviation } = normalization;
  const factor = Float32Array.from(deviation, (d) => 1 / (255 * d));
  const offset = Float32Array.from(deviation, (d, c) => -mean[c]! / d);
  graph.add('Cast', [], { to: DATA_TYPE.float });
  graph.add('Mul', [graph.floats([input.channels], factor)]);
  graph.add('Add', [graph.floats([input.channels], offset)]);
  graph.add('Transpose', [], { perm: [0, 3, 1, 2] });
  graph.shape = [graph.batchSize, input.channels, input.height, input.width];
}

function linear(graph: Graph, step: LinearStep): void {
  const { inputs, outputs } = step;
  graph.reshapeTo([graph.batchSize, inputs]);
  const weights = graph.floats([outputs, inputs], scaledRows(step));
  graph.add('Gemm', [weights, graph.floats([outputs], step.shift)], { transB: 1 });
  if (step.relu) graph.add('Relu');
  graph.shape = [graph.batchSize, outputs];
}

function convolution(graph: Graph, step: ConvolutionStep): void {
  const { input, convolved, output, kernelHeight, kernelWidth, stride, padding, pool } = step;
  const folded = pool === null || step.scale.every((scale) => scale >= 0);
  const weightShape = [output.channels, input.channels, kernelHeight, kernelWidth];
  const weights = graph.floats(weightShape, folded ? scaledRows(step) : realValues(step.weights));
  const bias = folded ? [graph.floats([output.channels], step.shift)] : [];

  graph.reshapeTo([graph.batchSize, input.channels, input.height, input.width]);
  graph.add('Conv', [weights, ...bias], {
    kernel_shape: [kernelHeight, kernelWidth],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
  });
  if (folded && step.relu) graph.add('Relu');
  graph.shape = [graph.batchSize, convolved.channels, convolved.height, convolved.width];
  if (pool !== null) maxPool(graph, convolved, { ...pool, output });
  if (!folded) affine(graph, step);
}

function maxPool(
  graph: Graph,
  input: Shape,
  { size, stride, output }: Pick<PoolStep, 'size' | 'stride' | 'output'>,
): void {
  graph.reshapeTo([graph.batchSize, input.channels, input.height, input.width]);
  graph.add('MaxPool', [], { kernel_shape: [size, size], strides: [stride, stride] });
  graph.shape = [graph.batchSize, output.channels, output.height, output.width];
}

/** scale * x + shift for each channel of channels x height x width. */
function affine(graph: Graph, { scale, shift, relu }: Pick<AffineStep, 'scale' | 'shift' | 'relu'>): void {
  graph.add('Mul', [graph.floats([scale.length, 1, 1], scale)]);
  graph.add('Add', [graph.floats([shift.length, 1, 1], shift)]);
  if (relu) graph.add('Relu');
}

/** The weights of each output, times its scale. */
function scaledRows({ weights, scale }: LinearStep | ConvolutionStep): Float32Array {
  const values = realValues(weights);
  const rowLength = values.length / scale.length;
  return values.map((weight, i) => weight * scale[Math.floor(i / rowLength)]!);
}

interface Node {
  name: string;
  opType: string;
  input: string[];
  output: string[];
  attribute: object[];
}

interface Constant {
  name: string;
  dataType: number;
  dims: number[];
  rawData: Uint8Array;
}

/** A chain of nodes: each takes the output of the one before, and constants. */
class Graph {
  /** Of the current value. */
  shape: number[] = [];
  private current = ONNX_INPUT;
  private readonly nodes: Node[] = [];
  private readonly constants: Constant[] = [];

  constructor(readonly batchSize: number) {}

  add(opType: string, constants: string[] = [], attributes: Record<string, number | number[]> = {}): void {
    const name = `${opType}${this.nodes.length}`;
    const attribute = Object.entries(attributes).map(([key, value]) =>
      typeof value === 'number'
        ? { name: key, i: value, type: ATTRIBUTE_TYPE.int }
        : { name: key, ints: value, type: ATTRIBUTE_TYPE.ints },
    );
    this.nodes.push({ name, opType, input: [this.current, ...constants], output: [name], attribute });
    this.current = name;
  }

  /** Adds a Reshape if the current value has another shape. */
  reshapeTo(shape: number[]): void {
    if (shape.length === this.shape.length && shape.every((size, i) => size === this.shape[i])) return;
    const sizes = BigInt64Array.from(shape, BigInt);
    this.add('Reshape', [this.constant(DATA_TYPE.int64, [shape.length], sizes)]);
    this.shape = shape;
  }

  /** Adds a constant and returns its name. */
  floats(dims: number[], values: Float32Array): string {
    return this.constant(DATA_TYPE.float, dims, values);
  }

  private constant(dataType: number, dims: number[], values: Float32Array | BigInt64Array): string {
    const name = `constant${this.constants.length}`;
    const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.constants.push({ name, dataType, dims, rawData });
    return name;
  }

  encode({ input, classes }: Plan): Uint8Array {
    const bytes = this.constants.reduce((sum, { rawData }) => sum + rawData.length, 0);
    if (bytes > MAX_MESSAGE_BYTES) {
      throw new WorkbenchError('unsupported', `The weights have ${bytes} bytes; an ONNX file holds 2 GB.`, {
        remedy: 'Choose another device for this model.',
      });
    }
    const { batchSize } = this;
    this.nodes[this.nodes.length - 1]!.output = [ONNX_OUTPUT];
    const graph = {
      name: 'plan',
      node: this.nodes,
      initializer: this.constants,
      input: [value(ONNX_INPUT, DATA_TYPE.uint8, [batchSize, input.height, input.width, input.channels])],
      output: [value(ONNX_OUTPUT, DATA_TYPE.float, [batchSize, classes])],
    };
    const model = {
      irVersion: IR_VERSION,
      producerName: 'BNN Workbench',
      opsetImport: [{ domain: '', version: OPERATOR_SET }],
      graph,
    };
    const type = protobuf.Root.fromJSON(ONNX_SCHEMA).lookupType('ModelProto');
    return type.encode(type.create(model)).finish();
  }
}

function value(name: string, elemType: number, shape: number[]): object {
  const dim = shape.map((dimValue) => ({ dimValue }));
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}
