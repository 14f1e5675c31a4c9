/** How long a device process may be silent before it counts as hung. */
import type { RunPhase } from '../../core/contract/host';
import type { FromDeviceProcess } from './protocol';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Until the first message after a request: Node starts, the driver loads and lists its devices. */
export const START_PATIENCE_MS = 60 * SECOND;
/** After a request to cancel, beside the time of a batch. */
export const CANCEL_GRACE_MS = 5 * SECOND;

/** Where no expectation was measured. Fetching tells its progress, so this is the patience for a stalled line. */
const PHASE_PATIENCE_MS: Record<RunPhase, number> = {
  'fetching data': 5 * MINUTE,
  'loading model': 2 * MINUTE,
  'building kernels': 20 * MINUTE,
  'loading weights': 5 * MINUTE,
  'self-test': 10 * MINUTE,
  'warming up': 10 * MINUTE,
  running: 10 * MINUTE,
};

/** A measured batch may take this many times longer: other programs share the machine. */
const EXPECTATION_FACTOR = 20;
const EXPECTATION_FLOOR_MS = 30 * SECOND;

/** The time allowed from this message to the next one, in ms; after `yielded`, from the next turn on. */
export function patienceAfterMs(message: FromDeviceProcess): number {
  switch (message.kind) {
    case 'phase':
      return message.expectedMs === null
        ? PHASE_PATIENCE_MS[message.phase]
        : EXPECTATION_FLOOR_MS + EXPECTATION_FACTOR * message.expectedMs;
    case 'chunk':
    case 'repeats':
    case 'yielded':
      return EXPECTATION_FLOOR_MS + EXPECTATION_FACTOR * message.expectedMs;
    case 'ready':
      return PHASE_PATIENCE_MS.running;
    case 'measured':
    case 'listed':
    case 'calibrated':
    case 'tuned':
    case 'imported':
    case 'inspected':
    case 'classified':
    case 'finished':
    case 'failed':
      return START_PATIENCE_MS;
  }
}
