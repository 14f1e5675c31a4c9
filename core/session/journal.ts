/**
 * What is written down while a session is made, in order. The document is always the sum of these records,
 * for the running host and for the one that finds the journal of a host that was killed.
 */
import { z } from 'zod';
import {
  countsSchema,
  type FailedRun,
  failedRunSchema,
  runSchema,
  type SessionDocument,
  sessionDocumentSchema,
} from './schema';
import { isCut } from './unfinished';

const count = z.number().int().nonnegative();

/**
 * Which run of the job a record belongs to, by its place there. Runs that take turns are open at the same time.
 * Left out where one run was open at a time.
 */
const cell = count.optional();

export const sessionHeaderSchema = sessionDocumentSchema.omit({ runs: true, failures: true });
export type SessionHeader = z.infer<typeof sessionHeaderSchema>;

export const journalRecordSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('opened'), header: sessionHeaderSchema }),
  /** In place of `opened`: a session that had been closed goes on. */
  z.object({ kind: z.literal('resumed'), document: sessionDocumentSchema }),
  failedRunSchema
    .pick({ deviceName: true, modelId: true, precision: true, batchSize: true, at: true })
    .extend({ kind: z.literal('run-started'), cell }),
  /** The images of a run that was started, and their true classes. */
  z.object({
    kind: z.literal('images'),
    cell,
    imageIndices: countsSchema.nullable(),
    labels: countsSchema,
  }),
  /** Answers for the next images of a run. */
  z.object({ kind: z.literal('chunk'), cell, predictions: countsSchema }),
  z.object({ kind: z.literal('run-finished'), cell, run: runSchema }),
  /** The host adds finishedImages and answers from the chunks. */
  z.object({
    kind: z.literal('run-failed'),
    cell,
    at: failedRunSchema.shape.at,
    error: failedRunSchema.shape.error,
  }),
]);
export type JournalRecord = z.infer<typeof journalRecordSchema>;

type StartedRun = Extract<JournalRecord, { kind: 'run-started' }>;
type Images = Extract<JournalRecord, { kind: 'images' }>;

const INTERRUPTED: FailedRun['error'] = {
  kind: 'interrupted',
  message: 'The program ended before the run did.',
  where: null,
  remedy: 'Resume the session: the run is then run again.',
  details: null,
};

/** A run that has started and not ended. */
interface OpenRun {
  started: StartedRun;
  images: Images | null;
  predictions: number[];
}

/** Sums up the records of a journal. */
export class SessionBuilder {
  private readonly closed: SessionDocument;
  private readonly open = new Map<number, OpenRun>();

  /** @param start the header of a new session, or the document of one that goes on */
  constructor(start: SessionHeader | SessionDocument) {
    const { runs, failures } = { runs: [], failures: [], ...start };
    this.closed = { ...start, runs: [...runs], failures: [...failures] };
  }

  /** @throws Error where a record stands where it makes no sense */
  apply(record: JournalRecord): void {
    if (record.kind === 'opened' || record.kind === 'resumed') throw new Error('a session is opened once');
    const { cell = 0 } = record;
    const open = this.open.get(cell);
    switch (record.kind) {
      case 'run-started':
        this.open.set(cell, { started: record, images: null, predictions: [] });
        return;
      case 'images':
        if (open) open.images = record;
        return;
      case 'chunk':
        for (const prediction of record.predictions) open?.predictions.push(prediction);
        return;
      case 'run-finished':
        this.forgetCut(record.cell);
        this.closed.runs.push({ ...record.run, ...placeOf(record) });
        break;
      case 'run-failed':
        if (!isCut(record.error)) this.forgetCut(record.cell);
        this.closed.failures.push(failureOf(open, record.at, record.error));
        break;
    }
    this.open.delete(cell);
  }

  /** The runs that have ended. */
  document(): SessionDocument {
    return { ...this.closed, runs: [...this.closed.runs], failures: [...this.closed.failures] };
  }

  /** For a journal whose writer was killed: each run that had not ended is one more failure. */
  interruptedDocument(): SessionDocument {
    const document = this.document();
    for (const open of this.open.values()) {
      document.failures.push(failureOf(open, open.started.at, INTERRUPTED));
    }
    return document;
  }

  /** The whole repetition of a run takes the place of what was cut off. */
  private forgetCut(cell: number | undefined): void {
    if (cell === undefined) return;
    const { failures } = this.closed;
    this.closed.failures = failures.filter((failure) => failure.cell !== cell || !isCut(failure.error));
  }
}

function failureOf(open: OpenRun | undefined, at: string, error: FailedRun['error']): FailedRun {
  if (!open) throw new Error('no run has started');
  const { started, images, predictions } = open;
  const { deviceName, modelId, precision, batchSize } = started;
  const finishedImages = predictions.length;
  const head = { ...placeOf(started), deviceName, modelId, precision, batchSize };
  const failure = { ...head, at, error, finishedImages };
  if (finishedImages === 0 || !images) return failure;
  const answers = {
    imageIndices: images.imageIndices?.slice(0, finishedImages) ?? null,
    predictions,
    labels: images.labels.slice(0, finishedImages),
  };
  return { ...failure, answers };
}

function placeOf({ cell }: { cell?: number | undefined }): { cell?: number } {
  return cell === undefined ? {} : { cell };
}
