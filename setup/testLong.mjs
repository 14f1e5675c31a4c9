#!/usr/bin/env node
/**
 * `npm run test:long`: 100,000 mutated files over all formats, 500 killed hosts, and a crash and a hang at every
 * call of a driver. Prints its figures. Build first: `npm run build`.
 */
import { run, runScript, runVisibly } from './steps.mjs';

/** Over the formats of models, data sets, sessions, journals and meter logs. */
const MUTATIONS_OF_EACH_FORMAT = 10_000;

const parts = [
  ['unit', 'test/main/models/mutations.test.ts', 'test/main/datasets/mutations.test.ts', 'test/hostile'],
  ['unit', 'test/storage'],
  ['opencl', 'test/devices/failingDriver'],
];

await runScript(async () => {
  await run(process.execPath, ['setup/build.mjs'], 'Build the program first.');
  const { poclEnvironment } = await import('./opencl.mjs');
  let failures = 0;
  for (const [project, ...files] of parts) {
    const exitCode = await runVisibly(
      process.execPath,
      [
        'node_modules/vitest/vitest.mjs',
        'run',
        '--project',
        project ?? 'unit',
        '--testTimeout=3600000',
        ...files,
      ],
      {
        env: {
          ...process.env,
          ...poclEnvironment(),
          BNNW_TEST_LONG: '1',
          BNNW_MUTATIONS: String(MUTATIONS_OF_EACH_FORMAT),
        },
      },
    );
    if (exitCode !== 0) failures += 1;
  }
  return failures === 0 ? 0 : 1;
});
