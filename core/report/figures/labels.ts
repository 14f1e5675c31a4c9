/** Runs by data set, and the words that tell them apart. */

import type { RunView } from '../../session/view';
import { platformName, shortProcessorName } from '../deviceLabel';

const competitors = new WeakMap<readonly RunView[], readonly RunView[]>();

/**
 * The null device's time is the workbench's own and competes with nothing.
 *
 * @returns the same array for the same runs, so that all figures of a data set share their labels
 */
export function competing(runs: readonly RunView[]): readonly RunView[] {
  const known = competitors.get(runs) ?? runs.filter((run) => run.device.type !== 'null');
  competitors.set(runs, known);
  return known;
}

/** Runs of one data set each, in the order in which they first appear. */
export function runsByDataset(runs: readonly RunView[]): { datasetId: string; runs: RunView[] }[] {
  const groups = new Map<string, RunView[]>();
  for (const run of runs) {
    const group = groups.get(run.dataset.id);
    if (group) group.push(run);
    else groups.set(run.dataset.id, [run]);
  }
  return [...groups].map(([datasetId, members]) => ({ datasetId, runs: members }));
}

/** Data sets that the program knows, as people write them. */
const DATASET_NAMES: Record<string, string> = { mnist: 'MNIST', cifar10: 'CIFAR-10' };

export function datasetName(datasetId: string): string {
  return DATASET_NAMES[datasetId] ?? datasetId;
}

/** What labels are made of; estimates have it too. */
export type Labelled = Pick<RunView, 'precision' | 'batchSize' | 'scenario'> & {
  model: Pick<RunView['model'], 'id' | 'mode'>;
  device: Pick<RunView['device'], 'name' | 'platform' | 'type'>;
  dataset: Pick<RunView['dataset'], 'samples'>;
  /** Where the run was merged from, if it was. */
  origin?: { sessionName: string };
};

/** What may tell runs apart, in the order in which it is said. */
const PARTS = [
  'session',
  'model',
  'processor',
  'platform',
  'precision',
  'batch',
  'scenario',
  'images',
] as const;
type Part = (typeof PARTS)[number];

/** Said only where it tells apart what the others do not: the first of these that does. */
const IF_NEEDED: readonly Part[] = ['platform', 'scenario', 'images', 'session'];

const labels = new WeakMap<readonly Labelled[], string[]>();

/** For each run, then for each estimate, the words that tell it from the others. */
export function labelsOf(runs: readonly Labelled[], estimates: readonly Labelled[] = []): readonly string[] {
  if (estimates.length > 0) return distinguishingLabels([...runs, ...estimates]);
  const known = labels.get(runs) ?? distinguishingLabels(runs);
  labels.set(runs, known);
  return known;
}

/**
 * For each run the words that tell it from the others: only what differs between them is named.
 *
 * @param without what the figure shows in another way, such as the batch size along an axis
 */
export function distinguishingLabels(runs: readonly Labelled[], without: readonly Part[] = []): string[] {
  const texts = textsOfParts(runs);
  const chosen = PARTS.filter((part) => !without.includes(part) && new Set(texts[part]).size > 1);
  const needed = chosen.filter((part) => !IF_NEEDED.includes(part));
  for (const part of IF_NEEDED) {
    if (!chosen.includes(part)) continue;
    if (countOf(texts, [...needed, part]) > countOf(texts, needed)) needed.push(part);
  }
  const ordered = PARTS.filter((part) => needed.includes(part));
  const named = runs.map((run, i) =>
    ordered.length > 0
      ? ordered
          .map((part) => texts[part][i]!)
          .filter((text) => text !== '')
          .join(', ')
      : run.model.id,
  );
  return numbered(named);
}

type Texts = Record<Part, string[]>;

function textsOfParts(runs: readonly Labelled[]): Texts {
  const modes = new Map<string, string>();
  for (const { model } of runs) modes.set(model.id, model.mode);
  const modesTell = new Set(modes.values()).size === modes.size;
  const processors = runs.map(({ device }) => shortProcessorName(device));
  // A platform is said of processors that have several.
  const platforms = new Map<string, Set<string>>();
  runs.forEach(({ device }, i) => {
    const known = platforms.get(processors[i]!) ?? new Set<string>();
    platforms.set(processors[i]!, known.add(platformName(device)));
  });
  const several = (i: number) => (platforms.get(processors[i]!)?.size ?? 0) > 1;
  return {
    session: runs.map(({ origin }) => origin?.sessionName ?? ''),
    model: runs.map(({ model }) => (modesTell ? model.mode : model.id)),
    processor: processors,
    platform: runs.map(({ device }, i) => (several(i) ? platformName(device) : '')),
    precision: runs.map(({ precision }) => precision),
    batch: runs.map(({ batchSize }) => `batch ${batchSize}`),
    scenario: runs.map(({ scenario = 'accuracy' }) => scenario),
    images: runs.map(({ dataset }) => `${dataset.samples} images`),
  };
}

/** How many runs these parts tell apart. */
function countOf(texts: Texts, parts: readonly Part[]): number {
  const first = parts[0];
  if (first === undefined) return 1;
  return new Set(texts[first].map((_, i) => parts.map((part) => texts[part][i]).join('\n'))).size;
}

/** Runs with the same words get a number, from the second on. */
function numbered(labels: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return labels.map((label) => {
    const times = (seen.get(label) ?? 0) + 1;
    seen.set(label, times);
    return times === 1 ? label : `${label} (${times})`;
  });
}
