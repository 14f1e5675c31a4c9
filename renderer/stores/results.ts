import { defineStore } from 'pinia';
import { computed, ref, watch } from 'vue';
import type { Requests } from '../../core/contract/channels';
import { deviceLabel } from '../../core/report/deviceLabel';
import { dashboard } from '../../core/report/figures/dashboard';
import type { EstimatedRun } from '../../core/report/figures/estimates';
import type { Clock } from '../../core/report/figures/input';
import type { RunView } from '../../core/session/view';
import { texts } from '../texts';
import { useSessions } from './sessions';
import { useSettings } from './settings';

/** What runs are narrowed by, apart from words. */
export const FILTERED = ['device', 'model', 'precision', 'scenario'] as const;
type Filtered = (typeof FILTERED)[number];
type Filter = { words: string } & Record<Filtered, string | null>;

const NO_FILTER: Filter = { words: '', device: null, model: null, precision: null, scenario: null };

const VALUES: Record<Filtered, (run: RunView) => string> = {
  device: ({ device }) => device.id,
  model: ({ model }) => model.id,
  precision: ({ precision }) => precision,
  scenario: ({ scenario = 'accuracy' }) => scenario,
};

const NAMES: Record<Filtered, (run: RunView) => string> = {
  ...VALUES,
  device: ({ device }) => deviceLabel(device),
  scenario: ({ scenario = 'accuracy' }) => texts.scenarios[scenario],
};

/** Everything that words are looked for in. */
function wordsOf({
  device,
  model,
  dataset,
  precision,
  batchSize,
  verdict,
  scenario = 'accuracy',
}: RunView): string {
  const own = [model.id, deviceLabel(device), dataset.id, precision, `batch ${batchSize}`, scenario];
  return [...own, ...verdict.reasons].join(' ').toLowerCase();
}

/** What the results show of the open session: its figures by data set, the clock, the baselines and the filter. */
export const useResults = defineStore('results', () => {
  const sessions = useSessions();
  const settings = useSettings();
  const clock = ref<Clock>('endToEnd');
  /** For each data set the run that the others are compared with. */
  const baselineIds = ref<Record<string, string>>({});
  const filter = ref<Filter>({ ...NO_FILTER });
  /** Beside what was measured, marked as estimates. */
  const estimates = ref<readonly EstimatedRun[]>([]);

  const runs = computed(() => sessions.document?.runs ?? []);
  const searched = computed(() => new Map(runs.value.map((run) => [run.id, wordsOf(run)])));

  const shown = computed(() => {
    const wanted = filter.value.words.toLowerCase().split(/\s+/);
    return runs.value.filter((run) => {
      const text = searched.value.get(run.id) ?? '';
      return (
        wanted.every((word) => text.includes(word)) &&
        FILTERED.every((field) => {
          const chosen = filter.value[field];
          return chosen === null || VALUES[field](run) === chosen;
        })
      );
    });
  });
  const isFiltered = computed(() => shown.value.length < runs.value.length);
  /** For each field the values that occur, with their names. */
  const choices = computed((): Record<Filtered, [string, string][]> => {
    const of = (field: Filtered) => [
      ...new Map(runs.value.map((run) => [VALUES[field](run), NAMES[field](run)])),
    ];
    return { device: of('device'), model: of('model'), precision: of('precision'), scenario: of('scenario') };
  });

  const runsById = computed(() => new Map(runs.value.map((run) => [run.id, run])));
  const baselines = computed(() =>
    Object.fromEntries(
      Object.entries(baselineIds.value).flatMap(([datasetId, id]) => {
        const run = runsById.value.get(id);
        return run === undefined ? [] : [[datasetId, run]];
      }),
    ),
  );
  const panels = computed(() =>
    dashboard(shown.value, {
      clock: clock.value,
      baselines: baselines.value,
      estimates: estimates.value,
    }).filter(({ figures }) => figures.length > 0),
  );

  function baselineOf(datasetId: string): RunView | null {
    return baselines.value[datasetId] ?? null;
  }

  function toggleBaseline({ id, dataset }: RunView): void {
    const { [dataset.id]: before, ...others } = baselineIds.value;
    baselineIds.value = before === id ? others : { ...others, [dataset.id]: id };
  }

  function clearFilter(): void {
    filter.value = { ...NO_FILTER };
  }

  /** What the host needs to draw a figure or write a report as it stands here. */
  const reportRequest = computed(() => ({
    sessionIds: [...sessions.shownIds],
    clock: clock.value,
    baselineIds: Object.values(baselines.value).map(({ id }) => id),
    deviceIds: [...settings.knownDevices],
  }));

  function figureRequest(figureId: string): Requests['drawFigure'] {
    const runIds = isFiltered.value ? shown.value.map(({ id }) => id) : null;
    return { ...reportRequest.value, figureId, runIds };
  }

  watch(
    () => sessions.document?.id,
    () => {
      baselineIds.value = {};
      clearFilter();
    },
  );

  return {
    runs,
    shown,
    filter,
    isFiltered,
    choices,
    clearFilter,
    clock,
    estimates,
    panels,
    baselineOf,
    toggleBaseline,
    reportRequest,
    figureRequest,
  };
});
