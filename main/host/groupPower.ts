/** The power of the devices of runs that are made together: idle, the runs in their turns, idle again. */
import { setTimeout as wait } from 'node:timers/promises';
import type { DeviceInfo } from '../../core/contract/host';
import type { Window } from '../../core/power/energy';
import type { EnergyRecord, PowerTrace } from '../../core/session/schema';
import { PowerRecorder } from '../power';
import type { SensorSearch } from '../power/sensor';

/** Idle power is watched for so long, and for at least {@link IDLE_PERIODS} of the sensor's periods. */
const IDLE_MS = 1000;
const IDLE_PERIODS = 6;
/** A wall clock that differs more than this from the steady one was set while it timed. */
const CLOCK_TOLERANCE_MS = 20;
/** A turn has this many of the sensor's periods, so that what is uncertain at its ends is little of it. */
const TURN_PERIODS = 40;
/** Readings are at least so far apart, and no turn is made longer than this for a slow sensor. */
const LEAST_READING_MS = 25;
const MOST_TURN_MS = 10_000;

/** A turn of a run: from when to when, and how many batches it timed. */
export interface TimedSpan extends Window {
  /** The same span by a clock that nobody sets. */
  steadyMs: number;
  batches: number;
}

export interface EnergyOfRun {
  energy: EnergyRecord;
  power: PowerTrace | null;
}

type Device = Pick<DeviceInfo, 'id' | 'type' | 'platform' | 'details'>;

export class GroupPower {
  private idleBefore: Window | null = null;
  private idleAfter: Window | null = null;

  private constructor(
    private readonly searches: ReadonlyMap<string, SensorSearch>,
    private readonly recorders: ReadonlyMap<string, PowerRecorder>,
  ) {}

  /** Starts to record, and returns when the idle time before the runs is over. Without a sensor, at once. */
  static async begin<D extends Device>(
    devices: readonly D[],
    findSensors: (device: D) => Promise<SensorSearch>,
    cancelled: AbortSignal,
  ): Promise<GroupPower> {
    const searches = new Map<string, SensorSearch>();
    const recorders = new Map<string, PowerRecorder>();
    for (const device of devices) {
      if (searches.has(device.id)) continue;
      const search = await findSensors(device);
      searches.set(device.id, search);
      if (search.sensors.length > 0) recorders.set(device.id, new PowerRecorder(search.sensors));
    }
    const power = new GroupPower(searches, recorders);
    for (const recorder of recorders.values()) recorder.start();
    power.idleBefore = await power.idle(cancelled);
    return power;
  }

  /** How long a turn of a device must be, so that its energy is known well; 0 where nothing measures it. */
  leastTurnMs(deviceId: string): number {
    const recorder = this.recorders.get(deviceId);
    if (!recorder) return 0;
    const periodMs = Math.max(LEAST_READING_MS, slowestMs(recorder));
    return Math.min(MOST_TURN_MS, TURN_PERIODS * periodMs);
  }

  latestW(deviceId: string): number | null {
    return this.recorders.get(deviceId)?.latestW() ?? null;
  }

  /** To be called when all device processes have ended. */
  async rest(cancelled: AbortSignal): Promise<void> {
    this.idleAfter = await this.idle(cancelled);
  }

  /** Ends the recording and releases the sensors. May be called twice. */
  async end(): Promise<void> {
    for (const recorder of this.recorders.values()) await recorder.stop();
  }

  /**
   * The energy of a run's turns, of those that were long enough for the sensor where some were.
   * @param batchSize images in a batch, those that filled up a batch among them
   */
  energyOf(deviceId: string, spans: readonly TimedSpan[], batchSize: number): EnergyOfRun {
    const recorder = this.recorders.get(deviceId);
    if (!recorder) {
      const problem = this.searches.get(deviceId)?.advice[0]?.problem;
      return { energy: missing(problem ?? 'There is no sensor for this device.'), power: null };
    }
    const long = spans.filter(({ startMs, endMs }) => endMs - startMs >= this.leastTurnMs(deviceId));
    const measured = long.length > 0 ? long : spans;
    const energy = this.energyIn(recorder, measured, batchSize);
    return { energy, power: this.traceOf(recorder, spans) };
  }

  private energyIn(recorder: PowerRecorder, spans: readonly TimedSpan[], batchSize: number): EnergyRecord {
    for (const { startMs, endMs, steadyMs } of spans) {
      if (Math.abs(endMs - startMs - steadyMs) <= CLOCK_TOLERANCE_MS) continue;
      return missing("The machine's clock was set during the run.");
    }
    const energy = recorder.energyIn([...spans]);
    if (energy.kind === 'not measured') return missing(energy.reason);
    const images = batchSize * spans.reduce((sum, { batches }) => sum + batches, 0);
    const { joules, averageW, uncertaintyJ, windowMs, readings } = energy;
    const { origin, scope, duty } = recorder.sensors[0]!.description;
    return {
      kind: 'measured',
      joules,
      averageW,
      uncertaintyJ,
      source: sourceOf(recorder),
      origin,
      scope,
      duty,
      windowMs,
      readings,
      idleBeforeW: idlePower(recorder, this.idleBefore),
      idleAfterW: idlePower(recorder, this.idleAfter),
      joulesPerImage: joules / images,
      imagesPerJoule: images / joules,
    };
  }

  private traceOf(recorder: PowerRecorder, spans: readonly TimedSpan[]): PowerTrace | null {
    const [first] = spans;
    if (!first) return null;
    const span = {
      startMs: this.idleBefore?.startMs ?? first.startMs,
      endMs: this.idleAfter?.endMs ?? spans[spans.length - 1]!.endMs,
    };
    const { atMs, watts, gaps } = recorder.traceIn(span);
    const zeroMs = first.startMs;
    const { origin, scope } = recorder.sensors[0]!.description;
    return {
      source: sourceOf(recorder),
      origin,
      scope,
      zeroMs,
      atMs: atMs.map((ms) => ms - zeroMs),
      watts,
      gaps: gaps.map(({ startMs, endMs }) => ({ startMs: startMs - zeroMs, endMs: endMs - zeroMs })),
    };
  }

  private async idle(cancelled: AbortSignal): Promise<Window | null> {
    if (this.recorders.size === 0 || cancelled.aborted) return null;
    const updateMs = Math.max(...[...this.recorders.values()].map(slowestMs));
    const startMs = Date.now();
    await wait(Math.max(IDLE_MS, IDLE_PERIODS * updateMs), undefined, { signal: cancelled }).catch(() => {});
    return { startMs, endMs: Date.now() };
  }
}

function slowestMs({ sensors }: PowerRecorder): number {
  return Math.max(...sensors.map(({ description }) => description.updateMs));
}

function sourceOf({ sensors }: PowerRecorder): string {
  return sensors.map(({ description }) => description.source).join(' + ');
}

function idlePower(recorder: PowerRecorder, window: Window | null): number | null {
  const energy = window && recorder.energyIn([window]);
  return energy?.kind === 'measured' ? energy.averageW : null;
}

function missing(reason: string): EnergyRecord {
  return { kind: 'not measured', reason };
}
