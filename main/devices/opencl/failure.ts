import { WorkbenchError } from '../../../core/errors';
import type { OpenClError } from '../../../native';

/** Whether a driver call failed; anything else is a bug. */
export function isOpenClError(error: unknown): error is OpenClError {
  return error instanceof Error && error.name === 'OpenClError';
}

/** A failed driver call as an error for a person; other errors as they are. */
export function deviceFailure(error: unknown, deviceName: string): unknown {
  if (!isOpenClError(error)) return error;
  return new WorkbenchError('device-failed', error.message, {
    where: deviceName,
    remedy: remedyFor(error),
    details: error.buildLog,
  });
}

function remedyFor({ call, codeName }: OpenClError): string {
  switch (codeName) {
    case 'CL_OUT_OF_RESOURCES':
    case 'CL_OUT_OF_HOST_MEMORY':
    case 'CL_MEM_OBJECT_ALLOCATION_FAILURE':
    case 'CL_INVALID_BUFFER_SIZE':
      return 'Try a smaller batch.';
    default:
      return call === 'clBuildProgram'
        ? "The driver's compiler refused a kernel; its log is below. Try a newer driver."
        : 'Try again; if it stays, restart the machine or update the driver of this device.';
  }
}
