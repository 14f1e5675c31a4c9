import { type ShallowRef, shallowRef, type WatchSource, watch } from 'vue';
import type { FpgaBoard } from '../../core/fpga/parts';
import { type Survey, survey } from '../../core/fpga/survey';
import type { Precision } from '../../core/network/precision';
import type { Topology } from '../../core/network/topology';

/** What is estimated: nothing while it is null. */
export type SurveyQuestion = { topology: Topology; precision: Precision } | null;

/**
 * Estimates of a network on boards, which grow board by board: one takes some ten milliseconds, and the page lives
 * on between them.
 */
export function useSurvey(
  question: WatchSource<SurveyQuestion>,
  boards: readonly FpgaBoard[],
): Readonly<ShallowRef<Survey>> {
  const found = shallowRef<Survey>({ estimates: [], refusals: [] });
  watch(
    question,
    async (asked, _before, onCleanup) => {
      let isAsked = true;
      onCleanup(() => {
        isAsked = false;
      });
      found.value = { estimates: [], refusals: [] };
      if (asked === null) return;
      for (const board of boards) {
        await new Promise((resolve) => setTimeout(resolve));
        if (!isAsked) return;
        const { estimates, refusals } = survey(asked.topology, [board], [asked.precision]);
        found.value = {
          estimates: [...found.value.estimates, ...estimates],
          refusals: [...found.value.refusals, ...refusals],
        };
      }
    },
    { immediate: true },
  );
  return found;
}
