import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Context, Program } from '../../../native';
import { deviceFailure, isOpenClError } from './failure';
import type { ProgramCache } from './programCache';

/**
 * Builds the programs of one preparation, from the disk cache where it has them, and keeps the account of them
 * for the session.
 */
export class ProgramBuilder {
  private readonly sources = createHash('sha256');
  private readonly allOptions = new Set<string>();
  private elapsedMs = 0;
  /** How many programs came from the disk cache, and how many from the compiler. */
  readonly origins = { loaded: 0, compiled: 0 };

  constructor(
    private readonly context: Context,
    private readonly cache: ProgramCache,
  ) {}

  /** @throws WorkbenchError `device-failed` with the build log */
  async build(source: string, options: string): Promise<Program> {
    const started = performance.now();
    this.sources.update(source);
    this.allOptions.add(options);
    try {
      return (await this.loadCached(source, options)) ?? (await this.compile(source, options));
    } catch (error) {
      throw deviceFailure(error, this.context.device.info.name);
    } finally {
      this.elapsedMs += performance.now() - started;
    }
  }

  /** What was built so far. */
  get account(): { buildMs: number; sourceSha256: string | null; buildOptions: string } {
    const { loaded, compiled } = this.origins;
    return {
      buildMs: this.elapsedMs,
      // An FPGA image comes without its source.
      sourceSha256: loaded + compiled > 0 ? this.sources.copy().digest('hex') : null,
      buildOptions: [...this.allOptions].join('; '),
    };
  }

  private async loadCached(source: string, options: string): Promise<Program | null> {
    const binary = await this.cache.load(this.cache.key(this.context.device, source, options));
    if (!binary) return null;
    try {
      const program = await this.context.loadProgram(binary, options);
      this.origins.loaded++;
      return program;
    } catch (error) {
      // A driver may refuse its own binary after an update of something else; then it is compiled anew.
      if (isOpenClError(error)) return null;
      throw error;
    }
  }

  private async compile(source: string, options: string): Promise<Program> {
    const program = await this.context.buildProgram(source, options);
    this.origins.compiled++;
    try {
      const key = this.cache.key(this.context.device, source, options);
      await this.cache.store(key, program.binary());
      return program;
    } catch (error) {
      program.release();
      throw error;
    }
  }
}
