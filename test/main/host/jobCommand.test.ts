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
    { ...fakeJob, scenario: 'throughput' as const, quick: true },
  ])('leads back to the job: %j', (job) => {
    const copied = { ...job, precisions: [...job.precisions] };
    expect(jobOfCommand(commandOf(copied))).toEqual(copied);
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
