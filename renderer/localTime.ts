/** Swedish writes dates as ISO 8601 does, which no reader takes for another day. */
const local = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short' });

/** `2026-11-23 14:05`, in the person's time zone. */
export function localTime(iso: string): string {
  return local.format(new Date(iso));
}
