/** A disk of its own that can be filled and made read-only. Linux, and only where this process may mount. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  folder: string;
  /** Takes what room is left, but for a few bytes within the last page. @returns what gives it back */
  fill(): () => void;
  setReadOnly(readOnly: boolean): void;
  /** @throws Error where a file on it is still open */
  unmount(): void;
}

/** Null, and a line that says so, where it cannot be mounted. */
export function smallDisk(bytes: number): SmallDisk | null {
  if (process.platform !== 'linux') return skipped('this is not Linux');
  const folder = mkdtempSync(join(tmpdir(), 'bnnw-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder], {
    encoding: 'utf8',
  });
  if (mounted.status !== 0) {
    rmdirSync(folder);
    return skipped(mounted.error?.message ?? mounted.stderr.trim());
  }
  return {
    folder,
    fill: () => {
      const filler = join(folder, 'filler');
      writeFileSync(filler, '');
      try {
        for (;;) writeFileSync(filler, Buffer.alloc(4096), { flag: 'a' });
      } catch (thrown) {
        if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOSPC')) throw thrown;
      }
      return () => rmSync(filler);
    },
    setReadOnly: (readOnly) => {
      execFileSync('mount', ['-o', `remount,${readOnly ? 'ro' : 'rw'}`, folder]);
    },
    unmount: () => {
      const { status, stderr } = spawnSync('umount', [folder], { encoding: 'utf8' });
      if (status !== 0) execFileSync('umount', ['--lazy', folder]);
      rmdirSync(folder);
      if (status !== 0) throw new Error(stderr);
    },
  };
}

function skipped(reason: string): null {
  process.stdout.write(`skipped: no disk of its own can be mounted for the tests (${reason})\n`);
  return null;
}
