import { measuredEnergy } from '../evaluation/energy';
import type { Run } from '../session/schema';
import { formatNumber, NOT_MEASURED } from './format';

/** Whether the figure was typed in goes with it wherever it is shown: `1.23 ± 0.05 (package)`. */
export function energyText(run: Pick<Run, 'energy'>): string {
  const energy = measuredEnergy(run);
  if (energy === null) return NOT_MEASURED;
  const { joules, uncertaintyJ, scope, origin } = energy;
  const marked = origin === 'typed-in' ? `${scope}, typed in` : scope;
  const uncertainty = origin === 'typed-in' ? '' : ` ± ${formatNumber(uncertaintyJ)}`;
  return `${formatNumber(joules)}${uncertainty} (${marked})`;
}
