/**
 * OpenCL for Node and Electron: host calls with owned handles, and a run loop that executes a recorded list
 * of commands off the JavaScript thread.
 *
 * - The OpenCL loader is found at run time: the addon loads on a machine without one, and `platforms()` then
 *   throws an {@link OpenClError} with call `dlopen`.
 * - Each object owns its handle. `release()` gives it back at once and may be called twice; garbage
 *   collection is the fallback. Using a released object throws a TypeError. A parent that is released before
 *   its children stays alive in the driver until the last child is gone, and so does a buffer that is still
 *   set as a kernel's argument or used by a run.
 * - Each build and each run has a thread of its own, so one that hangs holds up nothing else. `process.exit()`
 *   does not wait for them. Where only the JavaScript environment ends (a worker, Electron), runs are cancelled
 *   and waited for, since they use its arrays; after 10 s without a return from the driver the process ends,
 *   with a line on stderr and exit code 1.
 * - A wrong type throws a TypeError, a number out of range a RangeError, a failed OpenCL call an OpenClError, a
 *   failed call of NVIDIA's management library an NvmlError.
 *   `buildProgram`, `loadProgram` and `run` throw at once what is wrong with their arguments; their promises
 *   reject with what happens later.
 * - Nothing here decides anything: no cache, no choice of device, no retry.
 */

/** A failed OpenCL call: `clBuildProgram: CL_BUILD_PROGRAM_FAILURE (-11)`. */
export interface OpenClError extends Error {
  name: 'OpenClError';
  /** The function that failed, such as `clEnqueueNDRangeKernel`. */
  call: string;
  /** Its code by name, such as `CL_OUT_OF_RESOURCES`; `UNKNOWN` for a code that no header names. */
  codeName: string;
  /** -1001 (`CL_PLATFORM_NOT_FOUND_KHR`) where the loader could not be opened. */
  code: number;
  /** The compiler's output where a build failed, else null. */
  buildLog: string | null;
}

/** What clGetPlatformInfo tells. */
export interface PlatformInfo {
  name: string;
  vendor: string;
  version: string;
  profile: string;
  extensions: string[];
}

/**
 * What clGetDeviceInfo tells. A field that came after OpenCL 1.0 and that the driver refuses is null, or has
 * the value that holds for such a device: no built-in kernels, no half vectors, no sub-devices, `OpenCL C 1.0`.
 */
export interface DeviceInfo {
  name: string;
  vendor: string;
  vendorId: number;
  driverVersion: string;
  version: string;
  openClCVersion: string;
  /** From CL_DEVICE_TYPE: one of the four, without the DEFAULT bit. */
  type: 'cpu' | 'gpu' | 'accelerator' | 'custom';
  available: boolean;
  compilerAvailable: boolean;
  extensions: string[];
  builtInKernels: string[];
  computeUnits: number;
  clockMhz: number;
  addressBits: number;
  littleEndian: boolean;
  globalMemoryBytes: number;
  globalCacheBytes: number;
  cacheLineBytes: number;
  localMemoryBytes: number;
  localMemoryIsDedicated: boolean;
  constantBufferBytes: number;
  maxAllocationBytes: number;
  maxWorkGroupSize: number;
  maxWorkItemSizes: number[];
  maxParameterBytes: number;
  preferredVectorWidths: {
    char: number;
    short: number;
    int: number;
    long: number;
    float: number;
    double: number;
    half: number;
  };
  profilingTimerResolutionNs: number;
  imageSupport: boolean;
  errorCorrection: boolean;
  unifiedMemory: boolean | null;
  partitionMaxSubDevices: number;
  /** CL_DEVICE_PCI_BUS_INFO_KHR or the NVIDIA or AMD form of it, `0000:01:00.0`; null where not reported. */
  pciAddress: string | null;
  /** CL_DEVICE_UUID_KHR in hexadecimal; null where not reported. */
  uuid: string | null;
  maxSubGroups: number | null;
  /**
   * cl_khr_integer_dot_product: whether packed 4x8-bit products are accelerated, signed and unsigned ones;
   * null where not reported.
   */
  integerDotProductAccelerated: boolean | null;
}

export declare class Platform {
  private constructor();
  readonly info: PlatformInfo;
  /** An empty list where the platform has no device. @throws OpenClError */
  devices(): Device[];
}

export declare class Device {
  private constructor();
  readonly info: DeviceInfo;
  readonly platform: Platform;
}

/** @throws OpenClError with call `dlopen` where there is no loader, `clGetPlatformIDs` where it fails */
export declare function platforms(): Platform[];

/**
 * The path of the OpenCL loader in use, or null where none can be opened. The environment variable
 * BNNW_OPENCL_LOADER names one that is tried before the system's.
 */
export declare function loaderPath(): string | null;

/**
 * Handles of this process that are not released yet, by kind: those of objects, and those that a kernel's
 * arguments or a job still hold. For tests that look for leaks.
 */
export declare function liveHandles(): {
  contexts: number;
  queues: number;
  buffers: number;
  programs: number;
  kernels: number;
};

export declare class Context {
  /** One context for one device. @throws OpenClError */
  constructor(device: Device);
  readonly device: Device;
  /** An in-order queue, with event profiling unless told otherwise. @throws OpenClError */
  createQueue(options?: { profiling?: boolean }): Queue;
  /** @param bytes size, above 0 @throws OpenClError, RangeError */
  createBuffer(bytes: number, access?: 'read-write' | 'read-only' | 'write-only'): Buffer;
  /**
   * Memory of the host that the driver holds in place (CL_MEM_ALLOC_HOST_PTR): a device copies from and to it on its
   * own, and faster than with an array, which the driver copies first. In {@link liveHandles} it counts as a buffer
   * and a queue. @param bytes size, above 0 @throws OpenClError, RangeError
   */
  createHostMemory(bytes: number): HostMemory;
  /**
   * Compiles OpenCL C off the JavaScript thread.
   * @throws OpenClError with the build log
   */
  buildProgram(source: string, options: string): Promise<Program>;
  /**
   * Loads a copy of what {@link Program.binary} gave, or of a vendor's image, off the JavaScript thread.
   * @throws OpenClError with the build log; RangeError where the binary is empty
   */
  loadProgram(binary: Uint8Array, options: string): Promise<Program>;
  release(): void;
}

export declare class Buffer {
  private constructor();
  readonly bytes: number;
  release(): void;
}

export declare class HostMemory {
  private constructor();
  readonly bytes: number;
  /** Copies `source` in; not while a run uses the memory. @throws RangeError */
  write(source: Uint8Array, offset?: number): void;
  /** Copies as many bytes as `target` has; not while a run writes the memory. @throws RangeError */
  read(target: Uint8Array, offset?: number): void;
  release(): void;
}

export declare class Program {
  private constructor();
  /** The compiler's output; warnings, where the build succeeded. */
  readonly buildLog: string;
  readonly kernelNames: string[];
  /**
   * For {@link Context.loadProgram} on the same device and driver.
   * @throws OpenClError; Error where the driver has no binary
   */
  binary(): Uint8Array;
  /** @throws OpenClError where the program has no such kernel */
  createKernel(name: string): Kernel;
  release(): void;
}

/** A buffer, a scalar with its OpenCL type, or local memory of a size above 0. */
export type KernelArgument =
  | Buffer
  | { int: number }
  | { uint: number }
  | { float: number }
  | { ulong: bigint }
  | { localBytes: number };

export declare class Kernel {
  private constructor();
  readonly name: string;
  readonly argumentCount: number;
  /** clGetKernelWorkGroupInfo. */
  readonly workGroup: {
    maxSize: number;
    preferredMultiple: number;
    localMemoryBytes: number;
    privateMemoryBytes: number;
  };
  /**
   * Sets all arguments. The kernel keeps its buffers alive until others are set or it is released.
   * @throws OpenClError, TypeError, RangeError; Error while the kernel is in a run
   */
  setArguments(args: KernelArgument[]): void;
  /** Sets one argument. @throws as {@link setArguments} */
  setArgument(index: number, argument: KernelArgument): void;
  release(): void;
}

/**
 * One command of a recorded list. In repeat r a write reads `bytes` bytes of `source` from
 * `offset + r * stride`, a read stores to `target` at `offset + r * stride`; a stride of 0 reuses the same
 * place. `offset`, `stride` and `bufferOffset` are 0 unless given. Kernel arguments are those set at the time
 * when {@link Queue.run} is called, unless the command brings its own in `arguments`, which are set each time
 * before that launch. What was set last stays set after the run.
 *
 * A command may have a `queue` of its own, not the run's. Commands still start in the order of the list, each when
 * the one before it has ended, whatever their queues; but a command with `beside` waits only for what the command
 * before it waits for, so that both run at the same time where their queues differ. All of that holds from one repeat
 * to the next, too.
 */
export type Command =
  | {
      kind: 'write';
      buffer: Buffer;
      source: Uint8Array | HostMemory;
      bytes: number;
      offset?: number;
      stride?: number;
      bufferOffset?: number;
      queue?: Queue;
      beside?: boolean;
    }
  | {
      kind: 'read';
      buffer: Buffer;
      target: Uint8Array | HostMemory;
      bytes: number;
      offset?: number;
      stride?: number;
      bufferOffset?: number;
      queue?: Queue;
      beside?: boolean;
    }
  | {
      kind: 'kernel';
      kernel: Kernel;
      global: number[];
      local?: number[];
      arguments?: { index: number; value: KernelArgument }[];
      queue?: Queue;
      beside?: boolean;
    };

export interface RunOptions {
  /** How many times the list is executed, at least 1. */
  repeats: number;
  /**
   * `each`: wait for the queue after every repeat (default; latency). `end`: queue all repeats and wait once
   * (throughput); `hostNs` then holds one value, the wall time of all repeats.
   */
  wait?: 'each' | 'end';
  /** Also return the time of every command of every repeat. */
  perCommand?: boolean;
}

export interface RunTimes {
  /** Host clock around each repeat (one value in all with `wait: 'end'`), nanoseconds. */
  hostNs: Float64Array;
  /**
   * First kernel's start to last kernel's end in each repeat, by the device's clock, nanoseconds; null without
   * profiling or without a kernel in the list.
   */
  deviceNs: Float64Array | null;
  /** Start to end of each command, [repeats][commands], nanoseconds; null unless asked for. */
  commandNs: Float64Array | null;
  /** Repeats that were finished; fewer than asked for only after {@link Queue.cancel}. */
  repeats: number;
}

export declare class Queue {
  private constructor();
  /** Blocking copy to the device. @throws OpenClError, RangeError */
  write(buffer: Buffer, source: Uint8Array, bufferOffset?: number): void;
  /** Blocking copy from the device. @throws OpenClError, RangeError */
  read(buffer: Buffer, target: Uint8Array, bufferOffset?: number): void;
  /**
   * Executes the list `repeats` times on a thread of its own and resolves when all of it is done. All of the
   * list is checked before the first command starts. A command whose event ends with a negative status rejects
   * with that status; whatever was queued has ended by then.
   *
   * Until it settles: arrays and handles in the list are kept alive; the arrays must not be changed, and their
   * memory must not be transferred or resized, since the driver works on it; the kernels and the queue refuse
   * other use, and one kernel can only be in one run.
   * @throws OpenClError, RangeError, TypeError; Error where the queue or a kernel is in a run
   */
  run(commands: Command[], options: RunOptions): Promise<RunTimes>;
  /**
   * Lets a run in progress end early: after the repeat in flight, or with `wait: 'end'` after those that are
   * queued already (at most 512 commands, or 2 repeats).
   */
  cancel(): void;
  /**
   * Of a run in progress whose commands have queues of their own: the commands of the repeat in flight that have
   * not ended, by their place in the list. Empty else. @throws OpenClError
   */
  unfinished(): number[];
  /** A run in progress goes on to its end. */
  release(): void;
}

/** A failed call of NVIDIA's management library: `nvmlInit_v2: Driver Not Loaded (9)`. */
export interface NvmlError extends Error {
  name: 'NvmlError';
  /** The function that failed; `dlopen` or `dlsym` where the library is not there or is too old. */
  call: string;
  /** An nvmlReturn_t; 12 (`NVML_ERROR_LIBRARY_NOT_FOUND`) where there is no such library. */
  code: number;
}

export interface NvmlDevice {
  name: string;
  /** `GPU-…`, or `MIG-…` for a part of one. */
  uuid: string;
  /** Domain, bus, device and function: `00000000:3B:00.0`. */
  pciAddress: string;
}

/** What a GPU may tell. */
export interface NvmlReadings {
  /** nvmlDeviceGetPowerUsage: of the last second on Ampere (except GA100) and newer chips, else of the moment. */
  powerW: number;
  /** NVML_FI_DEV_POWER_INSTANT */
  instantW: number;
  /** NVML_FI_DEV_POWER_AVERAGE: of the last second. */
  averageW: number;
  /** Since the driver was loaded. */
  energyJ: number;
  graphicsClockMhz: number;
  memoryClockMhz: number;
  temperatureC: number;
}

/** The GPUs of NVIDIA's management library, which is opened at the first call. @throws NvmlError */
export declare function nvmlDevices(): NvmlDevice[];
/**
 * One reading now, or null where the GPU or the driver does not offer it. May take milliseconds.
 * @throws NvmlError where the GPU is gone; TypeError, RangeError
 */
export declare function nvmlReading(uuid: string, name: keyof NvmlReadings): number | null;
