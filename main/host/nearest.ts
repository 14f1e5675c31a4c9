import { closest } from 'fastest-levenshtein';

/** A remedy for a name that nobody knows: the one that was probably meant. */
export function nearest(name: string, known: readonly string[]): string {
  return known.length === 0 ? 'There is none yet.' : `Did you mean ${closest(name.toLowerCase(), known)}?`;
}
