/** The memory that reading one large file takes, in a process of its own for each format. */
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { figure } from '../figures';
import { bundle, programFolder } from '../main/host/programs';
import { testRandom } from '../random';
import { type LargeFile, writeLargeFiles } from './largeFiles';
import type { Reading } from './readOnce';

vi.setConfig({ testTimeout: 20 * 60_000, hookTimeout: 60_000 });
const LARGE_BYTES = (process.env.BNNW_TEST_LONG ? 64 : 4) * 2 ** 20;
const MOST_EXTRA_BYTES = 256 * 2 ** 20;
const random = testRandom('memory');
const { folder, remove } = programFolder();
afterAll(remove);
let script: string;
beforeAll(() => {
  script = bundle(join(__dirname, 'readOnce.ts'), folder);
});

const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

function measure({ format, reader, path, refused = false }: LargeFile): { grown: number; limit: number } {
  const bytes = statSync(reader === 'manifest' ? `${path}.json` : path).size;
  const answer = execFileSync(process.execPath, [script, reader, path], { encoding: 'utf8' });
  const { outcome, message, cpuMs, grownBytes }: Reading = JSON.parse(answer);
  const limit = 2 * bytes + MOST_EXTRA_BYTES;
  figure(
    `memory, ${format}`,
    `${mib(bytes)} ${outcome} in ${cpuMs.toFixed(0)} ms of the processor: ${mib(grownBytes)} of ${mib(limit)}`,
  );
  expect(outcome, `${format}: ${message}`).toBe(refused ? 'refused' : 'read');
  return { grown: grownBytes, limit };
}

it.runIf(process.platform === 'linux')(
  'reading a file takes at most twice its size and 256 MiB',
  async () => {
    const files = await writeLargeFiles(folder, LARGE_BYTES, random);
    const tooMuch: string[] = [];
    for (const file of files) {
      const { grown, limit } = measure(file);
      if (grown > limit) tooMuch.push(`${file.format}: ${mib(grown)}, at most ${mib(limit)}`);
    }
    expect(tooMuch).toEqual([]);
  },
);
