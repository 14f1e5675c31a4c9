import { expect, it } from 'vitest';
import type { DeviceInfo } from '../../../core/contract/host';
import { groupCells, takesTurns } from '../../../main/host/turnGroups';
import { fakeDriver } from './fakeHost';

const GIB = 2 ** 30;

function cells(...devices: [id: string, type: DeviceInfo['type'], memoryBytes: number, modelId?: string][]) {
  return devices.map(([id, type, memoryBytes, modelId = 'm']) => {
    const about = { name: id, platform: 'p', driver: '1', computeUnits: 1, precisions: [], details: {} };
    return { modelId, device: { info: { id, type, memoryBytes, ...about }, driver: fakeDriver } };
  });
}

it('lets neighbours take turns, as many as fit into the memory of their device', () => {
  const roomy = Array(3).fill(['cpu', 'cpu', 64 * GIB]);
  expect(groupCells(cells(...roomy))).toEqual([[0, 1, 2]]);
  const tight = Array(3).fill(['gpu', 'gpu', 2.5 * GIB]);
  expect(groupCells(cells(...tight))).toEqual([[0, 1], [2]]);
  expect(groupCells(cells(...Array(10).fill(['cpu', 'cpu', 64 * GIB]))).map(({ length }) => length)).toEqual([
    8, 2,
  ]);
});

it('puts the devices of a model into one group before another model', () => {
  const [one, other] = ['a', 'b'].map((id) =>
    ['m', 'n'].map((model) => [id, 'gpu', 1.5 * GIB, model] as const),
  );
  expect(
    groupCells(cells(...one!.map((c) => [...c] as never), ...other!.map((c) => [...c] as never))),
  ).toEqual([
    [0, 2],
    [1, 3],
  ]);
});

it('gives an FPGA to one run at a time, since each has an image of its own', () => {
  const boards = cells(['f', 'fpga', 64 * GIB], ['f', 'fpga', 64 * GIB], ['cpu', 'cpu', 64 * GIB]);
  expect(groupCells(boards)).toEqual([[0], [1, 2]]);
});

it('finishes a test set before the next one, and alternates what is timed for itself', () => {
  expect([{}, { scenario: 'accuracy' as const }].map(takesTurns)).toEqual([false, false]);
  expect(takesTurns({ scenario: 'throughput' })).toBe(true);
  expect(takesTurns({ scenario: 'throughput', interleave: false })).toBe(false);
  expect(takesTurns({ scenario: 'accuracy', interleave: true })).toBe(true);
});
