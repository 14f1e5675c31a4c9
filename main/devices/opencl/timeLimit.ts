import { WorkbenchError } from '../../../core/errors';

/**
 * What a run gives, or an error when it takes longer: kernels joined by channels wait for ever where a word is
 * missing. The run goes on all the same; only the end of the process stops it.
 *
 * @param unfinished names of the kernels that have not ended
 * @throws WorkbenchError `device-failed`
 */
export async function withinTime<T>(
  run: Promise<T>,
  limitMs: number,
  deviceName: string,
  unfinished: () => string[],
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLong(limitMs, deviceName, unfinished())), limitMs);
  });
  try {
    return await Promise.race([run, expired]);
  } finally {
    clearTimeout(timer);
  }
}

function tooLong(limitMs: number, deviceName: string, unfinished: string[]): WorkbenchError {
  const seconds = Math.ceil(limitMs / 1000);
  return new WorkbenchError('device-failed', `The kernels did not end within ${seconds} s`, {
    where: deviceName,
    remedy:
      'One of them never ends, or one waits for a channel that nobody fills (deadlock). If the machine is busy, try ' +
      'again with a smaller batch; else look for the kernel that reads or writes more words than its neighbour.',
    details: unfinished.length > 0 ? `Not ended: ${unfinished.join(', ')}` : null,
  });
}
