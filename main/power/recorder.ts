import {
  addEnergies,
  type Energy,
  energyInWindows,
  longestSilenceMs,
  type Window,
} from '../../core/power/energy';
import type { Reading } from '../../core/power/readings';
import { addTraces, type Trace, traceOf } from '../../core/power/trace';
import type { PowerSensor } from './sensor';

/** Twice as often as the value changes, but neither so often that it costs power itself nor so rarely that gaps hide. */
const LEAST_PERIOD_MS = 25;
const MOST_PERIOD_MS = 500;

/**
 * Reads sensors in the background from {@link PowerRecorder.start} to {@link PowerRecorder.stop}, which releases
 * them. The sensors are parts of one figure: their energies are added.
 */
export class PowerRecorder {
  private readonly readings: Reading[][];
  private readonly stopping = new AbortController();
  private loops: Promise<void>[] = [];

  /** @param nowMs milliseconds since 1970, which all processes of a machine share */
  constructor(
    readonly sensors: readonly PowerSensor[],
    private readonly nowMs: () => number = Date.now,
  ) {
    this.readings = sensors.map(() => []);
  }

  start(): void {
    if (this.loops.length > 0) throw new Error('a recorder starts once');
    this.loops = this.sensors.map((sensor, i) => this.record(sensor, this.readings[i]!));
  }

  /** Returns when no timer and no reading is under way any more, and each sensor is closed. May be called twice. */
  async stop(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    this.stopping.abort();
    await Promise.all(this.loops);
    for (const sensor of this.sensors) sensor.close();
  }

  /** May be asked before and after stop(). */
  energyIn(windows: Window[]): Energy {
    return addEnergies(
      this.sensors.map(({ description }, i) => energyInWindows(description, this.readings[i]!, windows)),
    );
  }

  /** May be asked before and after stop(). */
  traceIn(window: Window): Trace {
    return addTraces(
      this.sensors.map(({ description }, i) => traceOf(description, this.readings[i]!, window)),
    );
  }

  /** The power that was told last, watts; null where a sensor is silent. */
  latestW(): number | null {
    const nowMs = this.nowMs();
    const spanMs = Math.max(...this.sensors.map(({ description }) => 2 * longestSilenceMs(description)));
    const { atMs, watts } = this.traceIn({ startMs: nowMs - spanMs, endMs: nowMs });
    const last = atMs[atMs.length - 1];
    return last === undefined || nowMs - last > spanMs / 2 ? null : watts[watts.length - 1]!;
  }

  private async record(sensor: PowerSensor, readings: Reading[]): Promise<void> {
    const { signal } = this.stopping;
    if (sensor.collect) {
      await aborted(signal);
      for (const reading of await sensor.collect(this.nowMs())) readings.push(reading);
      return;
    }
    const periodMs = Math.min(MOST_PERIOD_MS, Math.max(LEAST_PERIOD_MS, sensor.description.updateMs / 2));
    while (!signal.aborted) {
      readings.push(await sensor.read(this.nowMs()));
      await sleep(periodMs, signal);
    }
    // One more, so that a window that ended just now is covered.
    readings.push(await sensor.read(this.nowMs()));
  }
}

/** Returns early where it is stopped. */
function sleep(ms: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      stopped.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    if (stopped.aborted) done();
    else stopped.addEventListener('abort', done);
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
