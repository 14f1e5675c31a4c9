/** What bench:gpu has measured, as a document and as the text of docs/performance-gpu.md. */
import { z } from 'zod';

const rowSchema = z.object({
  name: z.string(),
  /** PyTorch, which all others are held against. */
  isPeer: z.boolean(),
  queuedMs: z.number(),
  latencyMs: z.number(),
  endToEndMs: z.number(),
  /** A batch, where the next is uploaded and the one before downloaded meanwhile; null where that is not offered. */
  overlappedMs: z.number().nullable(),
  /** What no batch can be faster than, from the chip's measured rates; null where it is not known. */
  leastMs: z.number().nullable(),
  /** Of the board, an image; null where the card has no counter. */
  energyMj: z.number().nullable(),
  powerW: z.number().nullable(),
  correct: z.number(),
  total: z.number(),
});

const comparisonSchema = z.object({
  kind: z.literal('bench:gpu'),
  device: z.string(),
  driver: z.string(),
  date: z.string(),
  command: z.string(),
  limits: z.object({ bitTops: z.number(), halfTops: z.number(), memoryGbPerS: z.number() }),
  tables: z.array(z.object({ model: z.string(), batchSize: z.number(), rows: z.array(rowSchema) })),
});

export type GpuRow = z.infer<typeof rowSchema>;
export type GpuComparison = z.infer<typeof comparisonSchema>;

/** Null where the text is of another kind. */
export function parseGpuComparison(text: string): GpuComparison | null {
  const document: unknown = JSON.parse(text);
  const isOne = typeof document === 'object' && document !== null && 'kind' in document;
  return isOne && document.kind === 'bench:gpu' ? comparisonSchema.parse(document) : null;
}

const HEAD = `# Performance on NVIDIA GPUs

Written by \`npm run docs:performance -- FILE...\` from files of \`npm run bench:gpu -- --json FILE\`. Both sides are timed alike: images on the device, many passes queued, one wait,
wall time over their number (*queued*); *latency* is one pass and a wait; *end to end* adds the way of images and logits
from and to pinned memory of the host, and *overlapped* is that for batches in a row, with transfers beside the
computation. Energy is the card's own counter (NVML, the whole board) over queued passes. *Of the limit* is the least
time over the queued one: all products of the network at the rate that the fastest matrix instruction reached alone, b of
them for an activation of b bits, or images, weights and logits through memory once, whichever takes longer. What holds
each figure back: [gpu.md](gpu.md).
`;

export function gpuPage(comparisons: readonly GpuComparison[]): string {
  return [HEAD, ...comparisons.map(comparisonText)].join('\n');
}

function comparisonText({ device, driver, date, command, limits, tables }: GpuComparison): string {
  const { bitTops, halfTops, memoryGbPerS } = limits;
  return [
    `## ${device}`,
    '',
    `Driver ${driver}, ${date.slice(0, 10)}. Made by \`${command}\`. Rates measured in the same run: ` +
      `${bitTops.toFixed(0)} TOPS on single bits, ${halfTops.toFixed(0)} TFLOP/s on halves, ` +
      `${memoryGbPerS.toFixed(0)} GB/s of a copy, reads and writes both counted.`,
    '',
    ...tables.flatMap(({ model, batchSize, rows }) => [
      `### ${model}, batch ${batchSize}`,
      '',
      ...rowLines(rows),
      '',
    ]),
  ].join('\n');
}

export function rowLines(rows: readonly GpuRow[]): string[] {
  const peers = rows.filter(({ isPeer }) => isPeer).map(({ queuedMs }) => queuedMs);
  const ratio = ({ isPeer, queuedMs }: GpuRow, peerMs: number) =>
    isPeer || peers.length === 0 ? '–' : `${(peerMs / queuedMs).toFixed(1)} x`;
  const heads = ['', 'queued ms', 'latency ms', 'end to end ms', 'overlapped ms', 'of the limit'];
  heads.push("PyTorch's slowest", "PyTorch's fastest", 'mJ an image', 'W', 'correct');
  const lines = rows.map((row) => [
    row.name,
    ...[row.queuedMs, row.latencyMs, row.endToEndMs, row.overlappedMs].map(figure),
    row.leastMs === null ? '–' : `${((100 * row.leastMs) / row.queuedMs).toFixed(0)} %`,
    ratio(row, Math.max(...peers)),
    ratio(row, Math.min(...peers)),
    figure(row.energyMj),
    figure(row.powerW),
    `${row.correct} of ${row.total}`,
  ]);
  return [heads, heads.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`);
}

function figure(value: number | null): string {
  return value === null ? '–' : value.toPrecision(3);
}
