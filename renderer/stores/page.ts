import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';
import { isBoolean, oneOf, usePersisted } from '../composables/usePersisted';

export const VIEWS = ['devices', 'models', 'run', 'results', 'sessions', 'settings'] as const;
export type View = (typeof VIEWS)[number];

/** What the inspector explains. */
export type Selection =
  | { kind: 'device'; deviceId: string }
  | { kind: 'model'; modelId: string }
  | { kind: 'run'; runId: string };

/** Where the person is: the view, what they selected, and which panes are open. */
export const usePage = defineStore('page', () => {
  const view = usePersisted<View>('view', 'devices', oneOf(VIEWS));
  const inspectorOpen = usePersisted('inspector', true, isBoolean);
  const selection = shallowRef<Selection | null>(null);
  const paletteOpen = ref(false);

  function go(to: View): void {
    view.value = to;
  }

  function select(what: Selection | null): void {
    selection.value = what;
  }

  return { view, inspectorOpen, selection, paletteOpen, go, select };
});
