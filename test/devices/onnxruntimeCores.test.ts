import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { physicalCores } from '../../main/devices/onnxruntime/processorCores';

/** A machine as Linux describes it: processor n and n + 4 are the two threads of core n. */
function machine(allowed: string, quota: string | null): string {
  const root = mkdtempSync(join(tmpdir(), 'bnnw-test-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  write('proc/self/status', `Name:\tnode\nCpus_allowed_list:\t${allowed}\nMems_allowed_list:\t0\n`);
  for (let processor = 0; processor < 8; processor++) {
    const core = processor % 4;
    write(`sys/devices/system/cpu/cpu${processor}/topology/thread_siblings_list`, `${core},${core + 4}\n`);
  }
  if (quota !== null) write('sys/fs/cgroup/cpu.max', `${quota} 100000\n`);
  return root;
}

it.each([
  ['all eight processors', '0-7', null, 4],
  ['both threads of one core', '1,5', null, 1],
  ['three processors of two cores', '0-1,4', null, 2],
  ['a quota of one and a half', '0-7', '150000', 2],
  ['a quota without a limit', '0-7', 'max', 4],
])('a process with %s', (_, allowed, quota, cores) => {
  expect(physicalCores(machine(allowed, quota))).toBe(cores);
});
