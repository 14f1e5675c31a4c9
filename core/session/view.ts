/**
 * A session as a face shows it: all of it but the answers image by image, which are most of its bytes and are
 * asked for run by run.
 */
import type { FailedRun, Run, SessionDocument } from './schema';

/** What a run answered, image by image. */
export type RunAnswers = Pick<Run, 'imageIndices' | 'predictions' | 'labels'>;

/** A run without its answers; every run is one. */
export type RunView = Omit<Run, keyof RunAnswers>;

export type SessionView = Omit<SessionDocument, 'runs' | 'failures'> & {
  runs: RunView[];
  failures: Omit<FailedRun, 'answers'>[];
};

/** Leaves the answers out. */
export function viewOfRun(run: Run): RunView {
  const { imageIndices: _, predictions: __, labels: ___, ...view } = run;
  return view;
}

export function viewOf(session: SessionDocument): SessionView {
  return {
    ...session,
    runs: session.runs.map(viewOfRun),
    failures: session.failures.map(({ answers: _, ...failure }) => failure),
  };
}

export function answersOf({ imageIndices, predictions, labels }: Run): RunAnswers {
  return { imageIndices, predictions, labels };
}
