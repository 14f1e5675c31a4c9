/** Reads and writes the text of a session document. */
import { z } from 'zod';
import { WorkbenchError } from '../errors';
import { countCorrect } from '../evaluation/accuracy';
import {
  datasetRecordSchema,
  failedRunSchema,
  modelRecordSchema,
  type Run,
  runSchema,
  SESSION_VERSION,
  type SessionDocument,
  sampleSummarySchema,
  sessionDocumentSchema,
} from './schema';

const envelope = z.object({
  format: z.literal('bnn-workbench-session'),
  version: z.number().int().min(1),
});

/**
 * What leads from the document of one version to the next: MIGRATIONS[n] takes version n. Empty as long as
 * there has been one version only.
 */
const MIGRATIONS: Record<number, (document: unknown) => unknown> = {};

/**
 * @param where the file's path, for the error
 * @throws WorkbenchError `refused-file` that names the place and the reason
 */
export function parseSession(text: string, where: string): SessionDocument {
  return checkSession(parseJson(text, where), where);
}

/** The same for a document that is no text any more. */
export function checkSession(value: unknown, where: string): SessionDocument {
  const parsed = sessionDocumentSchema.safeParse(atCurrentVersion(value, where));
  if (!parsed.success) throw refused(where, describeIssue(parsed.error));
  parsed.data.runs.forEach((run, i) => {
    const contradiction = findContradiction(run);
    if (contradiction) throw refused(where, `runs[${i}]: ${contradiction}`);
  });
  return parsed.data;
}

/** A run without its samples and answers: what it was and how long it took. */
const runFactsSchema = runSchema
  .pick({
    ...{ device: true, precision: true, batchSize: true, scenario: true, cell: true },
    ...{ startedAt: true, finishedAt: true },
  })
  .extend({
    model: modelRecordSchema.pick({ id: true, topology: true }),
    dataset: datasetRecordSchema.pick({ id: true, samples: true }),
    timing: z.object({ endToEndMsPerBatch: sampleSummarySchema.pick({ median: true }) }),
  });
export type RunFacts = z.infer<typeof runFactsSchema>;

const contentsSchema = sessionDocumentSchema
  .pick({ name: true, tags: true, note: true, createdAt: true, plan: true })
  .extend({
    runs: z.array(runFactsSchema),
    failures: z.array(failedRunSchema.pick({ cell: true, error: true })),
  });
/** What a list of sessions shows, and what the time of a job is estimated by. */
export type SessionContents = z.infer<typeof contentsSchema>;

/** {@link parseSession} without the samples and answers of the runs, which take most of its time. */
export function summarizeSession(text: string, where: string): SessionContents {
  const parsed = contentsSchema.safeParse(atCurrentVersion(parseJson(text, where), where));
  if (!parsed.success) throw refused(where, describeIssue(parsed.error));
  return parsed.data;
}

/** Indented, with each array of numbers on one line. Ends with a line break. */
export function formatSession(document: SessionDocument): string {
  // A line break inside a JSON string is always escaped, so this matches no text of a string.
  const numbers = /\[\n\s*(-?\d[-+.\deE,\s]*?)\n\s*\]/g;
  const indented = JSON.stringify(document, null, 2);
  return `${indented.replace(numbers, (_, inner: string) => `[${inner.replace(/\s+/g, ' ')}]`)}\n`;
}

/** Refuses what is no session and what a newer program wrote; brings an older version up to this one. */
function atCurrentVersion(value: unknown, where: string): unknown {
  const parsed = envelope.safeParse(value);
  if (!parsed.success) throw refused(where, 'it is no session of BNN Workbench');
  const { version } = parsed.data;
  if (version > SESSION_VERSION) {
    throw new WorkbenchError(
      'refused-file',
      `A newer BNN Workbench wrote this session (version ${version}; this one reads up to ${SESSION_VERSION}).`,
      { where, remedy: 'Open it with a newer BNN Workbench. The file was not changed.' },
    );
  }
  let document = value;
  for (let v = version; v < SESSION_VERSION; v++) document = MIGRATIONS[v]!(document);
  return document;
}

/** What in a run does not fit together, or null. */
export function findContradiction(run: Run): string | null {
  const count = run.predictions.length;
  if (count !== run.dataset.samples) return `${count} predictions for ${run.dataset.samples} samples`;
  if (run.labels.length !== count) return `${run.labels.length} labels for ${count} predictions`;
  if (run.imageIndices && run.imageIndices.length !== count) {
    return `${run.imageIndices.length} image indices for ${count} predictions`;
  }
  if (run.accuracy.total !== count) return `an accuracy of ${run.accuracy.total} images, not ${count}`;
  const correct = countCorrect(run.predictions, run.labels);
  if (run.accuracy.correct !== correct) {
    return `${run.accuracy.correct} are said to be correct, the predictions give ${correct}`;
  }
  const { power, interleaving, timing } = run;
  if (power && power.atMs.length !== power.watts.length) {
    return `${power.watts.length} powers at ${power.atMs.length} times`;
  }
  const inRounds = interleaving?.batchesPerRound.reduce((sum, batches) => sum + batches, 0);
  const samples = timing.endToEndMsPerBatch.samples.length;
  if (inRounds !== undefined && inRounds !== samples)
    return `${inRounds} batches in rounds, ${samples} times`;
  return null;
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refused(where, error instanceof Error ? error.message : String(error));
  }
}

/** The first issue as `runs[3].accuracy.correct: message`. */
export function describeIssue(error: z.ZodError): string {
  const issue = error.issues[0]!;
  const path = issue.path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
  return path === '' ? issue.message : `${path}: ${issue.message}`;
}

function refused(where: string, reason: string): WorkbenchError {
  return new WorkbenchError('refused-file', `The session cannot be read: ${reason}.`, {
    where,
    remedy: 'Open another copy of it. The file was not changed.',
  });
}
