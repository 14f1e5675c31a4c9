import type { Advice } from '../../core/contract/host';
import type { Reading, SensorDescription } from '../../core/power/readings';

/** A source of power or energy readings. One owner reads it and closes it. */
export interface PowerSensor {
  readonly description: SensorDescription;
  /** One reading now. A sensor that does not answer gives a null value; it never throws. */
  read(nowMs: number): Promise<Reading>;
  /**
   * For one that writes its readings down by itself: all up to a time, asked for once at the end instead of
   * {@link read}. Empty where they cannot be had.
   */
  collect?(endMs: number): Promise<Reading[]>;
  close(): void;
}

/** What a look for sensors found: those that can be read, and what to do about the others. */
export interface SensorSearch {
  sensors: PowerSensor[];
  advice: Advice[];
}
