import { defineStore } from 'pinia';
import { computed, ref, watch } from 'vue';
import {
  accuracyFigure,
  type Clock,
  type Figure,
  runsByDataset,
  timeFigure,
} from '../../core/report/figures';
import type { RunView } from '../../core/session/view';
import { useCatalog } from './catalog';
import { useSessions } from './sessions';

/** What the results show of the open session: its figures by data set, the clock and the baseline. */
export const useResults = defineStore('results', () => {
  const sessions = useSessions();
  const catalog = useCatalog();
  const clock = ref<Clock>('endToEnd');
  /** For each data set the run that the others are compared with. */
  const baselineIds = ref<Record<string, string>>({});

  const runs = computed(() => sessions.document?.runs ?? []);

  function baselineOf(datasetId: string): RunView | null {
    return runs.value.find((run) => run.id === baselineIds.value[datasetId]) ?? null;
  }

  const panels = computed((): { datasetId: string; datasetName: string; figures: Figure[] }[] =>
    runsByDataset(runs.value).map(({ datasetId, runs: members }) => {
      const datasetName = catalog.datasetName(datasetId);
      const figures = [
        accuracyFigure(datasetName, members),
        timeFigure(datasetName, members, clock.value),
      ].filter((figure) => figure.rows.length > 0);
      return { datasetId, datasetName, figures };
    }),
  );

  function toggleBaseline({ id, dataset }: RunView): void {
    const { [dataset.id]: before, ...others } = baselineIds.value;
    baselineIds.value = before === id ? others : { ...others, [dataset.id]: id };
  }

  watch(
    () => sessions.document?.id,
    () => {
      baselineIds.value = {};
    },
  );

  return { runs, clock, panels, baselineOf, toggleBaseline };
});
