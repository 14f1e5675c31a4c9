import { onBeforeUnmount, onMounted } from 'vue';
import type { PageCommand } from '../../core/contract/channels';
import { useNotices } from '../stores/notices';
import { usePage, VIEWS } from '../stores/page';
import { useSessions } from '../stores/sessions';
import { texts } from '../texts';

/**
 * The page's own shortcuts, which hold in a browser too. In the desktop program the menu has most of them
 * and sends them as commands.
 */
export function useShortcuts(): { carryOut(command: PageCommand): void } {
  const page = usePage();
  const notices = useNotices();
  const sessions = useSessions();

  function carryOut(command: PageCommand): void {
    switch (command) {
      case 'palette':
        page.paletteOpen = true;
        return;
      case 'inspector':
        page.inspectorOpen = !page.inspectorOpen;
        return;
      case 'undo-deletion':
        void notices.act();
        return;
      case 'compare':
      case 'merge':
        // Without two chosen, the view where they are chosen.
        page.go('sessions');
        if (sessions.picked.length > 1) void sessions[command](sessions.picked);
        else notices.tell(texts.sessions.compareHint);
        return;
      case 'report':
        page.go('results');
        page.reportOpen = sessions.document !== null;
        return;
      case 'tour':
        page.tourOpen = true;
        return;
      default:
        page.go(command);
    }
  }

  function onKey(event: KeyboardEvent): void {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    if (event.shiftKey) {
      if (event.key.toLowerCase() !== 'z') return;
      carryOut('undo-deletion');
      event.preventDefault();
      return;
    }
    const view = VIEWS[Number(event.key) - 1];
    if (event.key === 'k') carryOut('palette');
    else if (event.key === 'i') carryOut('inspector');
    else if (event.key === ',') carryOut('settings');
    else if (view !== undefined && view !== 'settings') carryOut(view);
    else return;
    event.preventDefault();
  }

  onMounted(() => window.addEventListener('keydown', onKey));
  onBeforeUnmount(() => window.removeEventListener('keydown', onKey));
  return { carryOut };
}
