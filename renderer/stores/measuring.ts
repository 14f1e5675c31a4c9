import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { DEFAULT_TEMPERATURE, type GivenPower, type Job } from '../../core/contract/job';
import { texts } from '../texts';

export const POWER_KINDS = ['sensors', 'typed-in', 'meter-log'] as const;
export const POWER_SCOPES = ['chip', 'package', 'board', 'wall'] as const satisfies GivenPower['scope'][];

/** What the Run view has chosen beside the matrix: drawn weights, and power that no sensor tells. */
export const useMeasuring = defineStore('measuring', () => {
  /** 0 for the published inference, the sign of each weight. */
  const draws = ref(0);
  const temperature = ref(DEFAULT_TEMPERATURE);
  const powerKind = ref<(typeof POWER_KINDS)[number]>('sensors');
  const watts = ref<number | null>(null);
  const scope = ref<GivenPower['scope']>('wall');
  const meterPath = ref('');
  const meterAheadMs = ref(0);

  /** Why this cannot be measured, in words; null where it can. */
  const obstacle = computed((): string | null => {
    if (!(Number.isInteger(draws.value) && draws.value >= 0 && draws.value <= 256)) return texts.run.badDraws;
    if (draws.value > 0 && !(temperature.value > 0 && temperature.value <= 100))
      return texts.run.badTemperature;
    if (powerKind.value === 'typed-in' && !(Number(watts.value) > 0)) return texts.run.badWatts;
    if (powerKind.value === 'meter-log') {
      if (meterPath.value.trim() === '') return texts.run.badMeterPath;
      if (!Number.isFinite(meterAheadMs.value)) return texts.run.badMeterAhead;
    }
    return null;
  });

  const power = computed((): GivenPower | undefined => {
    switch (powerKind.value) {
      case 'sensors':
        return undefined;
      case 'typed-in':
        return { kind: 'typed-in', watts: Number(watts.value), scope: scope.value };
      case 'meter-log': {
        const path = meterPath.value.trim();
        return { kind: 'meter-log', path, scope: scope.value, clockAheadMs: meterAheadMs.value };
      }
    }
  });

  /** @param canDraw whether the chosen models have weights that can be drawn */
  function part(canDraw: boolean): Pick<Job, 'sampling' | 'power'> {
    return {
      ...(canDraw && draws.value > 0
        ? { sampling: { draws: draws.value, temperature: temperature.value } }
        : {}),
      ...(power.value === undefined ? {} : { power: power.value }),
    };
  }

  return { draws, temperature, powerKind, watts, scope, meterPath, meterAheadMs, obstacle, part };
});
