import { closest, distance } from 'fastest-levenshtein';

/** Further off than this share of the name is no misspelling. */
const FAR = 0.5;

/**
 * A remedy for a name that nobody knows: the one that was probably meant, or, where none is near, the known
 * ones.
 * @param listed what is listed where no name is near
 */
export function nearest(name: string, known: readonly string[], listed = known): string {
  if (known.length === 0) return 'There is none yet.';
  const meant = closest(name.toLowerCase(), known);
  if (distance(name.toLowerCase(), meant.toLowerCase()) <= FAR * Math.max(name.length, 2)) {
    return `Did you mean ${meant}?`;
  }
  return listed.length <= 12 ? `There are: ${listed.join(', ')}.` : 'See the list of what there is.';
}
