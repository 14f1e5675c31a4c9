/** Figures that every face and report shows for a run. */
import type { Run } from '../session/schema';

/** Median time of a full batch divided by its images, in ms; the device's is null where it reports no time. */
export function msPerImage(run: Pick<Run, 'timing' | 'batchSize'>): {
  endToEnd: number;
  device: number | null;
} {
  const { endToEndMsPerBatch, deviceMsPerBatch } = run.timing;
  return {
    endToEnd: endToEndMsPerBatch.median / run.batchSize,
    device: deviceMsPerBatch && deviceMsPerBatch.median / run.batchSize,
  };
}

/** Share of right answers, 0 .. 1. Null for the null device, whose answers are no score of a model. */
export function scoreOf({ device, accuracy }: Pick<Run, 'device' | 'accuracy'>): number | null {
  return device.type === 'null' ? null : accuracy.correct / accuracy.total;
}
