import { describe, expect, it } from 'vitest';
import { countCorrect, predictedClasses } from '../../../core/evaluation/accuracy';
import { chooseImages, gatherBatches } from '../../../core/evaluation/imageSelection';
import { summarize } from '../../../core/evaluation/summary';
import { type Evidence, judge, verdictText } from '../../../core/evaluation/verdict';
import { testRandom } from '../../random';

const random = testRandom('evaluation');

describe('the images of a run', () => {
  it('are all, in their own order, unless fewer are asked for', () => {
    expect(chooseImages(10, null, 1)).toBeNull();
    expect(chooseImages(10, 10, 1)).toBeNull();
  });

  it('are drawn without repetition, the same ones for the same seed', () => {
    const seed = random.uint32();
    const drawn = chooseImages(1000, 100, seed)!;
    expect(new Set(drawn).size).toBe(100);
    expect(drawn.every((index) => index >= 0 && index < 1000)).toBe(true);
    expect(chooseImages(1000, 100, seed)).toEqual(drawn);
    expect(chooseImages(1000, 100, seed + 1)).not.toEqual(drawn);
  });

  it('cannot be more than there are', () => {
    expect(() => chooseImages(10, 11, 1)).toThrow(expect.objectContaining({ kind: 'usage' }));
  });

  it('are copied in order, the last batch filled up from the start', () => {
    const images = Uint8Array.of(10, 11, 20, 21, 30, 31, 40, 41);
    expect([...gatherBatches(images, 2, [3, 0, 2], 3, 0, 1, 2)]).toEqual([40, 41, 10, 11]);
    expect([...gatherBatches(images, 2, [3, 0, 2], 3, 1, 1, 2)]).toEqual([30, 31, 40, 41]);
    const space = new Uint8Array(8).fill(255);
    const gathered = gatherBatches(images, 2, [3, 0, 2], 3, 0, 1, 2, space);
    expect([...gathered]).toEqual([40, 41, 10, 11]);
    expect(gathered.buffer).toBe(space.buffer);
    expect(gatherBatches(images, 2, [3, 0, 2], 3, 0, 3, 2, space).buffer).not.toBe(space.buffer);
    expect([...gatherBatches(images, 2, null, 4, 0, 2, 3)]).toEqual([
      10, 11, 20, 21, 30, 31, 40, 41, 10, 11, 20, 21,
    ]);
  });
});

describe('predictions', () => {
  it('are the largest logits, the first one of equals', () => {
    expect(predictedClasses(Float32Array.of(0, 2, 1, 5, 5, 4), 3)).toEqual(Uint32Array.of(1, 0));
    expect(predictedClasses(Float32Array.of(-3, -1, -2), 3)).toEqual(Uint32Array.of(1));
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('are refused where a logit is %d', (odd) => {
    expect(predictedClasses(Float32Array.of(0, 1, 2, 3, odd, 5), 3)).toBeNull();
  });

  it('are counted against the labels', () => {
    expect(countCorrect([1, 2, 3], [1, 0, 3, 9])).toBe(2);
  });
});

describe('summaries', () => {
  it('have the median, the 90th percentile as NumPy gives it, and every sample', () => {
    expect(summarize([4, 1, 3, 2, 10])).toEqual({
      median: 3,
      p90: expect.closeTo(7.6, 12),
      samples: [4, 1, 3, 2, 10],
    });
  });
});

describe('the verdict', () => {
  const full: Evidence = {
    deviceType: 'cpu',
    samples: 10_000,
    available: 10_000,
    timing: {
      endToEndMsPerBatch: summarize(Array(40).fill(10)),
      deviceMsPerBatch: summarize(Array(40).fill(9)),
    },
  };
  const text = (evidence: Partial<Evidence>) => verdictText(judge({ ...full, ...evidence }));
  const timing = (endToEnd: number[], device: number[] | null) => ({
    endToEndMsPerBatch: summarize(endToEnd),
    deviceMsPerBatch: device && summarize(device),
  });

  it('on a full run is valid, with or without device times', () => {
    expect(text({})).toBe('valid');
    expect(text({ timing: timing(Array(40).fill(10), null) })).toBe('valid');
  });

  it('on a short run is quick, and says of what there was too little', () => {
    expect(text({ samples: 100 })).toBe('quick: 100 of 10,000 test images.');
    expect(text({ timing: timing(Array(9).fill(20), null) })).toBe(
      'quick: 9 batches timed; full runs have at least 10.',
    );
    expect(text({ timing: timing(Array(10).fill(1), null) })).toBe(
      'quick: 10.0 ms timed; full runs have at least 100 ms.',
    );
  });

  it('on the null device is never that of a full run', () => {
    expect(text({ deviceType: 'null' })).toMatch(/^quick: The null device computes nothing/);
  });

  it('on an emulator is never that of a full run', () => {
    expect(text({ deviceType: 'fpga-emulator' })).toMatch(/^quick: Emulation/);
  });

  it('on impossible times is invalid', () => {
    const usual = Array(40).fill(10);
    expect(text({ timing: timing([...usual, 0], null) })).toMatch(/^invalid: The clock/);
    expect(text({ timing: timing([...usual, Number.NaN], null) })).toMatch(/^invalid: The clock/);
    expect(text({ timing: timing(usual, [...usual, -1]) })).toMatch(/^invalid: The device gave a time/);
    expect(text({ timing: timing(usual, Array(40).fill(11)) })).toMatch(/^invalid: The device gave longer/);
  });
});
