import { defineStore } from 'pinia';
import { computed, watchEffect } from 'vue';
import { deviceColours } from '../../core/report/drawing/deviceColours';
import { DEVICE_COLOURS } from '../../core/report/drawing/palette';
import { useMedia } from '../composables/useMedia';
import { isTextList, oneOf, usePersisted } from '../composables/usePersisted';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** How the page looks: the theme, and the colour that each device keeps for good. */
export const useSettings = defineStore('settings', () => {
  const theme = usePersisted<Theme>('theme', 'system', oneOf(THEMES));
  const systemIsDark = useMedia('(prefers-color-scheme: dark)');
  const dark = computed(() => (theme.value === 'system' ? systemIsDark.value : theme.value === 'dark'));
  watchEffect(() => {
    document.documentElement.dataset.theme = dark.value ? 'dark' : 'light';
  });

  /** Devices in the order in which they were first seen, which decides between two of a kind. */
  const knownDevices = usePersisted<string[]>('devices', [], isTextList);

  const colours = computed(() => deviceColours(knownDevices.value));

  function meetDevices(ids: readonly string[]): void {
    const fresh = ids.filter((id) => !knownDevices.value.includes(id));
    if (fresh.length > 0) knownDevices.value = [...knownDevices.value, ...new Set(fresh)];
  }

  function colourOf(deviceId: string): string {
    return colours.value.get(deviceId) ?? DEVICE_COLOURS[0];
  }

  return { theme, dark, knownDevices, meetDevices, colourOf };
});
