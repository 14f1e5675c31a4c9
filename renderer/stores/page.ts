import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { useMedia } from '../composables/useMedia';
import { isBoolean, oneOf, usePersisted } from '../composables/usePersisted';

export const VIEWS = ['devices', 'models', 'run', 'results', 'modes', 'sessions', 'settings'] as const;
export type View = (typeof VIEWS)[number];

/** What the inspector can explain. */
export type Kind = 'device' | 'model' | 'run' | 'session';

/** A window below this width has no room for a view and the inspector side by side; base.css says the same. */
const NARROW_BELOW_PX = 1200;

/** The kind of thing that a view lists; the others leave the inspector as it is. */
const KIND_OF_VIEW: Partial<Record<View, Kind>> = {
  devices: 'device',
  models: 'model',
  results: 'run',
  modes: 'run',
  sessions: 'session',
};

/** Where the person is: the view, what they selected in each, and which panes are open. */
export const usePage = defineStore('page', () => {
  const view = usePersisted<View>('view', 'devices', oneOf(VIEWS));
  const wideInspectorOpen = usePersisted('inspector', true, isBoolean);
  const drawerOpen = ref(false);
  const narrow = useMedia(`(max-width: ${NARROW_BELOW_PX - 0.02}px)`);
  /** In a narrow window the inspector is a drawer over the view, and starts closed. */
  const inspectorOpen = computed({
    get: () => (narrow.value ? drawerOpen.value : wideInspectorOpen.value),
    set: (open) => {
      if (narrow.value) drawerOpen.value = open;
      else wideInspectorOpen.value = open;
    },
  });
  const paletteOpen = ref(false);
  const tourOpen = ref(false);
  /** The report's dialog stands in the results. */
  const reportOpen = ref(false);
  const selected = ref<Record<Kind, string | null>>({ device: null, model: null, run: null, session: null });
  const inspectedKind = ref<Kind>(KIND_OF_VIEW[view.value] ?? 'device');
  const inspected = computed(() => ({ kind: inspectedKind.value, id: selected.value[inspectedKind.value] }));

  function go(to: View): void {
    view.value = to;
    inspectedKind.value = KIND_OF_VIEW[to] ?? inspectedKind.value;
  }

  /** Selects something that the person chose, and explains it. */
  function select(kind: Kind, id: string): void {
    selected.value[kind] = id;
    inspectedKind.value = kind;
  }

  /** Selects what stands there when the person comes. */
  function preselect(kind: Kind, id: string | null): void {
    selected.value[kind] = id;
  }

  return {
    view,
    narrow,
    inspectorOpen,
    paletteOpen,
    tourOpen,
    reportOpen,
    selected,
    inspected,
    go,
    select,
    preselect,
  };
});
