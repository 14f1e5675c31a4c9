/** Tells which runs of a job are left out, and why. */
import type { DeviceInfo, ModelInfo } from '../../core/contract/host';
import type { Job } from '../../core/contract/job';
import { hindranceOf } from '../../core/network/hindrance';
import { deviceLabel } from '../../core/report/deviceLabel';
import { printable } from './terminal';

/** A line for each reason, precision and device; empty where the job tries all runs. */
export function leftOutText(job: Job, devices: DeviceInfo[], models: ModelInfo[]): string {
  if (!job.onlyPossible) return '';
  const byReason = new Map<string, string[]>();
  for (const device of devices.filter(({ id }) => job.deviceIds.includes(id)))
    for (const precision of job.precisions)
      for (const id of job.models) {
        const model = models.find((each) => each.id === id) ?? null;
        const hindrance = hindranceOf(device, model, precision);
        if (hindrance === null) continue;
        const key = `${precision} on ${deviceLabel(device)} (${hindrance})`;
        byReason.set(key, [...(byReason.get(key) ?? []), id]);
      }
  return [...byReason]
    .map(([reason, names]) => printable(`left out: ${reason}: ${names.join(', ')}\n`))
    .join('');
}
