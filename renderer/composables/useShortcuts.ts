import { onBeforeUnmount, onMounted } from 'vue';
import type { PageCommand } from '../../core/contract/channels';
import { usePage, VIEWS } from '../stores/page';

/**
 * The page's own shortcuts, which hold in a browser too. In the desktop program the menu has most of them
 * and sends them as commands.
 */
export function useShortcuts(): { carryOut(command: PageCommand): void } {
  const page = usePage();

  function carryOut(command: PageCommand): void {
    if (command === 'palette') page.paletteOpen = true;
    else page.go(command);
  }

  function onKey(event: KeyboardEvent): void {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    const view = VIEWS[Number(event.key) - 1];
    if (event.key === 'k') carryOut('palette');
    else if (event.key === 'i') page.inspectorOpen = !page.inspectorOpen;
    else if (event.key === ',') carryOut('settings');
    else if (view !== undefined && view !== 'settings') carryOut(view);
    else return;
    event.preventDefault();
  }

  onMounted(() => window.addEventListener('keydown', onKey));
  onBeforeUnmount(() => window.removeEventListener('keydown', onKey));
  return { carryOut };
}
