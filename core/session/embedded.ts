/** A session inside an HTML report, so that the report can be opened again as what it was made of. */
import type { SessionDocument } from './schema';

const OPENING = '<script type="application/json" id="bnn-workbench-session">';
const CLOSING = '</script>';

/** An element that no browser shows or runs. Within it no `<` is left, so that nothing in the session can end it. */
export function embedSession(document: SessionDocument): string {
  return `${OPENING}${JSON.stringify(document).replaceAll('<', '\\u003c')}${CLOSING}`;
}

/** The JSON of a session: the text itself, or what an HTML report holds. Null for HTML without a session. */
export function sessionTextIn(text: string): string | null {
  if (!text.trimStart().startsWith('<')) return text;
  const start = text.indexOf(OPENING);
  const end = text.indexOf(CLOSING, start);
  return start < 0 || end < 0 ? null : text.slice(start + OPENING.length, end);
}
