#!/usr/bin/env node
/**
 * `npm run example`: measures the example session anew, on this machine, and writes it to assets/example. All 10,000
 * test images of each data set, so a quiet machine and some ten minutes are wanted. `--samples N --output FILE` tries
 * it on fewer images.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepare } from './prepare.mjs';
import { projectFolder, run, runScript, runVisibly, SetupError, say } from './steps.mjs';

const { values } = parseArgs({ options: { samples: { type: 'string' }, output: { type: 'string' } } });
const output = values.output ?? join(projectFolder, 'assets/example/session.json');
const cli = join(projectFolder, 'dist/main/cli.cjs');

const BINARIZED = ['mnist', 'cifar10'].flatMap((of) => [`${of}-deterministic`, `${of}-stochastic`]).join(',');
/** Models of mode none run in fp32 only, so that these are several jobs. */
const JOBS = [
  ['--model', 'all', '--device', 'pocl', '--precision', 'fp32', '--layers'],
  ['--model', BINARIZED, '--device', 'pocl', '--precision', 'a4', '--layers'],
  ['--model', 'all', '--device', 'onnxruntime', '--precision', 'fp32'],
];

/** @param {string[]} options @param {string} path of the session document */
async function measure(options, path) {
  const samples = values.samples === undefined ? [] : ['--samples', values.samples];
  const words = [cli, 'run', ...options, ...samples, '--json', path];
  if ((await runVisibly(process.execPath, words)) !== 0)
    throw new SetupError(`npx bnnw run ${options.join(' ')} failed`, 'See above.');
  return JSON.parse(readFileSync(path, 'utf8'));
}

await runScript(async () => {
  await prepare('run');
  const scratch = mkdtempSync(join(tmpdir(), 'bnnw-example-'));
  try {
    const sessions = [];
    for (const [i, job] of JOBS.entries()) sessions.push(await measure(job, join(scratch, `${i}.json`)));
    const [first] = sessions;
    // Of one machine and one evening: one session, not a merged one. No plan, since nothing of it is left to run.
    const { plan: _, ...head } = first;
    const runs = sessions.flatMap((session) => session.runs);
    const document = {
      ...head,
      id: 'example',
      name: `Example: six models on ${first.machine.cores} cores of an ${first.machine.cpu}`,
      command: sessions.map(({ command }) => command).join(' && '),
      runs: runs.map(({ cell: __, ...each }, i) => ({ ...each, id: `run-${i + 1}` })),
      failures: sessions.flatMap(({ failures }) => failures),
    };
    writeFileSync(output, `${JSON.stringify(document)}\n`);
    const check = [cli, 'report', output, '-o', join(scratch, 'report.md')];
    await run(process.execPath, check, 'The session that was written cannot be read.');
    say(`${document.runs.length} runs in ${output}`);
    return 0;
  } finally {
    rmSync(scratch, { recursive: true });
  }
});
