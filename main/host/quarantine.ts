/**
 * Devices that failed again and again are set aside until the person says otherwise, across restarts. Kept in
 * a file of its own that is read anew each time: the window and the command line share it. Where it cannot be read no
 * device is set aside, and that is told.
 */

import type { Advice, DeviceCondition, DeviceInfo } from '../../core/contract/host';
import { type ErrorDescription, type ErrorKind, WorkbenchError } from '../../core/errors';
import { type Count, type Failures, FailuresFile } from './failuresFile';

/** In a row. */
const MOST_FAILURES = 3;
/** Those that tell of the device rather than of the request, a file or the disk. */
const OF_THE_DEVICE: ReadonlySet<ErrorKind> = new Set(['device-failed', 'device-lost', 'wrong-answer']);

type Named = Pick<DeviceInfo, 'id' | 'name'>;

export class Quarantine {
  /** One change after another. */
  private changes: Promise<void> = Promise.resolve();
  private readonly file: FailuresFile;

  constructor(path: string) {
    this.file = new FailuresFile(path);
  }

  /** @throws WorkbenchError `not-available` where the device is set aside */
  async check({ id, name }: Named): Promise<void> {
    const found = (await this.read()).get(id);
    if (!found || found.failures < MOST_FAILURES) return;
    throw new WorkbenchError('not-available', `${name} is set aside: ${failuresText(found)}.`, {
      where: name,
      remedy: restoreText(id),
      details: found.lastMessage,
    });
  }

  /** What is held against a device. */
  async health(id: string): Promise<Pick<DeviceCondition, 'failures' | 'isSetAside'>> {
    const found = (await this.read()).get(id);
    if (!found) return { failures: null, isSetAside: false };
    const { failures: count, lastAt, lastMessage } = found;
    return { failures: { count, lastAt, lastMessage }, isSetAside: count >= MOST_FAILURES };
  }

  /** Which of the devices are set aside, and what to do. */
  async advice(devices: readonly Named[]): Promise<Advice[]> {
    const failures = await this.read();
    return devices.flatMap(({ id, name }): Advice[] => {
      const found = failures.get(id);
      if (!found || found.failures < MOST_FAILURES) return [];
      const problem = `It is set aside: ${failuresText(found)}: ${found.lastMessage}`;
      return [{ subject: name, problem, remedy: restoreText(id) }];
    });
  }

  /** Where devices that were set aside are used again, as nobody can tell which ones they were. */
  async doubts(): Promise<Advice[]> {
    const { fault } = await this.file.load();
    const kept = (await this.file.damagedFiles()).map((subject) => ({
      subject,
      problem: 'This list of failing devices was damaged: any that it set aside are used again.',
      remedy: 'Look in it for devices that you do not want to use, and delete it then.',
    }));
    if (!fault) return kept;
    const problem = `${fault.message} Any devices that were set aside are used again.`;
    return [{ subject: this.file.path, problem, remedy: fault.remedy ?? '' }, ...kept];
  }

  /** Counts a failure, if it is one of the device. */
  async failed(id: string, { kind, message }: ErrorDescription): Promise<void> {
    if (!OF_THE_DEVICE.has(kind)) return;
    await this.count((failures) => {
      const before = failures.get(id)?.failures ?? 0;
      failures.set(id, { failures: before + 1, lastAt: new Date().toISOString(), lastMessage: message });
    });
  }

  /** Its next failure is the first one again. */
  async succeeded(id: string): Promise<void> {
    if (!(await this.read()).has(id)) return;
    await this.count((failures) => {
      failures.delete(id);
    });
  }

  /** Where the count cannot be kept, the run's own outcome is recorded all the same. */
  private count(action: (failures: Failures) => void): Promise<void> {
    return this.change(action).catch((thrown: unknown) => {
      if (!(thrown instanceof WorkbenchError && thrown.kind === 'storage')) throw thrown;
    });
  }

  /**
   * Forgets the failures of a device.
   * @returns whether there were any
   * @throws WorkbenchError `storage`, also where that cannot be told
   */
  async restore(id: string): Promise<boolean> {
    const { failures, fault } = await this.file.load();
    if (fault) throw fault;
    if (!failures.has(id)) return false;
    await this.change((failures) => {
      failures.delete(id);
    });
    return true;
  }

  private async read(): Promise<Failures> {
    return (await this.file.load()).failures;
  }

  private change(action: (failures: Failures) => void): Promise<void> {
    const changed = this.changes.then(() => this.file.change(action));
    this.changes = changed.catch(() => undefined);
    return changed;
  }
}

function failuresText({ failures, lastAt }: Count): string {
  return `it failed ${failures} times in a row, last at ${lastAt}`;
}

function restoreText(id: string): string {
  return `Update its driver; then use it again with \`npx bnnw devices --restore ${id}\`.`;
}
