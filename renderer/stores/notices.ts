import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';
import { describeError, type ErrorDescription } from '../../core/errors';

export interface Notice {
  text: string;
  /** Takes back what was done. */
  undo: (() => Promise<void>) | null;
}

/** The last thing that was done, as long as it can be taken back or has not been read. */
export const useNotices = defineStore('notices', () => {
  const notice = shallowRef<Notice | null>(null);
  /** Why the last undo failed. */
  const error = shallowRef<ErrorDescription | null>(null);
  const undoing = ref(false);

  function tell(text: string, undo: Notice['undo'] = null): void {
    notice.value = { text, undo };
    error.value = null;
  }

  async function undo(): Promise<void> {
    const last = notice.value;
    if (last === null || last.undo === null || undoing.value) return;
    undoing.value = true;
    try {
      await last.undo();
      if (notice.value === last) notice.value = null;
    } catch (thrown) {
      error.value = describeError(thrown);
    } finally {
      undoing.value = false;
    }
  }

  function dismiss(): void {
    notice.value = null;
    error.value = null;
  }

  return { notice, error, undoing, tell, undo, dismiss };
});
