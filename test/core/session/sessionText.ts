import { placeOfSession } from '../../../core/session/embedded';

/** The JSON of the session that a page holds, or null. */
export function sessionTextIn(page: string): string | null {
  const place = placeOfSession(page);
  return place && page.slice(place.start, place.end);
}
