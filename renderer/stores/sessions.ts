import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import type { PageFile } from '../../core/contract/bridge';
import type { ChosenFile } from '../../core/contract/channels';
import { describeError, type ErrorDescription } from '../../core/errors';
import type { ReportFormatName } from '../../core/report/formatNames';
import { mergeSessions } from '../../core/session/merge';
import type { Labelling } from '../../core/session/schema';
import { type SessionView, viewOfRun } from '../../core/session/view';
import { useClient } from '../client';
import { useResource } from '../composables/useResource';
import { texts } from '../texts';
import { useJob } from './job';
import { useNotices } from './notices';
import { usePage } from './page';
import { useSettings } from './settings';

/** The saved sessions, and the one that is open in the results. */
export const useSessions = defineStore('sessions', () => {
  const client = useClient();
  const page = usePage();
  const settings = useSettings();
  const job = useJob();
  const notices = useNotices();
  const list = useResource(() => client.ask('listSessions', {}));
  const document = shallowRef<SessionView | null>(null);
  const deleted = useResource(() => client.ask('listDeletedSessions', {}));
  /** The sessions that are shown: one, or several that are compared. */
  const shownIds = shallowRef<string[]>([]);
  const opening = ref(false);
  /** Chosen to be compared or merged, in this order. */
  const chosenIds = ref<string[]>([]);
  const picked = computed(() =>
    chosenIds.value.filter((id) => list.value.value?.some((session) => session.id === id)),
  );
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
    return attempt(() => show([sessionId]));
  }

  function remove(sessionId: string, name: string): Promise<void> {
    return attempt(async () => {
      await client.ask('deleteSession', { sessionId });
      if (document.value?.id === sessionId) document.value = null;
      await loadAll();
      notices.tell(texts.sessions.deleted(name), () => restore(sessionId));
    });
  }

  async function restore(sessionId: string): Promise<void> {
    await client.ask('restoreSession', { sessionId });
    await loadAll();
  }

  /** Names, tags or annotates a session. */
  function label(sessionId: string, change: Partial<Labelling>): Promise<void> {
    return attempt(async () => {
      await client.ask('labelSession', { sessionId, change });
      if (document.value?.id === sessionId) document.value = { ...document.value, ...change };
      await list.load();
    });
  }

  /** Session documents, or HTML reports that hold one; the last one is shown. */
  function take(files: readonly (PageFile | ChosenFile)[]): Promise<void> {
    return attempt(async () => {
      let last: string | null = null;
      for (const file of files) {
        last = (await client.ask('importSession', { path: await client.pathOf(file) })).sessionId;
      }
      await list.load();
      if (last === null) return;
      await show([last]);
      notices.tell(texts.sessions.imported(files.map(({ name }) => name).join(', ')));
    });
  }

  /** The session that comes with the program. */
  function openExample(): Promise<void> {
    return attempt(async () => {
      const { sessionId } = await client.ask('openExample', {});
      await list.load();
      await show([sessionId]);
      page.go('results');
    });
  }

  const joinedName = (sessions: readonly { name: string }[]) =>
    sessions
      .map(({ name }) => name)
      .join(' + ')
      .slice(0, 200);

  /** Reads one session, or several as one that is not kept. */
  async function show(sessionIds: readonly string[]): Promise<void> {
    opening.value = true;
    try {
      const opened = await Promise.all(
        sessionIds.map((sessionId) => client.ask('openSession', { sessionId })),
      );
      const [first] = opened;
      if (first === undefined) return;
      const { id, createdAt, program } = first;
      const header = { id: `${id}-compared`, name: joinedName(opened), createdAt, program };
      const shown = opened.length === 1 ? first : mergeSessions(opened, header);
      settings.meetDevices(shown.runs.map((run) => run.device.id));
      document.value = shown;
      shownIds.value = [...sessionIds];
      page.preselect('run', shown.runs[0]?.id ?? null);
    } finally {
      opening.value = false;
    }
  }

  /** Shows several sessions side by side. */
  function compare(sessionIds: readonly string[]): Promise<void> {
    return attempt(async () => {
      await show(sessionIds);
      page.go('results');
      notices.offer(texts.sessions.comparing(String(sessionIds.length)), {
        label: texts.sessions.keepComparison,
        act: () => merge(sessionIds),
      });
    });
  }

  /** Keeps several sessions as a new one, and shows it. */
  async function merge(sessionIds: readonly string[]): Promise<void> {
    const parts = (list.value.value ?? []).filter(({ id }) => sessionIds.includes(id));
    const request = { sessionIds: [...sessionIds], name: joinedName(parts) };
    const { sessionId } = await client.ask('mergeSessions', request);
    await list.load();
    await show([sessionId]);
    page.select('session', sessionId);
  }

  async function loadAll(): Promise<void> {
    await Promise.all([list.load(), deleted.load()]);
  }

  function save(sessionId: string, format: ReportFormatName): Promise<void> {
    return attempt(async () => {
      savedTo.value = (
        await client.ask('saveReport', {
          ...{ sessionIds: [sessionId], format, clock: 'endToEnd', baselineIds: [] },
          deviceIds: [...settings.knownDevices],
        })
      ).path;
    });
  }

  // A session that is open while its job runs grows run by run, and is read again in full at its end.
  job.onRunFinished((sessionId, run) => {
    settings.meetDevices([run.device.id]);
    const open = document.value;
    if (open?.id === sessionId) document.value = { ...open, runs: [...open.runs, viewOfRun(run)] };
  });
  job.onEnd((sessionId) => {
    void loadAll();
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
    deleted: deleted.value,
    shownIds,
    chosenIds,
    picked,
    load: loadAll,
    open,
    compare,
    merge: (sessionIds: readonly string[]) => attempt(() => merge(sessionIds)),
    label,
    take,
    openExample,
    restore: (sessionId: string) => attempt(() => restore(sessionId)),
    remove,
    save,
  };
});
