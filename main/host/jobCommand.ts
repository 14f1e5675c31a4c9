/** A job as a command line, and back. */
import type { Job } from '../../core/contract/job';
import { WorkbenchError } from '../../core/errors';
import { checkJob } from './jobCells';

/** The command line that repeats a job. */
export function commandOf(job: Job): string {
  const words = ['bnnw', 'run', '--model', job.models.join(',')];
  if (job.dataset !== null) words.push('--dataset', job.dataset);
  words.push('--device', job.deviceIds.join(','));
  words.push('--batch', job.batchSizes.join(','), '--precision', job.precisions.join(','));
  if (job.samples !== null) words.push('--samples', String(job.samples));
  words.push('--seed', String(job.seed));
  if (job.scenario !== undefined && job.scenario !== 'accuracy') words.push('--scenario', job.scenario);
  if (job.quick) words.push('--quick');
  return words.map(quoted).join(' ');
}

/** The flags that {@link commandOf} writes, each with what its text stands for. A job needs no other. */
const FLAGS: Record<string, (text: string) => Record<string, unknown>> = {
  '--model': (text) => ({ models: text.split(',') }),
  '--dataset': (text) => ({ dataset: text }),
  '--device': (text) => ({ deviceIds: text.split(',') }),
  '--batch': (text) => ({ batchSizes: text.split(',').map(Number) }),
  '--precision': (text) => ({ precisions: text.split(',') }),
  '--samples': (text) => ({ samples: Number(text) }),
  '--seed': (text) => ({ seed: Number(text) }),
  '--scenario': (text) => ({ scenario: text }),
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
    if (flag === '--quick') job.quick = true;
    else {
      const value = words.shift();
      const read = Object.hasOwn(FLAGS, flag) ? FLAGS[flag] : undefined;
      if (read === undefined || value === undefined) throw refuse(`${flag} is not understood`);
      Object.assign(job, read(value));
    }
  }
  return checkJob(job);
}

/** The reverse of {@link quoted}, word by word. */
function wordsOf(command: string): string[] {
  const words = command.match(/(?:'[^']*'|\\'|[^\s'\\])+/g) ?? [];
  return words.map((word) =>
    word.replace(/'([^']*)'|\\'/g, (whole, inside: string | undefined) =>
      whole === "\\'" ? "'" : (inside ?? ''),
    ),
  );
}

/** For a POSIX shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
