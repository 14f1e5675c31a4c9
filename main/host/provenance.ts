/** What a session says about the program and the machine that made it. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cpus, type as osType, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { SessionDocument } from '../../core/session/schema';
import { applicationRoot } from '../applicationRoot';

/** A checkout on a drive of the network may not answer. */
const GIT_PATIENCE_MS = 5000;

const packageSchema = z.object({ version: z.string() });

export function programVersion(): string {
  return packageSchema.parse(JSON.parse(readFileSync(join(applicationRoot(), 'package.json'), 'utf8')))
    .version;
}

/** The commit is null where the program is no checkout, or git is not there. */
export async function describeProgram(): Promise<SessionDocument['program']> {
  const version = programVersion();
  const root = applicationRoot();
  if (!existsSync(join(root, '.git'))) return { version, commit: null };
  const commit = await promisify(execFile)('git', ['-C', root, 'rev-parse', 'HEAD'], {
    timeout: GIT_PATIENCE_MS,
    killSignal: 'SIGKILL',
  }).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );
  return { version, commit };
}

export function describeMachine(): SessionDocument['machine'] {
  const processors = cpus();
  return {
    operatingSystem: `${distribution() ?? osType()}, kernel ${release()}, ${process.arch}`,
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryBytes: totalmem(),
  };
}

/** `Debian GNU/Linux 12 (bookworm)`, or null where there is no such file. */
function distribution(): string | null {
  const path = '/etc/os-release';
  if (!existsSync(path)) return null;
  return /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync(path, 'utf8'))?.[1] ?? null;
}
