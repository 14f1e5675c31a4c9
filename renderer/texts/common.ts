/** Texts that stand in several views: names of states and kinds, counts, buttons. */
import type { RunPhase } from '../../core/contract/host';
import type { Mode } from '../../core/network/topology';
import { formatCount } from '../../core/report/format';
import type { Scenario } from '../../core/session/scenario';
import type { DeviceRecord } from '../../core/session/schema';
import type { RunState } from '../states';

/** `1 run`, `2 runs`. */
export function counted(count: number, one: string, many: string): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

export const modes: Record<Mode, string> = {
  none: 'none',
  deterministic: 'deterministic',
  stochastic: 'stochastic',
};

export const deviceTypes: Record<DeviceRecord['type'], string> = {
  gpu: 'GPU',
  fpga: 'FPGA',
  accelerator: 'Accelerator',
  cpu: 'CPU',
  'fpga-emulator': 'FPGA emulator',
  null: 'Null device',
};

export const deviceTypeNotes: Partial<Record<DeviceRecord['type'], string>> = {
  'fpga-emulator': 'Runs FPGA kernels on the CPU: its answers count, its times do not.',
  null: 'Computes nothing: its times are the workbench’s own overhead.',
};

export const states: Record<RunState, string> = {
  waiting: 'waiting',
  running: 'running',
  paused: 'paused',
  done: 'done',
  quick: 'quick',
  invalid: 'invalid',
  failed: 'failed',
  cancelled: 'cancelled',
  quarantined: 'quarantined',
};

export const phases: Record<RunPhase, string> = {
  'fetching data': 'fetching data',
  'loading model': 'loading model',
  'building kernels': 'building kernels',
  'loading weights': 'loading weights',
  'self-test': 'self-test',
  'warming up': 'warming up',
  running: 'running',
};

export const scenarios: Record<Scenario, string> = {
  accuracy: 'accuracy',
  latency: 'latency',
  throughput: 'throughput',
  sweep: 'sweep',
};

export const counts = {
  devices: (n: number) => counted(n, 'device', 'devices'),
  models: (n: number) => counted(n, 'model', 'models'),
  runs: (n: number) => counted(n, 'run', 'runs'),
  failures: (n: number) => counted(n, 'failure', 'failures'),
  images: (n: number) => counted(n, 'image', 'images'),
} as const;

export const general = {
  close: 'Close',
  undo: 'Undo',
  search: 'Search',
  cancel: 'Cancel',
  notMeasured: 'Not measured',
  copyDetails: 'Copy details',
  copied: 'Copied',
  loading: 'Loading…',
  tryAgain: 'Try again',
  sortBy: (column: string) => `Sort by ${column}`,
} as const;
