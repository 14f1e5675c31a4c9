/**
 * A whole network from an {@link Engine}'s layers: raw bytes to windows (integerPatches.cl), the hidden layers, the
 * last layer in floats. Layers with many pixels run a few images at a time, so that their activations stay in
 * the cache; layers with one pixel run the whole batch, so that their weights are read once.
 */
import type { IntegerPlan } from '../../../../core/network/quantization';
import { elements } from '../../../../core/network/shapes';
import type { Shape } from '../../../../core/network/topology';
import type { Buffer, Command, Kernel, KernelArgument, Program } from '../../../../native';
import type { PreparedKernels, Workshop } from '../family';
import { Holdings } from '../holdings';
import { defineOptions, readKernelSource } from '../kernelSource';
import type { Engine, LayerProgram } from './engine';
import { type IntegerLayer, overPatches, patchLength, roundUp, zeroByte } from './layers';

/** Behind an activation buffer: kernels may load a whole vector at its last channel. */
const SPARE_BYTES = 64;
/** Images that pass through the convolutions together. */
export const IMAGES_AT_A_TIME = 64;

export interface IntegerNetwork extends PreparedKernels {
  /**
   * Of each hidden layer. The last one holds the whole batch; others of many pixels hold the last images that
   * passed, at most `imagesAtATime`.
   */
  readonly activations: Activation[];
  readonly imagesAtATime: number;
}

export interface Activation {
  readonly buffer: Buffer;
  /** Downloaded bytes to [images][channels][height][width]. */
  decode(bytes: Uint8Array, images: number): Uint8Array;
}

export async function prepareNetwork(
  workshop: Workshop,
  plan: IntegerPlan,
  layers: IntegerLayer[],
  engine: Engine,
  batchSize: number,
): Promise<IntegerNetwork> {
  const held = new Holdings();
  try {
    const network = await new NetworkBuilder(workshop, plan, layers, engine, batchSize, held).build();
    return { ...network, release: () => held.release() };
  } catch (error) {
    held.release();
    throw error;
  }
}

/** A layer that is built, with the buffer that it fills. */
interface BuiltLayer {
  kernel: Kernel;
  program: LayerProgram;
  out: Buffer;
}

class NetworkBuilder {
  private readonly rows: number;
  private readonly images: number;
  private readonly tilesAtATime: number;
  /** The byte of the integer 0 in the first layer's windows. */
  private readonly zero: number;
  /** Index of the first layer from which on there is one pixel only. */
  private readonly firstSingle: number;

  constructor(
    private readonly workshop: Workshop,
    private readonly plan: IntegerPlan,
    private readonly layers: IntegerLayer[],
    private readonly engine: Engine,
    private readonly batchSize: number,
    private readonly held: Holdings,
  ) {
    this.rows = engine.rows;
    this.zero = zeroByte(plan);
    this.images = roundUp(batchSize, this.rows);
    let firstSingle = layers.length;
    while (firstSingle > 0 && pixels(layers[firstSingle - 1]!.convolved) === 1) firstSingle--;
    this.firstSingle = firstSingle;
    const atATime = firstSingle === 0 ? this.images : roundUp(IMAGES_AT_A_TIME, this.rows);
    this.tilesAtATime = Math.min(this.images, atATime) / this.rows;
  }

  async build(): Promise<Omit<IntegerNetwork, 'release'>> {
    const first = this.layers[0]!;
    const patchBytes = roundUp(patchLength(first), this.engine.windowMultiple);
    const input = this.buffer(this.images * elements(this.plan.input));
    const patches = this.buffer(this.imagesOf(0) * pixels(first.convolved) * patchBytes + SPARE_BYTES);
    const patchKernel = await this.buildPatches(first, patchBytes, input, patches);
    const built: BuiltLayer[] = [];
    let before: { buffer: Buffer; channels: number } = { buffer: patches, channels: patchBytes };
    for (const [index, layer] of this.layers.entries()) {
      const outputs = roundUp(layer.output.channels, this.engine.channelMultiple);
      const sizes = {
        channels: before.channels,
        outputs,
        top: this.plan.top,
        tiles: this.imagesOf(index) / this.rows,
      };
      const program = this.engine.layer(index === 0 ? overPatches(layer, this.zero) : layer, sizes);
      const { height, width } = layer.output;
      // What the next layer reads whole is as large as the batch.
      const images = index + 1 >= this.firstSingle ? this.images : this.imagesOf(index);
      const out = this.buffer(images * height * width * outputs + SPARE_BYTES);
      built.push({ kernel: await this.buildLayer(program, before.buffer, out), program, out });
      before = { buffer: out, channels: outputs };
    }
    const logits = this.buffer(this.images * this.plan.last.classes * 4);
    const lastKernel = await this.buildLast(before.buffer, before.channels, logits);
    return {
      variant: `${this.engine.name}, a${this.plan.bits}`,
      input,
      logits,
      commands: this.commands(patchKernel, built, lastKernel),
      activations: built.map(({ out }, index) => this.activation(index, out)),
      imagesAtATime: this.tilesAtATime * this.rows,
    };
  }

  private imagesOf(index: number): number {
    return index >= this.firstSingle ? this.images : this.tilesAtATime * this.rows;
  }

  private commands(patches: Kernel, built: BuiltLayer[], last: Kernel): Command[] {
    const commands: Command[] = [];
    const allTiles = this.images / this.rows;
    const { height } = this.layers[0]!.convolved;
    for (let tile = 0; tile < allTiles; tile += this.tilesAtATime) {
      const tiles = Math.min(this.tilesAtATime, allTiles - tile);
      const firstImage = tile * this.rows;
      const images = Math.min(tiles * this.rows, this.batchSize - firstImage);
      commands.push(launch(patches, [height, images], null, { 3: firstImage }));
      built.slice(0, this.firstSingle).forEach(({ kernel, program }, index) => {
        const toBatch = index + 1 === this.firstSingle;
        commands.push(
          launch(kernel, program.globalSize(tiles), program.localSize, {
            6: 0,
            7: toBatch ? tile : 0,
            8: tiles,
          }),
        );
      });
    }
    for (const { kernel, program } of built.slice(this.firstSingle))
      commands.push(
        launch(kernel, program.globalSize(allTiles), program.localSize, { 6: 0, 7: 0, 8: allTiles }),
      );
    commands.push(launch(last, [this.batchSize], null, {}));
    return commands;
  }

  private async buildPatches(
    layer: IntegerLayer,
    patchBytes: number,
    input: Buffer,
    patches: Buffer,
  ): Promise<Kernel> {
    const { input: shape, convolved, kernelHeight, kernelWidth, stride, padding } = layer;
    const options = defineOptions({
      HEIGHT: shape.height,
      WIDTH: shape.width,
      CHANNELS: shape.channels,
      CONVOLVED_HEIGHT: convolved.height,
      CONVOLVED_WIDTH: convolved.width,
      KERNEL_HEIGHT: kernelHeight,
      KERNEL_WIDTH: kernelWidth,
      STRIDE: stride,
      PADDING: padding,
      PATCH: patchBytes,
      ZERO: this.zero,
      ROWS: this.rows,
      ROW_BYTES: (shape.width + 2 * padding) * shape.channels,
    });
    const kernel = await this.kernel(readKernelSource('portable/integerPatches.cl'), options, 'patches');
    const table = Uint8Array.from(this.plan.inputTable, (integer) => integer + this.zero);
    kernel.setArguments([input, this.upload(table), patches, { int: 0 }]);
    return kernel;
  }

  private async buildLayer(program: LayerProgram, input: Buffer, out: Buffer): Promise<Kernel> {
    const kernel = await this.kernel(program.source, program.options, 'layer');
    const { multiplier, addend, shift } = program.requantization;
    kernel.setArguments([
      input,
      this.upload(program.weights),
      this.upload(bytesOf(multiplier)),
      this.upload(bytesOf(addend)),
      { int: shift },
      out,
      ...[{ int: 0 }, { int: 0 }, { int: 0 }],
    ]);
    return kernel;
  }

  private async buildLast(input: Buffer, channels: number, logits: Buffer): Promise<Kernel> {
    const { classes, weights, bias } = this.plan.last;
    const shape = this.layers.at(-1)!.output;
    const positions = shape.height * shape.width;
    const padded = new Float32Array(classes * positions * channels);
    for (let o = 0; o < classes; o++)
      for (let c = 0; c < shape.channels; c++)
        for (let p = 0; p < positions; p++)
          padded[(o * positions + p) * channels + c] = weights[(o * shape.channels + c) * positions + p]!;
    const options = defineOptions({
      ROWS: this.rows,
      POSITIONS: positions,
      CHANNELS: channels,
      CLASSES: classes,
    });
    const kernel = await this.kernel(readKernelSource('portable/integerLast.cl'), options, 'lastLayer');
    kernel.setArguments([input, this.upload(bytesOf(padded)), this.upload(bytesOf(bias)), logits]);
    return kernel;
  }

  private activation(index: number, buffer: Buffer): Activation {
    const { output, order } = this.layers[index]!;
    const { channels, height, width } = output;
    const padded = roundUp(channels, this.engine.channelMultiple);
    const { rows } = this;
    return {
      buffer,
      decode(bytes, images) {
        const decoded = new Uint8Array(images * channels * height * width);
        for (let n = 0; n < images; n++)
          for (let c = 0; c < channels; c++) {
            const first = (n * channels + (order?.[c] ?? c)) * height * width;
            for (let p = 0; p < height * width; p++) {
              const pixel = (Math.floor(n / rows) * height * width + p) * rows + (n % rows);
              decoded[first + p] = bytes[pixel * padded + c]!;
            }
          }
        return decoded;
      },
    };
  }

  private async kernel(source: string, options: string, name: string): Promise<Kernel> {
    const program: Program = this.held.keep(await this.workshop.buildProgram(source, options));
    return this.held.keep(program.createKernel(name));
  }

  private buffer(bytes: number): Buffer {
    return this.held.keep(this.workshop.context.createBuffer(bytes));
  }

  private upload(bytes: Uint8Array): Buffer {
    const buffer = this.buffer(bytes.length);
    this.workshop.queue.write(buffer, bytes);
    return buffer;
  }
}

function pixels({ height, width }: Shape): number {
  return height * width;
}

function launch(
  kernel: Kernel,
  global: number[],
  local: number[] | null,
  values: Record<number, number>,
): Command {
  const changed: { index: number; value: KernelArgument }[] = Object.entries(values).map(
    ([index, value]) => ({
      index: Number(index),
      value: { int: value },
    }),
  );
  return { kind: 'kernel', kernel, global, ...(local && { local }), arguments: changed };
}

function bytesOf(values: Int32Array | Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
