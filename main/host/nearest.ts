import { closest } from 'fastest-levenshtein';

/** A remedy for a name that nobody knows: the one that was probably meant, and what else there is. */
export function nearest(name: string, known: readonly string[]): string {
  if (known.length === 0) return 'There is none yet.';
  const few = known.length <= 12 ? ` Known are ${known.join(', ')}.` : '';
  return `Did you mean ${closest(name.toLowerCase(), known)}?${few}`;
}
