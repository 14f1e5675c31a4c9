/** What stands below the table of runs: drawn weights, the time of each step, the classes, and how models differ. */
import { className } from '../evaluation/classNames';
import { isEmulated } from '../evaluation/comparison';
import { accuracyCost, modeGroups } from '../evaluation/modeComparison';
import type { LayerTimes, Run, Sampling } from '../session/schema';
import { answersOf } from '../session/view';
import { confusionMatrix, MOST_CLASSES_IN_MATRIX } from '../statistics/confusion';
import type { ReportColumn } from './columns';
import type { ReportContent } from './content';
import { deviceLabel } from './deviceLabel';
import { formatCount, formatNumber, formatPercent, NOT_MEASURED } from './format';

export interface DetailTable {
  title: string;
  /** Sentences that are read with it. */
  notes: string[];
  columns: ReportColumn<readonly string[]>[];
  rows: string[][];
}

/** So many of the images on which two models differ are named. */
const NAMED_IMAGES = 30;

export function detailTables({ session, runs }: ReportContent): DetailTable[] {
  const shown = new Set(runs.map(({ id }) => id));
  const whole = session.runs.filter(({ id }) => shown.has(id));
  return [
    ...drawsTable(whole),
    ...whole.flatMap((run) => (run.timing.layers ? [stepsTable(run, run.timing.layers)] : [])),
    ...classTables(whole),
    ...pairsTable(whole),
  ];
}

/** The first column is text, the others are numbers. */
function columnsOf(...heads: string[]): ReportColumn<readonly string[]>[] {
  return heads.map((head, place) => ({ head, number: place > 0, text: (row) => row[place] ?? '' }));
}

function nameOf({ model, device, precision, batchSize, origin }: Run): string {
  const name = `${model.id} on ${deviceLabel(device)}, ${precision}, batch ${formatCount(batchSize)}`;
  return origin ? `${name} (${origin.sessionName})` : name;
}

function drawsTable(runs: readonly Run[]): DetailTable[] {
  const drawn = runs.flatMap((run) => (run.sampling ? [{ run, sampling: run.sampling }] : []));
  if (drawn.length === 0) return [];
  const heads = ['Run', 'Draws', 'Temperature', 'Mean, %', 'Deviation, points', 'Worst, %', 'Best, %'];
  return [
    {
      title: 'Drawn weights',
      notes: [
        'Of the same images, with weights that were drawn; an extra of the workbench. The run itself has the sign of each weight.',
        ...drawn.map(({ run, sampling }) => drawsNote(run, sampling)),
      ],
      columns: columnsOf(...heads, 'Averaged logits, %', 'Signs, %'),
      rows: drawn.map(({ run, sampling }) => drawsRow(run, sampling)),
    },
  ];
}

function drawsRow(run: Run, { correct, temperature, averagedCorrect }: Sampling): string[] {
  const { total } = run.accuracy;
  const mean = correct.reduce((sum, count) => sum + count, 0) / correct.length;
  const squares = correct.reduce((sum, count) => sum + (count - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (correct.length - 1)) / total;
  return [
    nameOf(run),
    formatCount(correct.length),
    String(temperature),
    formatPercent(mean / total),
    formatPercent(deviation),
    formatPercent(Math.min(...correct) / total),
    formatPercent(Math.max(...correct) / total),
    formatPercent(averagedCorrect / total),
    formatPercent(run.accuracy.correct / total),
  ];
}

function drawsNote(run: Run, { rule, seed, correct }: Sampling): string {
  const weights = rule === 'latent' ? 'their stored real weights' : 'their signs';
  return `${nameOf(run)}: probabilities from ${weights}, seed ${seed}; correct in each draw: ${correct.map(formatCount).join('; ')}`;
}

function stepsTable(run: Run, { steps, wholeMs, kernelSumMs, batches }: LayerTimes): DetailTable {
  const share = (ms: number) => formatPercent(ms / wholeMs);
  return {
    title: `Each step of ${nameOf(run)}`,
    notes: [
      `Medians of ${formatCount(batches)} batches${isEmulated(run) ? ', emulated' : ''}; what the sum lacks passed between kernels.`,
    ],
    columns: columnsOf('Step', 'ms a batch', 'First quartile', 'Third quartile', '% of the whole'),
    rows: [
      ...steps.map(({ name, kind, medianMs, quartilesMs }) => [
        name,
        formatNumber(medianMs),
        ...quartilesMs.map(formatNumber),
        kind === 'kernel' ? share(medianMs) : '',
      ]),
      ['Sum of the kernels', formatNumber(kernelSumMs), '', '', share(kernelSumMs)],
      ['First start to last end', formatNumber(wholeMs), '', '', share(wholeMs)],
    ],
  };
}

/** One table for all runs that gave the same answers. */
function classTables(runs: readonly Run[]): DetailTable[] {
  const byAnswers = new Map<string, Run[]>();
  for (const run of runs) {
    if (run.device.type === 'null' || run.labels.length === 0) continue;
    const key = JSON.stringify([run.dataset.sha256, run.imageIndices, run.predictions]);
    byAnswers.set(key, [...(byAnswers.get(key) ?? []), run]);
  }
  return [...byAnswers.values()].map(classTable);
}

function classTable(runs: readonly Run[]): DetailTable {
  const { predictions, labels } = runs[0]!;
  const highest = predictions.reduce((most, each, i) => Math.max(most, each, labels[i]!), 0);
  const classes = highest + 1;
  return {
    title: `Classes: ${runs.map(nameOf).join('; ')}`,
    ...(classes <= MOST_CLASSES_IN_MATRIX ? matrixTable(runs[0]!, classes) : manyClassesTable(runs[0]!)),
  };
}

const CLASS_HEADS = ['Class', 'Images', 'Precision, %', 'Recall, %'];
const shareText = (share: number | null) => (share === null ? NOT_MEASURED : formatPercent(share));

function matrixTable({ predictions, labels, dataset }: Run, classes: number): Omit<DetailTable, 'title'> {
  const { counts, precision, recall } = confusionMatrix(predictions, labels, classes);
  const numbers = Array.from({ length: classes }, (_, i) => i);
  return {
    notes: [
      'A row is a true class; the columns after recall count its images by the class that was answered.',
    ],
    columns: columnsOf(...CLASS_HEADS, ...numbers.map((number) => className(dataset.id, number))),
    rows: numbers.map((label) => {
      const row = Array.from(counts.slice(label * classes, (label + 1) * classes));
      const images = row.reduce((sum, count) => sum + count, 0);
      const shares = [shareText(precision[label]!), shareText(recall[label]!)];
      return [className(dataset.id, label), formatCount(images), ...shares, ...row.map(formatCount)];
    }),
  };
}

/** Without the matrix. */
function manyClassesTable({ predictions, labels, dataset }: Run): Omit<DetailTable, 'title'> {
  const tallies = new Map<number, { images: number; answered: number; right: number }>();
  const tallyOf = (number: number) => {
    const tally = tallies.get(number) ?? { images: 0, answered: 0, right: 0 };
    tallies.set(number, tally);
    return tally;
  };
  predictions.forEach((answer, i) => {
    tallyOf(answer).answered++;
    tallyOf(labels[i]!).images++;
    if (answer === labels[i]) tallyOf(answer).right++;
  });
  const share = (right: number, of: number) => shareText(of === 0 ? null : right / of);
  const found = [...tallies].sort(([a], [b]) => a - b);
  return {
    notes: ['The classes that images have or were answered.'],
    columns: columnsOf(...CLASS_HEADS),
    rows: found.map(([number, { images, answered, right }]) => [
      className(dataset.id, number),
      formatCount(images),
      share(right, answered),
      share(right, images),
    ]),
  };
}

/** Each model against the first of its group, on the same images. */
function pairsTable(runs: readonly Run[]): DetailTable[] {
  const rows: string[][] = [];
  const notes: string[] = [];
  const byId = new Map(runs.map((run) => [run.id, run]));
  for (const group of modeGroups(runs)) {
    const [first, ...others] = group.runs.flatMap(({ id }) => byId.get(id) ?? []);
    for (const other of first ? others : []) {
      const cost = accuracyCost(answersOf(first!), answersOf(other));
      if (!cost) continue;
      const pair = `${other.model.id} against ${first!.model.id}, ${group.label}`;
      const { difference, interval, onlyFirstRight, onlySecondRight, pValue, disagreements } = cost;
      rows.push([
        pair,
        `${formatPercent(difference)} (${formatPercent(interval.low)} to ${formatPercent(interval.high)})`,
        formatCount(onlySecondRight),
        formatCount(onlyFirstRight),
        pValue < 0.001 ? '<0.001' : pValue.toFixed(3),
        formatCount(disagreements.length),
      ]);
      notes.push(`${pair}, other answers for test images ${imagesText(first!, disagreements)}`);
    }
  }
  if (rows.length === 0) return [];
  const heads = ['Pair', 'Difference, points (95 %)', 'Only it right', 'Only the other right'];
  const columns = columnsOf(...heads, "McNemar's exact p", 'Other answers');
  return [{ title: 'Models on the same images', notes, columns, rows }];
}

function imagesText({ imageIndices }: Run, positions: readonly number[]): string {
  const named = positions.slice(0, NAMED_IMAGES).map((position) => imageIndices?.[position] ?? position);
  const more = positions.length - named.length;
  return `${named.join(', ') || 'none'}${more > 0 ? ` and ${formatCount(more)} more, all of which the session holds` : ''}`;
}
