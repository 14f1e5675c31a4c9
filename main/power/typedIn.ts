import type { PowerScope, Reading, SensorDescription } from '../../core/power/readings';
import type { PowerSensor } from './sensor';

const DESCRIPTION = {
  origin: 'typed-in',
  kind: 'power',
  updateMs: 10,
  averagingMs: null,
  duty: 1,
  relativeUncertainty: null,
  wrapJ: null,
} as const;

/** A power that a person gave. It answers like a sensor, and stays marked as typed in wherever it is shown. */
export function typedInPower(watts: number, scope: PowerScope): PowerSensor {
  if (!(watts > 0 && Number.isFinite(watts))) throw new RangeError(`${watts} W is no power`);
  const description: SensorDescription = {
    id: `typed-in:${scope}`,
    source: `typed in: ${watts} W`,
    scope,
    ...DESCRIPTION,
  };
  return {
    description,
    read: async (nowMs): Promise<Reading> => ({ atMs: nowMs, value: watts }),
    close() {},
  };
}
