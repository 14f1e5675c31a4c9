import { describe, expect, it } from 'vitest';
import { missingPackages } from '../../setup/dependencies.mjs';

const zod = { version: '4.0.0', integrity: 'sha512-a' };
const otherPlatform = { version: '1.0.0', integrity: 'sha512-b', optional: true };
const wanted = {
  packages: { '': {}, 'node_modules/zod': zod, 'node_modules/biome-darwin': otherPlatform },
};

describe('the packages that npm ci would bring', () => {
  it('are none where all are installed, optional ones of other platforms left out', () => {
    expect(missingPackages(wanted, { packages: { 'node_modules/zod': zod } })).toEqual([]);
  });

  it('are those that are not there', () => {
    expect(missingPackages(wanted, { packages: {} })).toEqual(['node_modules/zod']);
  });

  it.each([
    ['version', { ...zod, version: '3.0.0' }],
    ['content', { ...zod, integrity: 'sha512-c' }],
  ])('are those of another %s', (_, installed) => {
    expect(missingPackages(wanted, { packages: { 'node_modules/zod': installed } })).toEqual([
      'node_modules/zod',
    ]);
  });
});
