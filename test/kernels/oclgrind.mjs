#!/usr/bin/env node
/**
 * Runs kernel tests under Oclgrind, which checks every memory access, data race and API call:
 *
 *   node test/kernels/oclgrind.mjs [test files]
 *
 * It stands in for the OpenCL driver, so the tests are the same. Oclgrind keeps the program's own exit code;
 * what counts is its log, which must be empty. First a kernel with a known fault must be found, so that an empty
 * log means something. BNNW_OCLGRIND names the driver library where it does not lie in Debian's place.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const library = process.env.BNNW_OCLGRIND ?? '/usr/lib/oclgrind/liboclgrind-rt-icd.so';
const projectFolder = fileURLToPath(new URL('../..', import.meta.url));
const files =
  process.argv.length > 2
    ? process.argv.slice(2)
    : ['test/kernels/portable.test.ts', 'test/kernels/fpga/arrays.test.ts', 'test/devices/opencl.test.ts'];

if (!existsSync(library)) {
  console.error(`Oclgrind is missing (${library}). On Debian and Ubuntu: sudo apt-get install oclgrind`);
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), 'bnnw-oclgrind-'));
try {
  const fault = underOclgrind(['test/kernels/outOfBounds.cjs'], 'fault.log');
  const tests = underOclgrind(['node_modules/vitest/vitest.mjs', 'run', ...files], 'tests.log');
  if (!fault.findings.includes('Invalid write')) fail(`A known fault was not found.\n${fault.findings}`);
  else if (tests.findings !== '') fail(tests.findings);
  else if (tests.exitCode !== 0) fail('The tests failed under Oclgrind.');
  else console.log('Oclgrind: no finding');
} finally {
  rmSync(folder, { recursive: true });
}

/**
 * @param {string[]} command for Node
 * @param {string} logName
 * @returns what Oclgrind wrote to its log, and to standard error, where it reports wrong API calls
 */
function underOclgrind(command, logName) {
  const log = join(folder, logName);
  const { status, stderr } = spawnSync(process.execPath, command, {
    cwd: projectFolder,
    stdio: ['inherit', 'inherit', 'pipe'],
    encoding: 'utf8',
    env: {
      ...process.env,
      OCL_ICD_VENDORS: library,
      OCL_ICD_FILENAMES: library,
      OCLGRIND_LOG: log,
      OCLGRIND_CHECK_API: '1',
      OCLGRIND_DATA_RACES: '1',
      // An FPGA's memory on chip is larger than the 32 KiB that Oclgrind gives a work group unasked.
      OCLGRIND_LOCAL_MEM_SIZE: String(2 ** 20),
      BNNW_TEST_DEVICE: 'Oclgrind',
    },
  });
  process.stderr.write(stderr);
  const logged = existsSync(log) ? readFileSync(log, 'utf8') : '';
  const reported = stderr.split('\n').filter((line) => line.includes('Oclgrind'));
  return { exitCode: status, findings: [logged, ...reported].join('\n').trim() };
}

/** @param {string} message */
function fail(message) {
  console.error(message);
  process.exitCode = 1;
}
