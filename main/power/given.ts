/** Power that a person gives in place of the machine's sensors. */
import type { GivenPower } from '../../core/contract/job';
import { meterSensor } from './meterLog';
import type { SensorSearch } from './sensor';
import { typedInPower } from './typedIn';

/** @throws WorkbenchError `refused-file`, `storage` where a meter's log cannot be read */
export async function givenSensor(power: GivenPower): Promise<SensorSearch> {
  switch (power.kind) {
    case 'typed-in':
      return { sensors: [typedInPower(power.watts, power.scope)], advice: [] };
    case 'meter-log':
      return { sensors: [await meterSensor(power.path, power.scope, power.clockAheadMs)], advice: [] };
  }
}
