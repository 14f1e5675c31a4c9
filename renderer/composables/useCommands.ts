import { computed } from 'vue';
import { useCatalog } from '../stores/catalog';
import { useJob } from '../stores/job';
import { useNotices } from '../stores/notices';
import { usePage, VIEWS } from '../stores/page';
import { useSessions } from '../stores/sessions';
import { THEMES, useSettings } from '../stores/settings';
import { texts } from '../texts';
import { useQuickLook } from './useQuickLook';

export interface Command {
  name: string;
  act: () => void;
  /** Its shortcut, if it has one. */
  keys?: string;
}

/** Everything that the command palette offers now. */
export function useCommands() {
  const page = usePage();
  const catalog = useCatalog();
  const job = useJob();
  const sessions = useSessions();
  const settings = useSettings();
  const notices = useNotices();
  const quickLook = useQuickLook();

  return computed((): Command[] => [
    ...VIEWS.map((view, index) => ({
      name: texts.palette.goTo(texts.views[view]),
      act: () => page.go(view),
      keys: view === 'settings' ? 'Ctrl+,' : `Ctrl+${index + 1}`,
    })),
    ...(notices.notice?.action
      ? [{ name: notices.notice.action.label, act: () => void notices.act(), keys: 'Ctrl+Shift+Z' }]
      : []),
    { name: texts.firstStart.example, act: () => void sessions.openExample() },
    {
      name: texts.tour.command,
      act: () => {
        page.tourOpen = true;
      },
    },
    ...(job.running && job.status?.paused === false
      ? [{ name: texts.run.pause, act: () => void job.pause() }]
      : []),
    ...(job.running && job.status?.paused
      ? [{ name: texts.run.proceed, act: () => void job.proceed() }]
      : []),
    ...(sessions.picked.length > 1
      ? [
          { name: texts.palette.compare, act: () => void sessions.compare(sessions.picked) },
          { name: texts.palette.merge, act: () => void sessions.merge(sessions.picked) },
        ]
      : []),
    ...(sessions.document === null
      ? []
      : [
          {
            name: texts.report.open,
            act: () => {
              page.go('results');
              page.reportOpen = true;
            },
          },
        ]),
    { name: texts.devices.find, act: () => void catalog.findDevices() },
    ...(quickLook.label.value === null || job.running
      ? []
      : [{ name: quickLook.label.value, act: () => void quickLook.start() }]),
    ...(job.running ? [{ name: texts.run.cancel, act: () => void job.cancel() }] : []),
    {
      name: texts.settings.keys.inspector,
      act: () => {
        page.inspectorOpen = !page.inspectorOpen;
      },
      keys: 'Ctrl+I',
    },
    ...THEMES.map((theme) => ({
      name: texts.palette.theme(texts.settings.themes[theme]),
      act: () => {
        settings.theme = theme;
      },
    })),
    ...(sessions.list ?? []).map((session) => ({
      name: texts.palette.openSession(session.name),
      act: () => {
        void sessions.open(session.id);
        page.go('results');
      },
    })),
  ]);
}
