import { onScopeDispose, shallowRef, watch } from 'vue';
import type { JobEstimate } from '../../core/contract/host';
import type { Job } from '../../core/contract/job';
import { useClient } from '../client';

/** A job that is being changed is asked about when it has been left alone for so long. */
const SETTLE_MS = 250;

/** How long the chosen job will take; null while that is not known, or where the job is not right. */
export function useEstimate(job: () => Job | null) {
  const client = useClient();
  const estimate = shallowRef<JobEstimate | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let latest = 0;

  async function ask(wanted: Job, mine: number): Promise<void> {
    // A job that the host refuses says why when it is started.
    const answer = await client.ask('estimateJob', wanted).catch(() => null);
    if (mine === latest) estimate.value = answer;
  }

  watch(
    () => JSON.stringify(job()),
    () => {
      clearTimeout(timer);
      latest += 1;
      const mine = latest;
      estimate.value = null;
      const wanted = job();
      if (wanted !== null) timer = setTimeout(() => void ask(wanted, mine), SETTLE_MS);
    },
    { immediate: true },
  );
  onScopeDispose(() => clearTimeout(timer));
  return estimate;
}
