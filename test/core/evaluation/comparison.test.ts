import { describe, expect, it } from 'vitest';
import { compareRounds, compareTimes, differencesBetween } from '../../../core/evaluation/comparison';
import { FULL_GOAL, Stability } from '../../../core/evaluation/stability';
import type { Run } from '../../../core/session/schema';
import { Random } from '../../../core/statistics/random';
import { testRandom } from '../../random';
import { exampleRun } from '../report/exampleRun';

const run = exampleRun({ id: 'run' });
const energy: Run['energy'] = {
  kind: 'measured',
  joules: 10,
  averageW: 5,
  uncertaintyJ: 1,
  source: 'RAPL package-0',
  origin: 'sensor',
  scope: 'package',
  duty: 1,
  windowMs: 2000,
  readings: 40,
  idleBeforeW: 2,
  idleAfterW: 2,
  joulesPerImage: 1,
  imagesPerJoule: 1,
};

describe('two runs', () => {
  it('are alike where only device and model differ', () => {
    const other = exampleRun({ id: 'other', device: { id: 'opencl:q:e' }, model: { id: 'binary' } });
    expect(differencesBetween(other, run)).toEqual([]);
  });

  it.each<[string, Partial<Run>, string]>([
    [
      'data',
      { dataset: { ...run.dataset, sha256: 'c'.repeat(64) } },
      'data data (cccccccc) against data (bbbbbbbb)',
    ],
    ['samples', { dataset: { ...run.dataset, samples: 1000 } }, 'samples 1,000 against 4'],
    ['images', { dataset: { ...run.dataset, seed: 7 } }, 'as many images, but others'],
    ['batch', { batchSize: 256 }, 'batch 256 against 2'],
    ['precision', { precision: 'a4' }, 'precision a4 against fp32'],
    ['scenario', { scenario: 'latency' }, 'scenario latency against accuracy'],
    [
      'timing scope',
      { timing: { ...run.timing, deviceMsPerBatch: run.timing.endToEndMsPerBatch } },
      'timing scope device and end to end against end to end only',
    ],
    ['times', { device: { ...run.device, type: 'fpga-emulator' } }, 'times emulated against measured'],
    ['energy scope', { energy }, 'energy scope package against not measured'],
    ['validity', { verdict: { valid: false, quick: false, reasons: [] } }, 'validity invalid against valid'],
  ])('differ in %s', (kind, change, text) => {
    expect(differencesBetween({ ...run, ...change }, run)).toEqual([{ kind, text }]);
  });

  it('with energies differ in the scope, sensor and origin of those', () => {
    const measured = { ...run, energy };
    const typed = {
      ...run,
      energy: { ...energy, scope: 'wall', origin: 'typed-in', source: 'typed in: 9 W' } as const,
    };
    expect(differencesBetween(typed, measured).map(({ kind }) => kind)).toEqual([
      'energy scope',
      'energy origin',
      'energy sensor',
    ]);
  });

  it('of two sessions differ in their machines', () => {
    const machine = { operatingSystem: 'Linux', cpu: 'CPU', cores: 2, memoryBytes: 1 };
    const machines = { run: { ...machine, cores: 4 }, baseline: machine };
    expect(differencesBetween(run, run, machines)).toEqual([
      { kind: 'machine', text: 'machine CPU, 4 cores, Linux against CPU, 2 cores, Linux' },
    ]);
  });
});

describe.each([
  { machine: 'quiet', spread: 0.02, interruptions: 0.01 },
  { machine: 'loaded', spread: 0.06, interruptions: 0.1 },
])('on a $machine machine', ({ spread, interruptions }) => {
  const TRIALS = 200;
  const BATCH_MS = 20;

  /** As a throughput run draws its samples: until the median is stable. Interruptions only ever take time. */
  function throughputRun(random: Random, slowDown: number): number[] {
    const stability = new Stability(FULL_GOAL);
    const samples: number[] = [];
    let elapsedMs = 0;
    for (;;) {
      const interruption = random.unit() < interruptions ? random.unit() * BATCH_MS : 0;
      const ms = BATCH_MS * slowDown * Math.exp(spread * random.normal()) + interruption;
      samples.push(ms);
      elapsedMs += ms;
      if (stability.reasonToStop(samples, elapsedMs) !== null) return samples;
    }
  }

  /** How often the second of two runs was called slower, and how often either. Seeded: chance is part of it. */
  function callsIn200(slowDown: number): { slower: number; different: number } {
    const random = new Random(20_26);
    const calls = { slower: 0, different: 0 };
    for (let trial = 0; trial < TRIALS; trial++) {
      const { verdict } = compareTimes(throughputRun(random, slowDown), throughputRun(random, 1));
      if (verdict === 'slower') calls.slower++;
      if (verdict !== 'no difference') calls.different++;
    }
    return calls;
  }

  it('a slow-down of 3 % is found in at least 190 of 200 trials', { timeout: 120_000 }, () => {
    expect(callsIn200(1.03).slower).toBeGreaterThanOrEqual(190);
  });

  it('two equal runs are called different in at most 16 of 200 trials', { timeout: 120_000 }, () => {
    expect(callsIn200(1).different).toBeLessThanOrEqual(16);
  });
});

it('a difference shows through drift where two runs took turns', () => {
  const random = new Random(5);
  const drift = (i: number) => 1 + 0.3 * Math.sin(i / 40);
  const times = (ms: number) =>
    Array.from({ length: 200 }, (_, i) => ms * drift(i) * (1 + 0.01 * random.normal()));
  const slower = times(10.3);
  const baseline = times(10);
  expect(compareTimes(slower, baseline).verdict).toBe('no difference');
  expect(compareTimes(slower, baseline, { paired: true }).verdict).toBe('slower');
});

describe('runs that took turns', () => {
  const random = testRandom('rounds');
  /** Rounds of two runs on a machine that drifts to twice the time and back, the other one `ratio` times as slow. */
  const drifting = (ratio: number) => {
    const load = Array.from({ length: 40 }, (_, round) => 1 + Math.sin((round / 40) * Math.PI));
    const rounds = (scale: number) =>
      load.map((factor) => Array.from({ length: 5 }, () => scale * factor * (1 + 0.01 * random.normal())));
    return [rounds(1), rounds(ratio)] as const;
  };

  it('are told apart by 3 % under drift that hides it from their medians', () => {
    const [fast, slow] = drifting(1.03);
    expect(compareRounds(slow, fast).verdict).toBe('slower');
    expect(compareRounds(slow, fast).ratio).toBeCloseTo(1 / 1.03, 2);
    expect(compareTimes(slow.flat(), fast.flat()).verdict).toBe('no difference');
  });

  it('need rounds that both have', () => {
    const [fast, slow] = drifting(1);
    expect(compareRounds(slow.slice(0, 4), fast).verdict).toBe('too few batches');
  });
});
