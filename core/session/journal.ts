/**
 * What is written down while a session is made, in order. The document is always the sum of these records,
 * for the running host and for the one that finds the journal of a host that was killed.
 */
import { z } from 'zod';
import {
  type FailedRun,
  failedRunSchema,
  runSchema,
  type SessionDocument,
  sessionDocumentSchema,
} from './schema';

const count = z.number().int().nonnegative();

export const sessionHeaderSchema = sessionDocumentSchema.omit({ runs: true, failures: true });
export type SessionHeader = z.infer<typeof sessionHeaderSchema>;

export const journalRecordSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('opened'), header: sessionHeaderSchema }),
  failedRunSchema
    .pick({ deviceName: true, modelId: true, precision: true, batchSize: true, at: true })
    .extend({ kind: z.literal('run-started') }),
  /** The images of the run that was started last, and their true classes. */
  z.object({
    kind: z.literal('images'),
    imageIndices: z.array(count).nullable(),
    labels: z.array(count),
  }),
  /** Answers for the next images of the run that was started last. */
  z.object({ kind: z.literal('chunk'), predictions: z.array(count) }),
  z.object({ kind: z.literal('run-finished'), run: runSchema }),
  /** The host adds finishedImages and answers from the chunks. */
  z.object({
    kind: z.literal('run-failed'),
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

/** Sums up the records of a journal. */
export class SessionBuilder {
  private readonly closed: SessionDocument;
  private started: StartedRun | null = null;
  private images: Images | null = null;
  private predictions: number[] = [];

  constructor(header: SessionHeader) {
    this.closed = { ...header, runs: [], failures: [] };
  }

  /** @throws Error where a record stands where it makes no sense */
  apply(record: JournalRecord): void {
    switch (record.kind) {
      case 'opened':
        throw new Error('a session is opened once');
      case 'run-started':
        this.started = record;
        return;
      case 'images':
        this.images = record;
        return;
      case 'chunk':
        for (const prediction of record.predictions) this.predictions.push(prediction);
        return;
      case 'run-finished':
        this.closed.runs.push(record.run);
        break;
      case 'run-failed':
        this.closed.failures.push(this.failure(record.at, record.error));
        break;
    }
    this.started = null;
    this.images = null;
    this.predictions = [];
  }

  /** The runs that have ended. */
  document(): SessionDocument {
    return { ...this.closed, runs: [...this.closed.runs], failures: [...this.closed.failures] };
  }

  /** For a journal whose writer was killed: the run that had not ended is one more failure. */
  interruptedDocument(): SessionDocument {
    const document = this.document();
    if (this.started) document.failures.push(this.failure(this.started.at, INTERRUPTED));
    return document;
  }

  private failure(at: string, error: FailedRun['error']): FailedRun {
    if (!this.started) throw new Error('no run has started');
    const { deviceName, modelId, precision, batchSize } = this.started;
    const finishedImages = this.predictions.length;
    const failure = { deviceName, modelId, precision, batchSize, at, error, finishedImages };
    if (finishedImages === 0 || !this.images) return failure;
    const answers = {
      imageIndices: this.images.imageIndices?.slice(0, finishedImages) ?? null,
      predictions: this.predictions,
      labels: this.images.labels.slice(0, finishedImages),
    };
    return { ...failure, answers };
  }
}
