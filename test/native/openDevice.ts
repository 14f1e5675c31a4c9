import { afterEach, expect } from 'vitest';
import type { Buffer, Context, Device, Kernel, Queue } from '../../native/index.cjs';
import { Context as ContextClass, liveHandles, platforms } from '../../native/index.cjs';

/** The first device that compiles OpenCL C. The tests need one; any will do. */
export function anyDevice(): Device {
  const device = platforms()
    .flatMap((platform) => platform.devices())
    .find(({ info }) => info.available && info.compilerAvailable);
  if (!device) throw new Error('these tests need an OpenCL device with a compiler, such as PoCL');
  return device;
}

/** A context and a queue on any device, and all that is made with it, released together. */
export class OpenDevice {
  readonly context: Context = new ContextClass(anyDevice());
  readonly queue: Queue;
  private readonly owned: { release(): void }[];

  constructor(options?: { profiling?: boolean }) {
    this.queue = this.context.createQueue(options);
    this.owned = [this.context, this.queue];
  }

  own<T extends { release(): void }>(object: T): T {
    this.owned.push(object);
    return object;
  }

  /** A buffer that holds the array. */
  upload(array: Uint32Array | Float32Array): Buffer {
    const buffer = this.own(this.context.createBuffer(array.byteLength));
    this.queue.write(buffer, bytesOf(array));
    return buffer;
  }

  download(buffer: Buffer): Uint32Array {
    const array = new Uint32Array(buffer.bytes / 4);
    this.queue.read(buffer, bytesOf(array));
    return array;
  }

  async kernel(source: string, name: string): Promise<Kernel> {
    const program = this.own(await this.context.buildProgram(source, ''));
    return this.own(program.createKernel(name));
  }

  release(): void {
    for (const object of this.owned) object.release();
  }
}

export function bytesOf(array: Uint32Array | Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

export const noHandles = { contexts: 0, queues: 0, buffers: 0, programs: 0, kernels: 0 };

/** A device for each test of a file; the test fails when it leaves a handle behind. */
export function deviceForEachTest(): () => OpenDevice {
  let open: OpenDevice | null = null;
  afterEach(() => {
    open?.release();
    open = null;
    expect(liveHandles()).toEqual(noHandles);
  });
  return () => {
    open ??= new OpenDevice();
    return open;
  };
}
