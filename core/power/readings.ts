/**
 * What a power sensor tells, whoever made it. A reading is either an instantaneous power or the state of an
 * energy counter; both carry the time at which they were taken.
 */

/** What the figure covers. */
export type PowerScope = 'chip' | 'package' | 'board' | 'wall';

/** `typed-in` values come from a person, not from a sensor, and are marked so wherever they are shown. */
export type PowerOrigin = 'sensor' | 'meter-log' | 'typed-in';

export interface SensorDescription {
  /** Stable: `rapl:package-0`, `nvml:GPU-…:energy`, `hwmon:hwmon3:power1`. */
  id: string;
  /** For a person: `RAPL package-0`. */
  source: string;
  origin: PowerOrigin;
  scope: PowerScope;
  /** `counter`: readings are joules since some start; `power`: readings are watts. */
  kind: 'counter' | 'power';
  /** How often the sensor's value changes, milliseconds: readings closer together tell nothing new. */
  updateMs: number;
  /** The span over which one power reading averages, milliseconds; null where the source does not say. */
  averagingMs: number | null;
  /** The share of time that the sensor looks at, in (0, 1]; below 1 loops must be long and vary their phase. */
  duty: number;
  /** Accuracy as the sensor's maker states it, as a share of the value; null where none is stated. */
  relativeUncertainty: number | null;
  /** A counter starts again from 0 when it reaches this, joules; null where it does not wrap or is no counter. */
  wrapJ: number | null;
}

/** One reading. `value` is watts or joules, by the sensor's kind; null where the sensor did not answer. */
export interface Reading {
  /** Milliseconds on the clock that also timed the run. */
  atMs: number;
  value: number | null;
}
