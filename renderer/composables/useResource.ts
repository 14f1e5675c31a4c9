import { type ShallowRef, shallowRef } from 'vue';
import { describeError, type ErrorDescription } from '../../core/errors';

export interface Resource<T> {
  /** The last that was loaded; null before. */
  value: Readonly<ShallowRef<T | null>>;
  error: Readonly<ShallowRef<ErrorDescription | null>>;
  loading: Readonly<ShallowRef<boolean>>;
  /** Loads again. What was there stays until the answer comes. Never rejects. */
  load(): Promise<void>;
}

/** Something that the host knows and the page shows: its value, whether it is being asked for, what went wrong. */
export function useResource<T>(ask: () => Promise<T>): Resource<T> {
  const value = shallowRef<T | null>(null);
  const error = shallowRef<ErrorDescription | null>(null);
  const loading = shallowRef(false);
  let latest = 0;
  async function load(): Promise<void> {
    latest += 1;
    const mine = latest;
    loading.value = true;
    try {
      const answer = await ask();
      if (mine !== latest) return;
      value.value = answer;
      error.value = null;
    } catch (thrown) {
      if (mine === latest) error.value = describeError(thrown);
    } finally {
      if (mine === latest) loading.value = false;
    }
  }
  return { value, error, loading, load };
}
