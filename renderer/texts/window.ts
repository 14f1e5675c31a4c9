/** What stands around the views: rail, command palette and status bar. */
import { counted } from './common';

export const program = 'BNN Workbench';

export const views = {
  devices: 'Devices',
  models: 'Models',
  run: 'Run',
  results: 'Results',
  modes: 'Modes',
  sessions: 'Sessions',
  settings: 'Settings',
} as const;

export const rail = 'Views';

export const drop =
  'Drop session.json files or HTML reports to open them, .pt or .safetensors files to import them. A .json beside weights describes their layers.';

export const palette = {
  title: 'Command palette',
  placeholder: 'Type a command',
  nothing: 'No command fits.',
  goTo: (view: string) => `Go to ${view}`,
  theme: (theme: string) => `Theme: ${theme}`,
  compare: 'Compare the chosen sessions',
  merge: 'Merge the chosen sessions',
  openSession: (name: string) => `Open session ${name}`,
} as const;

export const status = {
  label: 'Status',
  ready: 'Ready',
  noDevices: 'No devices found',
  quarantined: (n: string) => `${n} quarantined`,
  sensors: (n: number) => counted(n, 'power sensor', 'power sensors'),
  noSensors: 'no power sensor',
  searching: 'Looking for devices…',
  running: (model: string, device: string, what: string) => `${model} on ${device}: ${what}`,
  starting: 'Starting the job…',
  paused: 'The job is paused.',
  progress: 'Progress of the job',
} as const;
