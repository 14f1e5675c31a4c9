import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';
import { describeError, type ErrorDescription } from '../../core/errors';
import { texts } from '../texts';

export interface Notice {
  text: string;
  action: NoticeAction | null;
}

export interface NoticeAction {
  label: string;
  act(): Promise<void>;
}

/** The last thing that was done, as long as it can be taken back or has not been read. */
export const useNotices = defineStore('notices', () => {
  const notice = shallowRef<Notice | null>(null);
  /** Why the action failed. */
  const error = shallowRef<ErrorDescription | null>(null);
  const acting = ref(false);

  /** @param undo takes back what was done */
  function tell(text: string, undo?: () => Promise<void>): void {
    offer(text, undo === undefined ? null : { label: texts.general.undo, act: undo });
  }

  function offer(text: string, action: NoticeAction | null): void {
    notice.value = { text, action };
    error.value = null;
  }

  async function act(): Promise<void> {
    const last = notice.value;
    if (last === null || last.action === null || acting.value) return;
    acting.value = true;
    try {
      await last.action.act();
      if (notice.value === last) notice.value = null;
    } catch (thrown) {
      error.value = describeError(thrown);
    } finally {
      acting.value = false;
    }
  }

  function dismiss(): void {
    notice.value = null;
    error.value = null;
  }

  return { notice, error, acting, tell, offer, act, dismiss };
});
