/** How much device memory a network needs, planned once for its batch. */
import type { DeviceInfo } from '../../../../native';
import type { Launch } from './launch';

const FLOAT_BYTES = 4;

/** Bytes of each launch's output: what is written, and what the next launch may read behind it. */
export function activationBytes(launches: Launch[], batchSize: number): number[] {
  return launches.map(({ output }, index) => {
    const read = launches[index + 1]?.inputExtent ?? 0;
    return Math.max(batchSize * output.image, read) * FLOAT_BYTES;
  });
}

/** Null where the activations fit the device, else why they do not. */
export function memoryRefusal(launches: Launch[], batchSize: number, device: DeviceInfo): string | null {
  const bytes = activationBytes(launches, batchSize);
  const largest = Math.max(...bytes);
  const total = bytes.reduce((sum, size) => sum + size, 0);
  if (largest > device.maxAllocationBytes) {
    return `a batch of ${batchSize} needs ${megabytes(largest)} in one piece, the device allows ${megabytes(device.maxAllocationBytes)}`;
  }
  if (total > device.globalMemoryBytes) {
    return `a batch of ${batchSize} needs ${megabytes(total)}, the device has ${megabytes(device.globalMemoryBytes)}`;
  }
  return null;
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
