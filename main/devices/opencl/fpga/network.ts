/** A chain of kernels on a device: buffers, arguments, and the list of launches that takes a batch through it. */
import type { IntegerPlan } from '../../../../core/network/quantization';
import { elements } from '../../../../core/network/shapes';
import type { Buffer, Command, Context, Kernel, KernelArgument, Program, Queue } from '../../../../native';
import type { PreparedKernels } from '../family';
import { Holdings } from '../holdings';
import type { IntegerLayer } from '../integer/layers';
import type { Activation } from '../integer/network';
import type { Chain, ChainKernel } from './design';
import { inputTable, lastOperands, layerOperands } from './operands';
import type { SourceOptions } from './source';

/**
 * - `at once`: each kernel in a queue of its own, all running together, as on a board. Streams may be short.
 * - `one after another`: each kernel starts when the one before it has ended; streams hold the whole batch.
 */
export type Schedule = 'at once' | 'one after another';

export interface ChainSetting {
  context: Context;
  /** Weights go up through it. */
  queue: Queue;
  program: Program;
  plan: IntegerPlan;
  layers: readonly IntegerLayer[];
  chain: Chain;
  source: SourceOptions;
  schedule: Schedule;
  batchSize: number;
  variant: string;
}

export interface ChainNetwork extends PreparedKernels {
  /** Of each hidden layer, its whole batch; empty unless its kernels are tapped or its streams are arrays. */
  readonly activations: Activation[];
}

/** Takes over the program: it is released with the network, also where this throws. */
export function assembleChain(setting: ChainSetting): ChainNetwork {
  const held = new Holdings();
  held.keep(setting.program);
  try {
    return { ...new ChainAssembler(setting, held).assemble(), release: () => held.release() };
  } catch (error) {
    held.release();
    throw error;
  }
}

class ChainAssembler {
  private readonly streams = new Map<string, Buffer>();
  private readonly taps = new Map<number, Buffer>();
  private readonly input: Buffer;
  private readonly logits: Buffer;

  constructor(
    private readonly setting: ChainSetting,
    private readonly held: Holdings,
  ) {
    const { plan, batchSize, chain, layers, source } = setting;
    this.input = this.buffer(batchSize * elements(plan.input));
    this.logits = this.buffer(batchSize * plan.last.classes * Float32Array.BYTES_PER_ELEMENT);
    if (source.dialect === 'arrays') {
      for (const { out } of chain.kernels)
        if (out) this.streams.set(out.name, this.buffer(batchSize * out.elements));
    }
    if (source.tapped) {
      layers.forEach(({ output }, index) => {
        this.taps.set(index, this.buffer(batchSize * elements(output)));
      });
    }
  }

  assemble(): Omit<ChainNetwork, 'release'> {
    const { chain, layers, schedule, source, variant } = this.setting;
    const commands = chain.kernels.map((kernel, index): Command => {
      const queue =
        source.dialect === 'arrays' ? {} : { queue: this.held.keep(this.setting.context.createQueue()) };
      const beside = schedule === 'at once' && index > 0;
      return { kind: 'kernel', kernel: this.kernel(kernel), global: [1], local: [1], ...queue, beside };
    });
    const activations = layers.flatMap((layer, index) => {
      const stream = chain.kernels.find((kernel) => kernel.layer === index)?.out;
      const buffer = this.taps.get(index) ?? (stream && this.streams.get(stream.name));
      return buffer ? [activation(layer, buffer)] : [];
    });
    return { variant, input: this.input, logits: this.logits, commands, activations };
  }

  private kernel(description: ChainKernel): Kernel {
    const kernel = this.held.keep(this.setting.program.createKernel(description.name));
    const { in: input, out } = description;
    const streams = [input, out].flatMap((stream) => {
      const buffer = stream && this.streams.get(stream.name);
      return buffer ? [buffer] : [];
    });
    kernel.setArguments([{ int: this.setting.batchSize }, ...this.operands(description), ...streams]);
    return kernel;
  }

  /** Between the number of images and the streams. */
  private operands({ kind, layer }: ChainKernel): KernelArgument[] {
    const { plan, layers, chain } = this.setting;
    if (kind === 'loader') return [this.input, this.upload(inputTable(plan))];
    if (kind === 'widths') return [];
    if (kind === 'last') {
      const { height, width } = layers.at(-1)!.output;
      const { weights, scale, bias } = lastOperands(plan.last, chain.last, height * width);
      return [{ float: scale }, this.upload(bytesOf(weights)), this.upload(bytesOf(bias)), this.logits];
    }
    const { weights, requantization } = layerOperands(layers[layer!]!, chain.lanes[layer!]!);
    const { multiplier, addend, shift } = requantization;
    const tap = this.taps.get(layer!);
    return [
      { int: shift },
      this.upload(weights),
      this.upload(bytesOf(multiplier)),
      this.upload(bytesOf(addend)),
      ...(tap ? [tap] : []),
    ];
  }

  private buffer(bytes: number): Buffer {
    return this.held.keep(this.setting.context.createBuffer(bytes));
  }

  private upload(bytes: Uint8Array): Buffer {
    const buffer = this.buffer(bytes.length);
    this.setting.queue.write(buffer, bytes);
    return buffer;
  }
}

/** Activations leave a layer pixel by pixel, a byte each. */
function activation({ output: { channels, height, width } }: IntegerLayer, buffer: Buffer): Activation {
  const pixels = height * width;
  return {
    buffer,
    decode(bytes, images) {
      const decoded = new Uint8Array(images * channels * pixels);
      let i = 0;
      for (let n = 0; n < images; n++)
        for (let c = 0; c < channels; c++)
          for (let p = 0; p < pixels; p++) decoded[i++] = bytes[(n * pixels + p) * channels + c]!;
      return decoded;
    },
  };
}

function bytesOf(values: Int32Array | Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
