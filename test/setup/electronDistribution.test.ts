import { expect, it } from 'vitest';
import { describeDistribution } from '../../setup/electronDistribution.mjs';

it('tells the age of the older Electron in whole years', () => {
  expect(describeDistribution(new Date('2024-10-01'))).toBe('22.3.25 of September 2023, 1 year old');
  expect(describeDistribution(new Date('2026-09-01'))).toBe('22.3.25 of September 2023, 2 years old');
});
