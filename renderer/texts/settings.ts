/** The view of the settings. */
export const settings = {
  theme: 'Theme',
  themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
  about: 'About',
  version: 'Version',
  runtime: 'Runs in',
  dataFolder: 'Sessions and models',
  keyboard: 'Keyboard',
  keys: {
    palette: 'Command palette',
    views: 'Devices to Sessions',
    settings: 'Settings',
    inspector: 'Show or hide the inspector',
    undoDeletion: 'Undo the last deletion',
    menu: 'Menu with all of them (desktop window)',
  },
} as const;
