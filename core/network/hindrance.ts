import type { Calibration } from './model';
import { activationBits, type Precision } from './precision';
import type { Mode } from './topology';

/** Why a model cannot run on a device in a precision, as far as both tell before it is tried. */
export type Hindrance = 'not on the device' | 'no one-bit weights' | 'not calibrated';

/** @param model null where nobody has read its file yet */
export function hindranceOf(
  device: { readonly precisions: readonly string[] },
  model: { readonly mode: Mode; readonly calibration: Calibration | null } | null,
  precision: Precision,
): Hindrance | null {
  if (!device.precisions.includes(precision)) return 'not on the device';
  if (model === null || activationBits(precision) === null) return null;
  if (model.mode === 'none') return 'no one-bit weights';
  return model.calibration === null ? 'not calibrated' : null;
}
