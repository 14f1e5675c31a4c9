import { basename } from 'node:path';
import { WorkbenchError } from '../../core/errors';

/**
 * The one way in which a model file is refused.
 * @param file path as the person gave it
 * @param place where in the file: a byte, an entry, a tensor
 * @param reason what is wrong there, without a full stop
 */
export function refused(
  file: string,
  place: string,
  reason: string,
  remedy = 'Export the state dict of the model again, or get the file from its author again.',
): WorkbenchError {
  const message = `${basename(file)} is refused (${place}): ${reason}.`;
  return new WorkbenchError('refused-file', message, { where: `${file}: ${place}`, remedy });
}
