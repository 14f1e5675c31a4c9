/** A job as a command line, and back. */
import type { GivenPower, Job } from '../../core/contract/job';
import { WorkbenchError } from '../../core/errors';
import { shellWord } from '../../core/shellWord';
import { checkJob } from './jobCells';

/** The command line that repeats a job. */
export function commandOf(job: Job): string {
  const words = ['bnnw', 'run', '--model', job.models.join(',')];
  if (job.dataset !== null) words.push('--dataset', job.dataset);
  words.push('--device', job.deviceIds.join(','));
  words.push('--batch', job.batchSizes.join(','), '--precision', job.precisions.join(','));
  if (job.onlyPossible) words.push('--only-possible');
  if (job.samples !== null) words.push('--samples', String(job.samples));
  words.push('--seed', String(job.seed));
  if (job.scenario !== undefined && job.scenario !== 'accuracy') words.push('--scenario', job.scenario);
  if (job.quick) words.push('--quick');
  if (job.interleave !== undefined) words.push(job.interleave ? '--interleave' : '--no-interleave');
  if (job.coolDownMs) words.push('--cool-down', String(job.coolDownMs / 1000));
  if (job.layers) words.push('--layers');
  if (job.sampling) {
    words.push('--draws', String(job.sampling.draws), '--temperature', String(job.sampling.temperature));
  }
  if (job.power) words.push(...powerWords(job.power));
  return words.map(shellWord).join(' ');
}

function powerWords(power: GivenPower): string[] {
  const scope = ['--power-scope', power.scope];
  if (power.kind === 'typed-in') return ['--power-w', String(power.watts), ...scope];
  return ['--meter-log', power.path, '--meter-ahead-ms', String(power.clockAheadMs), ...scope];
}

/** Flags without a value. */
const SWITCHES: Record<string, Record<string, unknown>> = {
  '--quick': { quick: true },
  '--only-possible': { onlyPossible: true },
  '--interleave': { interleave: true },
  '--no-interleave': { interleave: false },
  '--layers': { layers: true },
};

/** The power of a run is that of the time when it was made: another run has another one. */
const NOT_REPEATED = ['--power-w', '--power-scope', '--meter-log', '--meter-ahead-ms'];

/** The other flags that {@link commandOf} writes, each with what its text stands for. A job needs no more. */
const FLAGS: Record<string, (text: string) => Record<string, unknown>> = {
  '--model': (text) => ({ models: text.split(',') }),
  '--dataset': (text) => ({ dataset: text }),
  '--device': (text) => ({ deviceIds: text.split(',') }),
  '--batch': (text) => ({ batchSizes: text.split(',').map(Number) }),
  '--precision': (text) => ({ precisions: text.split(',') }),
  '--samples': (text) => ({ samples: Number(text) }),
  '--seed': (text) => ({ seed: Number(text) }),
  '--scenario': (text) => ({ scenario: text }),
  '--cool-down': (text) => ({ coolDownMs: Number(text) * 1000 }),
  '--draws': (text) => ({ draws: Number(text) }),
  '--temperature': (text) => ({ temperature: Number(text) }),
};

/**
 * The job that a session's command repeats. The text may come from anybody's session, so it is read here and never
 * given to a shell, and a flag that {@link commandOf} does not write is refused.
 * @throws WorkbenchError `refused-file`, `usage`
 */
export function jobOfCommand(command: string): Job {
  const [program, verb, ...words] = wordsOf(command);
  const refuse = (what: string) =>
    new WorkbenchError('refused-file', `The session's command cannot be repeated: ${what}.`, {
      where: command,
    });
  if (program !== 'bnnw' || verb !== 'run') throw refuse('it is no `bnnw run`');
  const job: Record<string, unknown> = { dataset: null, samples: null, sessionName: null };
  while (words.length > 0) {
    const flag = words.shift()!;
    if (Object.hasOwn(SWITCHES, flag)) {
      Object.assign(job, SWITCHES[flag]);
      continue;
    }
    const value = words.shift();
    if (value !== undefined && NOT_REPEATED.includes(flag)) continue;
    const read = Object.hasOwn(FLAGS, flag) ? FLAGS[flag] : undefined;
    if (read === undefined || value === undefined) throw refuse(`${flag} is not understood`);
    Object.assign(job, read(value));
  }
  const { draws, temperature, ...rest } = job;
  return checkJob(draws === undefined ? rest : { ...rest, sampling: { draws, temperature } });
}

/** The reverse of {@link shellWord}, word by word. */
function wordsOf(command: string): string[] {
  const words = command.match(/(?:'[^']*'|\\'|[^\s'\\])+/g) ?? [];
  return words.map((word) =>
    word.replace(/'([^']*)'|\\'/g, (whole, inside: string | undefined) =>
      whole === "\\'" ? "'" : (inside ?? ''),
    ),
  );
}
