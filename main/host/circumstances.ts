/** What the machine was doing when a run began. */
import { existsSync, readFileSync } from 'node:fs';
import { cpus, freemem, loadavg } from 'node:os';
import type { Circumstances } from '../../core/session/schema';

const GOVERNOR = '/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor';

export function describeCircumstances(): Omit<Circumstances, 'clockStepNs'> {
  const clocks = cpus().map(({ speed }) => speed);
  const meanClock = clocks.reduce((sum, mhz) => sum + mhz, 0) / clocks.length;
  return {
    // Windows has no such figure, and Node tells 0 there.
    load: process.platform === 'win32' ? null : loadavg()[0]!,
    freeMemoryBytes: freemem(),
    governor: existsSync(GOVERNOR) ? readFileSync(GOVERNOR, 'utf8').trim() : null,
    cpuClockMhz: meanClock > 0 ? meanClock : null,
    container: container(),
  };
}

/** The files by which Docker and Podman mark their containers, and the variable that systemd asks others to set. */
function container(): string | null {
  if (existsSync('/.dockerenv')) return 'docker';
  if (existsSync('/run/.containerenv')) return 'podman';
  return process.env.container ?? null;
}
