/** A session inside an HTML report, so that the report can be opened again as what it was made of. */
import type { SessionDocument } from './schema';

const OPENING = '<script type="application/json" id="bnn-workbench-session">';
const CLOSING = '</script>';

/** An element that no browser shows or runs. Within it no `<` is left, so that nothing in the session can end it. */
export function embedSession(document: SessionDocument): string {
  return `${OPENING}${JSON.stringify(document).replaceAll('<', '\\u003c')}${CLOSING}`;
}

/** Where in a page, a text or its bytes, the JSON of the session lies; null where there is none. */
export function placeOfSession(page: Searchable): { start: number; end: number } | null {
  const opening = page.indexOf(OPENING);
  const end = page.indexOf(CLOSING, opening);
  return opening < 0 || end < 0 ? null : { start: opening + OPENING.length, end };
}

interface Searchable {
  indexOf(text: string, from?: number): number;
}
