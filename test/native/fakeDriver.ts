import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A made-up OpenCL loader, compiled into a folder of its own. Its source says what it does. Not for Windows. */
export class FakeDriver {
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'bnnw-fake-driver-'));
  /** For BNNW_OPENCL_LOADER, before the addon's first call. */
  readonly library = path.join(this.folder, 'libOpenCL.so');

  constructor(source = path.join(import.meta.dirname, 'fakeDriver.cc')) {
    const options = ['-std=c++17', '-shared', '-fPIC', '-Wall', '-Wextra', '-Werror', '-o', this.library];
    execFileSync(process.env.CXX ?? 'c++', [...options, source, '-ldl'], { stdio: 'inherit' });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
