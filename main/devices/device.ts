/** What a device provider offers the device process. One process opens one device and runs one network at a time. */
import type { DeviceInfo } from '../../core/contract/host';
import type { Model } from '../../core/network/model';
import type { Precision } from '../../core/network/precision';

export interface DeviceProvider {
  readonly id: 'opencl' | 'onnxruntime' | 'null';
  /** Loads the driver. A driver may crash here, so this runs in a child process only. */
  list(): Promise<DeviceInfo[]>;
  /** @throws WorkbenchError `unknown-name`, `device-failed` */
  open(deviceId: string): Promise<Device>;
}

export interface Device {
  readonly info: DeviceInfo;
  /** The smallest step of the clock behind device times, as the driver states it; null where it has none. */
  readonly clockStepNs: number | null;
  /**
   * Builds kernels and uploads weights for batches of exactly `batchSize` images.
   * @throws WorkbenchError `unsupported` where the device cannot run the model at this precision
   */
  prepare(model: Model, precision: Precision, batchSize: number): Promise<PreparedNetwork>;
  /**
   * Tries the implementations of the network that the device chooses from, and keeps the fastest. Null where
   * there is no choice.
   * @param again measure even where all are known
   * @throws WorkbenchError `unsupported`, `wrong-answer`
   */
  tune?(model: Model, precision: Precision, batchSize: number, again: boolean): Promise<TuningReport | null>;
  /** Releases everything that the device holds. Prepared networks must be disposed of before. */
  close(): void;
}

export interface TuningReport {
  /** Images in a trial's batch. */
  batchSize: number;
  chosen: string;
  /** Milliseconds of a batch, a median; null where the answers were not the reference's. */
  trials: { name: string; medianMs: number | null }[];
}

export interface PreparedNetwork {
  readonly batchSize: number;
  readonly buildMs: number;
  readonly loadMs: number;
  readonly kernels: { variant: string; sourceSha256: string | null; buildOptions: string };
  /**
   * Runs whole batches one after another, off the JavaScript thread.
   * @param images raw bytes, `batches` x batchSize images of height x width x channels (interleaved, as in image files)
   */
  run(images: Uint8Array, batches: number): Promise<BatchResults>;
  /**
   * The same, command by command. Left out where the device does not time its commands.
   * @param images one batch, which each of the batches uses
   */
  runByCommand?(images: Uint8Array, batches: number): Promise<CommandTimes>;
  /** The same without the device's own clock, to see what it costs. Left out where there is no such choice. */
  runUnprofiled?(images: Uint8Array, batches: number): Promise<BatchResults>;
  dispose(): void;
}

export interface CommandTimes {
  commands: { name: string; kind: 'upload' | 'kernel' | 'download' }[];
  /** [batches][commands], start to end by the device's clock. */
  commandMs: Float64Array;
  /** [batches], first kernel's start to last kernel's end. */
  deviceMs: Float64Array;
}

export interface BatchResults {
  /** [batches x batchSize][classes] */
  logits: Float32Array;
  /** First kernel's start to last kernel's end, for each batch; null where the device reports no time. */
  deviceMs: Float64Array | null;
  /** Upload, run and download by the host's clock, for each batch. */
  endToEndMs: Float64Array;
}
