import { deviceFailure } from '../../../main/devices/opencl/failure';
import type { Workshop } from '../../../main/devices/opencl/family';
import { Context, type Device } from '../../../native';

export function openWorkshop(device: Device): Workshop & { close(): void } {
  const context = new Context(device);
  const queue = context.createQueue();
  return {
    context,
    queue,
    async buildProgram(source, options) {
      try {
        return await context.buildProgram(source, options);
      } catch (error) {
        throw deviceFailure(error, device.info.name);
      }
    },
    close() {
      queue.release();
      context.release();
    },
  };
}
