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
  kind: 'device-lost',
  message: 'The program ended before the run did.',
  where: null,
  remedy: 'Run it again.',
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

  constructor(header: SessionHeader) {
    this.closed = { ...header, runs: [], failures: [] };
  }

  /** @throws Error where a record stands where it makes no sense */
  apply(record: JournalRecord): void {
    if (record.kind === 'opened') throw new Error('a session is opened once');
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
        this.closed.runs.push(record.run);
        break;
      case 'run-failed':
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
}

function failureOf(open: OpenRun | undefined, at: string, error: FailedRun['error']): FailedRun {
  if (!open) throw new Error('no run has started');
  const { started, images, predictions } = open;
  const { deviceName, modelId, precision, batchSize } = started;
  const finishedImages = predictions.length;
  const failure = { deviceName, modelId, precision, batchSize, at, error, finishedImages };
  if (finishedImages === 0 || !images) return failure;
  const answers = {
    imageIndices: images.imageIndices?.slice(0, finishedImages) ?? null,
    predictions,
    labels: images.labels.slice(0, finishedImages),
  };
  return { ...failure, answers };
}
