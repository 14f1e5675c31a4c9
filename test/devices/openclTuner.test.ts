import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Candidate, Tuner, type TuningTask } from '../../main/devices/opencl/tuner';
import { testDevice } from '../openclDevice';

interface Runner {
  elapsedNs: number;
  answer: number;
}

const slow: Candidate<Runner> = { name: 'slow', likely: true, value: { elapsedNs: 300, answer: 7 } };
const fast: Candidate<Runner> = { name: 'fast', likely: true, value: { elapsedNs: 200, answer: 7 } };
const wrong: Candidate<Runner> = { name: 'wrong', likely: true, value: { elapsedNs: 100, answer: 8 } };

describe('Tuner', () => {
  const device = testDevice();
  let folder: string;
  let prepared: number;
  let released: number;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bnnw-tuner-'));
    prepared = 0;
    released = 0;
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    expect(released).toBe(prepared);
  });

  const task = (candidates: Candidate<Runner>[], subject = 'a network'): TuningTask<Runner> => ({
    ...{ device, subject, candidates },
    reference: async () => Uint8Array.of(7),
    prepare: async ({ answer, elapsedNs }) => {
      prepared++;
      return {
        answer: async () => Uint8Array.of(answer),
        elapsedNs: async () => elapsedNs,
        release: () => {
          released++;
        },
      };
    },
  });
  const choose = (candidates: Candidate<Runner>[], subject?: string) =>
    new Tuner(folder).choose(task(candidates, subject));
  const tune = (candidates: Candidate<Runner>[], again: boolean) =>
    new Tuner(folder).tune(task(candidates), again);

  it('takes the fastest that answers as the reference does', async () => {
    expect(await choose([slow, wrong, fast])).toBe(fast.value);
  });

  it('measures once, for each subject', async () => {
    await choose([slow, fast]);
    expect(prepared).toBe(2);
    expect(await choose([slow, fast])).toBe(fast.value);
    expect(prepared).toBe(2);
    await choose([slow, fast], 'another network');
    expect(prepared).toBe(4);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it('does not measure where there is no choice', async () => {
    expect(await choose([slow])).toBe(slow.value);
    expect(prepared).toBe(0);
  });

  it('says so where every candidate is wrong', async () => {
    await expect(choose([wrong, { ...wrong, name: 'also wrong' }])).rejects.toMatchObject({
      kind: 'wrong-answer',
    });
  });

  it('leaves an unlikely candidate to a person who asks, and keeps what was found then', async () => {
    const candidates = [slow, { ...fast, likely: false }, { ...wrong, likely: false }];
    expect(await choose(candidates)).toBe(slow.value);
    expect(prepared).toBe(0);
    const tuning = await tune(candidates, false);
    expect(tuning).toEqual({
      chosen: 'fast',
      trials: [
        { name: 'slow', medianMs: 300 / 1e6 },
        { name: 'fast', medianMs: 200 / 1e6 },
        { name: 'wrong', medianMs: null },
      ],
    });
    expect(await choose(candidates)).toBe(fast.value);
    expect(await tune(candidates, false)).toEqual(tuning);
    expect(prepared).toBe(3);
    await tune(candidates, true);
    expect(prepared).toBe(6);
  });
});
