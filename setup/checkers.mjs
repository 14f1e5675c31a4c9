/** Runs of tests under programs that watch every access to memory. */
import { existsSync } from 'node:fs';
import { installOrAdvise } from './apt.mjs';
import { poclEnvironment } from './opencl.mjs';
import { run, runVisibly, step } from './steps.mjs';
import { runVitest } from './vitest.mjs';

/**
 * The addon's tests with every wrong access of the addon made an error; native/README.md says more.
 * @param {string} report
 * @param {string[]} [files]
 * @param {Record<string, string>} [environment] added
 */
export async function testAddonSanitized(report, files = ['test/native'], environment = {}) {
  const remedy = 'native/README.md says what the build needs.';
  await step('builds the OpenCL addon with AddressSanitizer', () =>
    run(process.execPath, ['native/build.mjs', '--debug'], remedy),
  );
  const library = await run('gcc', ['-print-file-name=libasan.so'], remedy);
  return runVitest(report, ['--project', 'opencl', ...files], {
    ...poclEnvironment(),
    ...environment,
    BNNW_NATIVE_CONFIGURATION: 'Debug',
    LD_PRELOAD: library.trim(),
    // V8 frees nothing at its end; the tests count handles instead. LLVM, in PoCL, sets signal stacks of its own,
    // which AddressSanitizer would take for its own when a thread ends.
    ASAN_OPTIONS: 'detect_leaks=0:use_sigaltstack=0',
  });
}

/**
 * The kernels' tests on a simulated device that reports wrong accesses and data races: one test more, which
 * passes where there is no finding.
 */
export async function testKernelsWatched() {
  const driver = '/usr/lib/oclgrind/liboclgrind-rt-icd.so';
  if (!existsSync(driver)) await installOrAdvise('Oclgrind, a checker of OpenCL kernels', ['oclgrind']);
  const exitCode = await runVisibly(process.execPath, ['test/kernels/oclgrind.mjs']);
  return exitCode === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}
