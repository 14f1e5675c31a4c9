/** Mutated images, manifests and plans: refused or read, never worse. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { imageInMemory } from '../../../main/fpga/imageFile';
import { readManifest } from '../../../main/fpga/manifestFile';
import { readImageFrom } from '../../../main/fpga/readImage';
import { tryMutations } from '../../hostile/mutationTrial';
import { testRandom } from '../../random';
import { mutated } from '../models/mutator';
import { AOCX_SECTIONS, aocx, manifestOf, xclbin } from './images';

vi.setConfig({ testTimeout: 60 * 60_000 });
const random = testRandom('fpga mutations');
const folder = mkdtempSync(join(tmpdir(), 'bnnw-image-mutations-'));
afterAll(() => rmSync(folder, { recursive: true }));

const image = join(folder, 'network.aocx');
const fromMemory = (bytes: Uint8Array) => readImageFrom(imageInMemory(image, bytes));

const formats: [string, Uint8Array, (bytes: Uint8Array) => Promise<unknown>][] = [
  ['.aocx', aocx(), fromMemory],
  ['64-bit .aocx', aocx(AOCX_SECTIONS, 64), fromMemory],
  ['.xclbin', xclbin(), fromMemory],
  [
    'manifest of an image',
    Buffer.from(JSON.stringify(manifestOf(aocx()))),
    (bytes) => {
      writeFileSync(`${image}.json`, bytes);
      return readManifest(image);
    },
  ],
];

it.each(formats)('a mutated %s is refused with a reason, or read', async (format, original, read) => {
  const refused = await tryMutations({
    format,
    original,
    mutate: () => mutated(random, original),
    read,
    isRefusal: ({ kind, where }) => kind === 'refused-file' && where?.startsWith(image) === true,
  });
  expect(refused).toBeGreaterThan(0);
});
