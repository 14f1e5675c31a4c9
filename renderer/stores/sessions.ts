import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';
import { describeError, type ErrorDescription } from '../../core/errors';
import type { ReportFormatName } from '../../core/report/formats';
import { type SessionView, viewOfRun } from '../../core/session/view';
import { useClient } from '../client';
import { useResource } from '../composables/useResource';
import { useJob } from './job';
import { usePage } from './page';
import { useSettings } from './settings';

/** The saved sessions, and the one that is open in the results. */
export const useSessions = defineStore('sessions', () => {
  const client = useClient();
  const page = usePage();
  const settings = useSettings();
  const job = useJob();
  const list = useResource(() => client.ask('listSessions', {}));
  const document = shallowRef<SessionView | null>(null);
  const opening = ref(false);
  /** Why the last action failed. */
  const error = shallowRef<ErrorDescription | null>(null);
  /** Where the last report was written to. */
  const savedTo = ref<string | null>(null);

  async function attempt(action: () => Promise<void>): Promise<void> {
    error.value = null;
    savedTo.value = null;
    try {
      await action();
    } catch (thrown) {
      error.value = describeError(thrown);
    }
  }

  /** Shows a session in the results. */
  function open(sessionId: string): Promise<void> {
    return attempt(async () => {
      opening.value = true;
      try {
        const opened = await client.ask('openSession', { sessionId });
        settings.meetDevices(opened.runs.map((run) => run.device.id));
        document.value = opened;
        page.preselect('run', opened.runs[0]?.id ?? null);
      } finally {
        opening.value = false;
      }
    });
  }

  function remove(sessionId: string): Promise<void> {
    return attempt(async () => {
      await client.ask('deleteSession', { sessionId });
      if (document.value?.id === sessionId) document.value = null;
      await list.load();
    });
  }

  function save(sessionId: string, format: ReportFormatName): Promise<void> {
    return attempt(async () => {
      savedTo.value = (await client.ask('saveReport', { sessionId, format })).path;
    });
  }

  // A session that is open while its job runs grows run by run, and is read again in full at its end.
  job.onRunFinished((sessionId, run) => {
    settings.meetDevices([run.device.id]);
    const open = document.value;
    if (open?.id === sessionId) document.value = { ...open, runs: [...open.runs, viewOfRun(run)] };
  });
  job.onEnd((sessionId) => {
    void list.load();
    // Whoever looks at another session now keeps it.
    if (page.view !== 'results' || document.value?.id === sessionId) void open(sessionId);
  });

  return {
    list: list.value,
    listError: list.error,
    loading: list.loading,
    document,
    opening,
    error,
    savedTo,
    load: list.load,
    open,
    remove,
    save,
  };
});
