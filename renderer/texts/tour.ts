/** What a person sees the first time: the first start and the tour. */
export const firstStart = {
  title: 'Start here',
  example: 'Look at the example session',
  found: (devices: string, models: string) => `${devices} found, ${models} bundled.`,
  quickLook: (images: string) =>
    `A quick look takes a few minutes: ${images} of each model’s test set, saved as a session.`,
  evaluateAll: (models: string, device: string) => `Evaluate all ${models} on ${device}`,
  noDevice: 'No device to measure on was found. See the advice on the Devices view.',
} as const;

export const tour = {
  command: 'Take the tour',
  title: 'Tour',
  step: (index: number, of: number) => `${index} of ${of}`,
  next: 'Next',
  done: 'Done',
  skip: 'Skip the tour',
  steps: {
    devices: 'Devices that can run a network stand here, with their drivers, precisions and power sensors.',
    models: 'Models: six are bundled. Drop a .pt or .safetensors file to bring your own, and look inside.',
    run: 'Run: choose devices, models and precisions. The table shows what will run and how long it will take.',
    results:
      'Results: which device is fastest, and what binarization costs. Flag a run to compare the others with it.',
    modes: 'Modes: none, deterministic and stochastic on the same images, with those on which they disagree.',
    sessions:
      'Sessions: everything is saved here by itself. Compare, merge, annotate and export. Ctrl+K finds every command.',
  },
} as const;
