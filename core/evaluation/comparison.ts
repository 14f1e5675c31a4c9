/** What two runs have in common, and which is faster. Like is compared with like; what is not alike is said. */
import { formatCount } from '../report/format';
import type { Interleaving, SessionDocument } from '../session/schema';
import type { RunView } from '../session/view';
import { batchMedianInterval } from '../statistics/batchMedians';
import { type Interval, medianRatioInterval } from '../statistics/bootstrap';
import { median } from '../statistics/percentiles';
import { measuredEnergy } from './energy';

export type DifferenceKind =
  | 'data'
  | 'samples'
  | 'images'
  | 'batch'
  | 'precision'
  | 'scenario'
  | 'timing scope'
  | 'energy scope'
  | 'energy sensor'
  | 'energy origin'
  | 'machine'
  | 'times'
  | 'validity';

export interface Difference {
  kind: DifferenceKind;
  /** The run's value against the baseline's, for a person. */
  text: string;
}

type Machine = SessionDocument['machine'];

/**
 * What makes two runs unlike, apart from what is usually compared: device and model.
 *
 * @param machines of the run and of the baseline, where they come from two sessions that were not merged
 */
export function differencesBetween(
  run: RunView,
  baseline: RunView,
  machines?: { run: Machine; baseline: Machine },
): Difference[] {
  const differences: Difference[] = [];
  const places = machines ?? machinesOfMerged(run, baseline);
  const compare = (kind: DifferenceKind, value: string | number, other: string | number) => {
    if (value !== other)
      differences.push({ kind, text: `${kind} ${written(value)} against ${written(other)}` });
  };
  if (run.dataset.sha256 !== baseline.dataset.sha256) {
    const names = [run.dataset, baseline.dataset].map(({ id, sha256 }) => `${id} (${sha256.slice(0, 8)})`);
    compare('data', names[0]!, names[1]!);
  }
  compare('samples', run.dataset.samples, baseline.dataset.samples);
  if (run.dataset.samples === baseline.dataset.samples && !sameImages(run, baseline)) {
    differences.push({ kind: 'images', text: 'as many images, but others' });
  }
  compare('batch', run.batchSize, baseline.batchSize);
  compare('precision', run.precision, baseline.precision);
  compare('scenario', run.scenario ?? 'accuracy', baseline.scenario ?? 'accuracy');
  compare('timing scope', timingScope(run), timingScope(baseline));
  const energy = measuredEnergy(run);
  const otherEnergy = measuredEnergy(baseline);
  if (energy && otherEnergy) {
    compare('energy scope', energy.scope, otherEnergy.scope);
    compare('energy origin', energy.origin, otherEnergy.origin);
    // Another device has another sensor; the same device should not.
    if (run.device.id === baseline.device.id) compare('energy sensor', energy.source, otherEnergy.source);
  } else if (energy || otherEnergy) {
    compare('energy scope', energy?.scope ?? 'not measured', otherEnergy?.scope ?? 'not measured');
  }
  if (places) compare('machine', machineText(places.run), machineText(places.baseline));
  compare('times', isEmulated(run) ? 'emulated' : 'measured', isEmulated(baseline) ? 'emulated' : 'measured');
  compare('validity', run.verdict.valid ? 'valid' : 'invalid', baseline.verdict.valid ? 'valid' : 'invalid');
  return differences;
}

/** Runs of a merged session know where they were measured. */
function machinesOfMerged(run: RunView, baseline: RunView): { run: Machine; baseline: Machine } | null {
  return run.origin && baseline.origin
    ? { run: run.origin.machine, baseline: baseline.origin.machine }
    : null;
}

function written(value: string | number): string {
  return typeof value === 'number' ? formatCount(value) : value;
}

/** Of runs of as many images of one test set: the seed alone says which they are. */
function sameImages(a: RunView, b: RunView): boolean {
  return a.dataset.seed === b.dataset.seed;
}

function timingScope({ timing }: RunView): string {
  return timing.deviceMsPerBatch === null ? 'end to end only' : 'device and end to end';
}

/** Whether the run's times are an emulator's: its answers count, its times do not. */
export function isEmulated({ device }: Pick<RunView, 'device'>): boolean {
  return device.type === 'fpga-emulator';
}

function machineText({ cpu, cores, operatingSystem }: Machine): string {
  return `${cpu}, ${cores} cores, ${operatingSystem}`;
}

/** Fewer batches than this say too little about their spread for an interval. */
export const BATCHES_FOR_INTERVAL = 5;

export interface TimeComparison {
  /** Baseline's median divided by the other's: above 1 is faster. */
  ratio: number;
  /** 95 %, by bootstrap; null where one of the two has too few samples. */
  interval: Interval | null;
  verdict: 'faster' | 'slower' | 'no difference' | 'too few batches';
}

/**
 * Compares two sets of times. A difference is only one where the interval of the ratio leaves out 1.
 *
 * @param paired the two were taken in turns, one after the other, so that drift fell on both alike
 */
export function compareTimes(
  samples: readonly number[],
  baseline: readonly number[],
  { paired = false }: { paired?: boolean } = {},
): TimeComparison {
  const ratio = median(baseline) / median(samples);
  if (Math.min(samples.length, baseline.length) < BATCHES_FOR_INTERVAL) {
    return { ratio, interval: null, verdict: 'too few batches' };
  }
  return compared(ratio, medianRatioInterval(baseline, samples, { paired }));
}

/**
 * Two processes that make the same run differ by more than chance within either explains, perhaps by where their memory came
 * to lie (not tested here; T. Mytkowicz et al., "Producing Wrong Data Without Doing Anything Obviously Wrong!", ASPLOS 2009). A
 * difference must be larger than this beyond its interval; Criterion.rs has such a threshold too.
 */
const BETWEEN_PROCESSES = 0.005;

/**
 * Compares runs that took turns by the ratio of their medians in each round, so that what changes more slowly than a
 * round cancels. Rounds that only one of them has do not count.
 *
 * @param rounds the times of a run's batches in each of its turns, in order
 */
export function compareRounds(
  rounds: readonly (readonly number[])[],
  baseline: readonly (readonly number[])[],
): TimeComparison {
  // Logarithms: so that the one compared with the other is the reverse of the other compared with the one.
  const logarithms: number[] = [];
  for (const [i, other] of baseline.entries()) {
    const own = rounds[i];
    if (own && own.length > 0 && other.length > 0) logarithms.push(Math.log(median(other) / median(own)));
  }
  if (logarithms.length < BATCHES_FOR_INTERVAL) {
    const ratio = median(baseline.flat()) / median(rounds.flat());
    return { ratio, interval: null, verdict: 'too few batches' };
  }
  const { value, interval } = batchMedianInterval(logarithms);
  const [low, high] = [Math.exp(interval.low), Math.exp(interval.high)];
  return compared(Math.exp(value), { low, high, confidence: interval.confidence }, BETWEEN_PROCESSES);
}

/** Wider than this to either side, an interval that holds 1 says little. */
const KNOWN_WELL = 0.03;

/** What is said where no difference shows. */
export const NO_DIFFERENCE = 'no clear difference';

/** The same, and whether that is because the two are alike, or because little is known. */
export function noDifferenceText({ ratio, interval }: TimeComparison): string {
  if (interval === null) return 'too few batches to compare';
  const half = Math.max(interval.high - ratio, ratio - interval.low) / ratio;
  return half <= KNOWN_WELL ? NO_DIFFERENCE : `${NO_DIFFERENCE}, known to ±${percentOf(half)} %`;
}

function percentOf(share: number): string {
  return (share * 100).toFixed(share < 0.1 ? 1 : 0);
}

/** Enough of a run to compare its time. */
export type TimedRun = Pick<RunView, 'timing' | 'interleaving' | 'batchSize'>;

export interface RunComparison extends TimeComparison {
  /** The two took turns; else drift between them is in the ratio. */
  paired: boolean;
}

/** Which of a run's times. */
export type TimeName = 'deviceMsPerBatch' | 'endToEndMsPerBatch';

/** Compares the times of two runs, an image each; null where one of them has none of this name. */
export function compareRuns(
  run: TimedRun,
  baseline: TimedRun,
  name: TimeName = 'endToEndMsPerBatch',
): RunComparison | null {
  const own = timesPerImage(run, name);
  const others = timesPerImage(baseline, name);
  if (own === null || others === null) return null;
  if (run.interleaving && run.interleaving.group === baseline.interleaving?.group) {
    const comparison = compareRounds(
      inRounds(own, run.interleaving),
      inRounds(others, baseline.interleaving),
    );
    if (comparison.interval !== null) return { ...comparison, paired: true };
  }
  return { ...compareTimes(own, others), paired: false };
}

function timesPerImage({ timing, batchSize }: TimedRun, name: TimeName): number[] | null {
  return timing[name]?.samples.map((ms) => ms / batchSize) ?? null;
}

function inRounds(times: readonly number[], { batchesPerRound }: Interleaving): number[][] {
  let first = 0;
  return batchesPerRound.map((batches) => {
    first += batches;
    return times.slice(first - batches, first);
  });
}

/** @param least the difference that the interval must leave out, as a share */
function compared(ratio: number, interval: Interval, least = 0): TimeComparison {
  const { low, high } = interval;
  const verdict = low > 1 + least ? 'faster' : high < 1 / (1 + least) ? 'slower' : 'no difference';
  return { ratio, interval, verdict };
}
