import type { MeasuredEnergyRecord, Run } from '../session/schema';

/** The energy of a run; null where there is no figure. */
export function measuredEnergy({ energy }: Pick<Run, 'energy'>): MeasuredEnergyRecord | null {
  return energy?.kind === 'measured' ? energy : null;
}
