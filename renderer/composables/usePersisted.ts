import { type Ref, ref, watch } from 'vue';

/**
 * A ref that the page remembers over restarts. What was kept is taken only if `accepts` it, so an older or a
 * damaged value gives the default.
 */
export function usePersisted<T>(key: string, initial: T, accepts: (kept: unknown) => kept is T): Ref<T> {
  const name = `bnnw.${key}`;
  const value = ref(initial) as Ref<T>;
  const kept = localStorage.getItem(name);
  if (kept !== null) {
    try {
      const parsed: unknown = JSON.parse(kept);
      if (accepts(parsed)) value.value = parsed;
    } catch {
      localStorage.removeItem(name);
    }
  }
  watch(value, (now) => localStorage.setItem(name, JSON.stringify(now)), { deep: true });
  return value;
}

/** A check for {@link usePersisted}: one of these words. */
export function oneOf<T extends string>(words: readonly T[]): (kept: unknown) => kept is T {
  return (kept): kept is T => words.some((word) => word === kept);
}

/** A check for {@link usePersisted}: a list of texts. */
export function isTextList(kept: unknown): kept is string[] {
  return Array.isArray(kept) && kept.every((item) => typeof item === 'string');
}

export function isBoolean(kept: unknown): kept is boolean {
  return typeof kept === 'boolean';
}
