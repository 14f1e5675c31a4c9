import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Advice } from '../../core/contract/host';
import type { Reading, SensorDescription } from '../../core/power/readings';
import type { PowerSensor, SensorSearch } from './sensor';

/** Linux's powercap tree. Zones `intel-rapl:N` are packages (or `psys`); `intel-rapl:N:M` are parts of them. */
const POWERCAP = '/sys/class/powercap';

/** The remedy for CVE-2020-8694's restriction: a rule that lets everybody read the counters. */
const REMEDY =
  'Let users read the counters: sudo sh -c \'echo SUBSYSTEM==\\"powercap\\", ACTION==\\"add\\", RUN+=\\"/bin/chmod -R a+r /sys%p\\" > /etc/udev/rules.d/70-powercap.rules\' && sudo udevadm trigger --action=add --subsystem-match=powercap. Other programs of this machine can then see how much energy it uses.';

type ReadText = (path: string) => Promise<string>;
const readText: ReadText = (path) => readFile(path, 'utf8');

/** A non-negative whole number alone in a file, or null. */
async function readCount(path: string, read: ReadText = readText): Promise<number | null> {
  const text = (await read(path)).trim();
  return /^\d+$/.test(text) ? Number(text) : null;
}

class RaplZone implements PowerSensor {
  constructor(
    readonly description: SensorDescription,
    private readonly counterPath: string,
  ) {}

  async read(nowMs: number): Promise<Reading> {
    try {
      const microjoules = await readCount(this.counterPath);
      return { atMs: nowMs, value: microjoules === null ? null : microjoules / 1e6 };
    } catch {
      return { atMs: nowMs, value: null };
    }
  }

  close(): void {}
}

/**
 * Intel's and AMD's energy counters of the processor package. They cover the package, not the machine, change
 * about every millisecond, and wrap at `max_energy_range_uj`. Since CVE-2020-8694 only root may read them.
 *
 * @param root the powercap folder; tests give a recorded one
 * @param read how its files are read; tests give one that is refused
 */
export async function findRapl(root: string = POWERCAP, read: ReadText = readText): Promise<SensorSearch> {
  const sensors: PowerSensor[] = [];
  const advice: Advice[] = [];
  let zones: string[];
  try {
    zones = (await readdir(root)).filter((name) => /^intel-rapl:\d+$/.test(name)).sort();
  } catch {
    return { sensors, advice };
  }
  for (const zone of zones) {
    const folder = join(root, zone);
    const counterPath = join(folder, 'energy_uj');
    try {
      const name = (await read(join(folder, 'name'))).trim();
      const range = await readCount(join(folder, 'max_energy_range_uj'), read);
      if ((await readCount(counterPath, read)) === null) continue;
      sensors.push(
        new RaplZone(
          {
            id: `rapl:${name}`,
            source: `RAPL ${name}`,
            origin: 'sensor',
            scope: name === 'psys' ? 'board' : 'package',
            kind: 'counter',
            updateMs: 1,
            averagingMs: null,
            duty: 1,
            relativeUncertainty: null,
            wrapJ: range === null ? null : range / 1e6,
          },
          counterPath,
        ),
      );
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : null;
      if (code === 'EACCES' || code === 'EPERM') {
        advice.push({
          subject: `RAPL ${zone}`,
          problem: `${counterPath} may be read by root only, so the processor's energy is not measured`,
          remedy: REMEDY,
        });
      }
    }
  }
  return { sensors, advice };
}
