import { describe, expect, it } from 'vitest';
import { commandOf, jobOfCommand } from '../../../main/host/jobCommand';
import { fakeJob } from './fakeHost';

describe('the command of a job', () => {
  it.each([
    fakeJob,
    { ...fakeJob, dataset: "my own/set's folder", samples: 10, seed: 7 },
    {
      ...fakeJob,
      models: ['a', './b c.safetensors'],
      batchSizes: [1, 256],
      precisions: ['fp32', 'a4'] as const,
    },
    { ...fakeJob, scenario: 'throughput' as const, quick: true, onlyPossible: true },
    { ...fakeJob, interleave: false, coolDownMs: 1500, layers: true },
    { ...fakeJob, interleave: true, sampling: { draws: 8, temperature: 0.25 } },
  ])('leads back to the job: %j', (job) => {
    const copied = { ...job, precisions: [...job.precisions] };
    expect(jobOfCommand(commandOf(copied))).toEqual(copied);
  });

  it('tells the power that was given, which is not that of another time', () => {
    const typedIn = commandOf({ ...fakeJob, power: { kind: 'typed-in', watts: 65, scope: 'wall' } });
    expect(typedIn).toContain('--power-w 65 --power-scope wall');
    expect(jobOfCommand(typedIn)).toEqual(fakeJob);
    const power = { kind: 'meter-log', path: 'my log.csv', scope: 'wall', clockAheadMs: -20 } as const;
    expect(commandOf({ ...fakeJob, power })).toContain("--meter-log 'my log.csv' --meter-ahead-ms -20");
    expect(jobOfCommand(commandOf({ ...fakeJob, power }))).toEqual(fakeJob);
  });

  it.each([
    ['rm -rf /', /it is no `bnnw run`/],
    ['bnnw import x -o y', /it is no `bnnw run`/],
    [`${commandOf(fakeJob)} --json /etc/passwd`, /--json is not understood/],
    [`${commandOf(fakeJob)} --constructor x`, /--constructor is not understood/],
    [`${commandOf(fakeJob)} --samples`, /--samples is not understood/],
    [`${commandOf(fakeJob)} --batch 0`, /job is not right/],
    ['bnnw run --model a', /job is not right/],
  ])('of a foreign session is read with care: %s', (command, message) => {
    expect(() => jobOfCommand(command)).toThrow(message);
  });
});
