/** How long a job will take, by what was measured before on the same device. */
import type { RunFacts } from '../session/document';
import type { Scenario } from '../session/scenario';

/** One run of a job that has not begun. */
export interface PlannedRun {
  deviceId: string;
  modelId: string;
  precision: string;
  batchSize: number;
  scenario: Scenario;
  images: number;
  /** Of one image through the network. */
  multiplyAdds: number;
}

export interface RunEstimate {
  seconds: number;
  /** `measured`: the same run was measured before. `scaled`: another network's time, by multiply-adds. */
  basis: 'measured' | 'scaled';
}

const wallMs = (run: RunFacts) => Date.parse(run.finishedAt) - Date.parse(run.startedAt);
const imageMs = ({ timing, batchSize }: RunFacts) => timing.endToEndMsPerBatch.median / batchSize;
/** Everything but the images: fetching, building, loading, self-test, warm-up. */
const setUpMs = (run: RunFacts) => Math.max(0, wallMs(run) - imageMs(run) * run.dataset.samples);

/**
 * @param past newest first
 * @param multiplyAddsOf of one image through a network, by the model's id; null where it is not known any more
 * @returns null where nothing like it was ever measured on that device
 */
export function estimateRun(
  planned: PlannedRun,
  past: readonly RunFacts[],
  multiplyAddsOf: (modelId: string) => number | null,
): RunEstimate | null {
  const alike = past.filter(
    ({ device, precision, scenario }) =>
      device.id === planned.deviceId &&
      precision === planned.precision &&
      (scenario ?? 'accuracy') === planned.scenario,
  );
  const ofModel = alike.filter(({ model }) => model.id === planned.modelId);
  const same = ofModel.find(({ batchSize }) => batchSize === planned.batchSize) ?? ofModel[0];
  if (same !== undefined) return { seconds: secondsOf(planned, same, 1), basis: 'measured' };
  for (const other of alike) {
    const work = multiplyAddsOf(other.model.id);
    if (work !== null && work > 0) {
      return { seconds: secondsOf(planned, other, planned.multiplyAdds / work), basis: 'scaled' };
    }
  }
  return null;
}

/** A scenario that repeats until its time is stable lasts as long as before, whatever the network. */
function secondsOf({ scenario, images }: PlannedRun, before: RunFacts, ratio: number): number {
  const ms = scenario === 'accuracy' ? setUpMs(before) + imageMs(before) * ratio * images : wallMs(before);
  return ms / 1000;
}
