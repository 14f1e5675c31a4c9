import { defineStore } from 'pinia';
import { computed, watchEffect } from 'vue';
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

  /** Devices in the order in which they were first seen: their place is their colour. */
  const knownDevices = usePersisted<string[]>('devices', [], isTextList);

  function meetDevices(ids: readonly string[]): void {
    const fresh = ids.filter((id) => !knownDevices.value.includes(id));
    if (fresh.length > 0) knownDevices.value = [...knownDevices.value, ...new Set(fresh)];
  }

  function colourOf(deviceId: string): string {
    const place = Math.max(0, knownDevices.value.indexOf(deviceId));
    return DEVICE_COLOURS[place % DEVICE_COLOURS.length]!;
  }

  return { theme, dark, knownDevices, meetDevices, colourOf };
});
