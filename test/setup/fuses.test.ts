import { FuseV1Options } from '@electron/fuses';
import { expect, it } from 'vitest';
import { fuses } from '../../setup/fuses.mjs';

it('every fuse that Electron has is set one way or the other', () => {
  // RunAsNode is runAsNode here.
  const known = Object.keys(FuseV1Options)
    .filter((name) => !/^\d+$/.test(name))
    .map((name) => name.charAt(0).toLowerCase() + name.slice(1));
  expect(Object.keys(fuses).sort()).toEqual(known.sort());
});

it('the packaged program is no Node, is not debugged, and runs from its archive only', () => {
  expect(fuses).toMatchObject({
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    onlyLoadAppFromAsar: true,
    grantFileProtocolExtraPrivileges: false,
  });
});
