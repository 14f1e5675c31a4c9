/** Several sessions as one: to compare them, or to keep them together. */
import type { SessionDocument } from './schema';
import type { RunView, SessionView } from './view';

type Header = Pick<SessionDocument, 'id' | 'name' | 'createdAt' | 'program'>;

/** A whole document, or a view of one. */
type Session<R, F> = Omit<SessionView, 'runs' | 'failures'> & { runs: R[]; failures: F[] };

/**
 * All runs and failures, in the order of the sessions. Each run tells the session and the machine that it
 * comes from; the document's own machine is that of the first session.
 *
 * @param sessions at least one
 */
export function mergeSessions<R extends RunView, F>(
  sessions: readonly Session<R, F>[],
  header: Header,
): Session<R, F> {
  const [first] = sessions;
  if (first === undefined) throw new RangeError('there is no session to merge');
  const taken = new Set<string>();
  return {
    format: first.format,
    version: first.version,
    ...header,
    machine: first.machine,
    // No single command repeats it: those of its parts, one after another.
    command: sessions.map(({ command }) => command).join(' && '),
    runs: sessions.flatMap((session) => session.runs.map((run) => withOrigin(run, session, taken))),
    failures: sessions.flatMap(({ failures }) => failures),
  };
}

/** A run that was merged before keeps where it was measured; an id that is taken gets a number. */
function withOrigin<R extends RunView>(
  run: R,
  { id, name, machine }: Session<R, unknown>,
  taken: Set<string>,
): R {
  let free = run.id;
  for (let copy = 2; taken.has(free); copy++) free = `${run.id}-${copy}`;
  taken.add(free);
  return {
    ...run,
    id: free,
    origin: run.origin ?? { sessionId: id, sessionName: name, runId: run.id, machine },
  };
}
