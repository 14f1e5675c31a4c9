import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import { describeError, type ErrorDescription } from '../../core/errors';
import { type AccuracyCost, accuracyCost, modeGroups } from '../../core/evaluation/modeComparison';
import type { RunAnswers, RunView } from '../../core/session/view';
import { useClient } from '../client';
import { useSessions } from './sessions';

/** The modes of the shown session side by side: which group, which two of it, and what each run answered. */
export const useModes = defineStore('modes', () => {
  const client = useClient();
  const sessions = useSessions();
  const chosenKey = ref<string | null>(null);
  const firstId = ref<string | null>(null);
  const secondId = ref<string | null>(null);
  const answers = shallowRef<Record<string, RunAnswers>>({});
  const error = shallowRef<ErrorDescription | null>(null);

  const groups = computed(() => modeGroups(sessions.document?.runs ?? []));
  const group = computed(
    () => groups.value.find(({ key }) => key === chosenKey.value) ?? groups.value[0] ?? null,
  );
  const runs = computed(() => group.value?.runs ?? []);
  /** What the others are compared with: the model without binarization, else the first one. */
  const reference = computed(
    () => runs.value.find(({ id }) => id === firstId.value) ?? runs.value[0] ?? null,
  );
  const other = computed(
    () =>
      runs.value.find(({ id }) => id === secondId.value && id !== reference.value?.id) ??
      runs.value.find(({ id }) => id !== reference.value?.id) ??
      null,
  );

  watch(group, (now, before) => {
    if (now?.key === before?.key) return;
    firstId.value = null;
    secondId.value = null;
  });

  watch(
    runs,
    async (wanted) => {
      answers.value = {};
      error.value = null;
      const sessionId = sessions.document?.id;
      if (wanted.length === 0 || sessionId === undefined) return;
      try {
        const read = await readAnswers(wanted, sessionId);
        if (runs.value === wanted) answers.value = read;
      } catch (thrown) {
        error.value = describeError(thrown);
      }
    },
    { immediate: true },
  );

  /** A run of a comparison is asked for in the session that it comes from. */
  async function readAnswers(wanted: RunView[], shownId: string): Promise<Record<string, RunAnswers>> {
    const read: Record<string, RunAnswers> = {};
    const merged = sessions.shownIds.length > 1;
    for (const { id, origin } of wanted) {
      const place = merged && origin ? origin : { sessionId: shownId, runId: id };
      const found = await client.ask('readAnswers', { sessionId: place.sessionId, runIds: [place.runId] });
      const answer = found[place.runId];
      if (answer !== undefined) read[id] = answer;
    }
    return read;
  }

  /** What a run costs against the reference; null while its answers are not here, or of other images. */
  function costOf(run: RunView): AccuracyCost | null {
    const base = reference.value === null ? undefined : answers.value[reference.value.id];
    const own = answers.value[run.id];
    return base === undefined || own === undefined || run.id === reference.value?.id
      ? null
      : accuracyCost(base, own);
  }

  const pair = computed(() => {
    if (reference.value === null || other.value === null) return null;
    const first = answers.value[reference.value.id];
    const second = answers.value[other.value.id];
    const cost = costOf(other.value);
    if (first === undefined || second === undefined || cost === null) return null;
    return { first, second, cost, datasetId: reference.value.dataset.id };
  });

  return {
    groups,
    group,
    chosenKey,
    runs,
    reference,
    other,
    firstId,
    secondId,
    answers,
    error,
    costOf,
    pair,
  };
});
