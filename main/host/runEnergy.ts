/** The energy of one run: idle, the run in its device process, idle again, all on one recording. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Window } from '../../core/power/energy';
import type { EnergyRecord } from '../../core/session/schema';
import { PowerRecorder } from '../power';
import type { SensorSearch } from '../power/sensor';
import type { TimedMessage } from './protocol';

/** Idle power is watched for so long, and for at least {@link IDLE_PERIODS} of the sensor's periods. */
const IDLE_MS = 1000;
const IDLE_PERIODS = 6;
/** A wall clock that differs more than this from the steady one was set while it timed. */
const CLOCK_TOLERANCE_MS = 20;

export class RunEnergy {
  private idleBefore: Window | null = null;
  private idleAfter: Window | null = null;
  private readonly recorder: PowerRecorder | null;

  private constructor(private readonly search: SensorSearch) {
    this.recorder = search.sensors.length > 0 ? new PowerRecorder(search.sensors) : null;
  }

  /** Starts to record, and returns when the idle time before the run is over. Without a sensor, at once. */
  static async begin(search: SensorSearch, cancelled: AbortSignal): Promise<RunEnergy> {
    const energy = new RunEnergy(search);
    energy.recorder?.start();
    energy.idleBefore = await energy.idle(cancelled);
    return energy;
  }

  /** To be called when the device's process has ended after a whole run; not needed after a failure. */
  async rest(cancelled: AbortSignal): Promise<void> {
    this.idleAfter = await this.idle(cancelled);
  }

  /** Ends the recording and releases the sensors. */
  async end(): Promise<void> {
    await this.recorder?.stop();
  }

  /** @param images how many were classified in the window, those that filled up a batch among them */
  record(timed: TimedMessage, images: number): EnergyRecord {
    const { recorder, search } = this;
    if (recorder === null) return missing(search.advice[0]?.problem ?? 'There is no sensor for this device.');
    const { startMs, endMs, steadyMs } = timed;
    if (Math.abs(endMs - startMs - steadyMs) > CLOCK_TOLERANCE_MS) {
      return missing("The machine's clock was set during the run.");
    }
    const energy = recorder.energyIn({ startMs, endMs });
    if (energy.kind === 'not measured') return missing(energy.reason);
    const [first] = recorder.sensors;
    const { origin, scope, duty } = first!.description;
    const { joules, averageW, uncertaintyJ, windowMs, readings } = energy;
    return {
      kind: 'measured',
      joules,
      averageW,
      uncertaintyJ,
      source: recorder.sensors.map(({ description }) => description.source).join(' + '),
      origin,
      scope,
      duty,
      windowMs,
      readings,
      idleBeforeW: this.idlePower(this.idleBefore),
      idleAfterW: this.idlePower(this.idleAfter),
      joulesPerImage: joules / images,
      imagesPerJoule: images / joules,
    };
  }

  private async idle(cancelled: AbortSignal): Promise<Window | null> {
    if (this.recorder === null || cancelled.aborted) return null;
    const updateMs = Math.max(...this.recorder.sensors.map(({ description }) => description.updateMs));
    const startMs = Date.now();
    await wait(Math.max(IDLE_MS, IDLE_PERIODS * updateMs), undefined, { signal: cancelled }).catch(() => {});
    return { startMs, endMs: Date.now() };
  }

  private idlePower(window: Window | null): number | null {
    const energy = window && this.recorder?.energyIn(window);
    return energy?.kind === 'measured' ? energy.averageW : null;
  }
}

function missing(reason: string): EnergyRecord {
  return { kind: 'not measured', reason };
}
