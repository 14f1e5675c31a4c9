/** The way of a large session from its file to the figures; see largeSession.mjs. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { dashboard, usualBaselines } from '../../core/report/figures/dashboard';
import { formatSession, parseSession } from '../../core/session/document';
import type { Run, SessionDocument } from '../../core/session/schema';
import { viewOf } from '../../core/session/view';
import { Random } from '../../core/statistics/random';
import { readText } from '../../main/storage/readText';
import { exampleSession } from '../core/session/exampleSession';

const [runCount = 500, imageCount = 10_000] = process.argv.slice(2).map(Number);
const MODES = ['none', 'deterministic', 'stochastic'] as const;
const PRECISIONS = ['fp32', 'a8', 'a4'] as const;
const BATCH = 256;

function makeRun(index: number, template: Run, random: Random): Run {
  const labels = Array.from({ length: imageCount }, () => random.below(10));
  const predictions = labels.map((label) => (random.below(100) < 92 ? label : (label + 1) % 10));
  const correct = predictions.filter((prediction, i) => prediction === labels[i]).length;
  const batches = Math.max(5, Math.floor(imageCount / BATCH));
  const samples = Array.from({ length: batches }, () => (1 + index / 50) * (1 + random.below(1000) / 20_000));
  const times = { median: samples[batches >> 1]!, p90: Math.max(...samples), samples };
  const device = `opencl:p:d${index % 4}`;
  const mode = MODES[index % 3]!;
  return {
    ...template,
    id: `run-${index}`,
    device: { ...template.device, id: device, name: `Device ${index % 4}` },
    model: { ...template.model, id: `model-${mode}`, mode },
    dataset: { ...template.dataset, samples: imageCount, available: imageCount },
    ...{ precision: PRECISIONS[index % 3]!, batchSize: BATCH, predictions, labels },
    accuracy: { correct, total: imageCount },
    timing: { ...template.timing, endToEndMsPerBatch: times, deviceMsPerBatch: times },
  };
}

async function timed<T>(what: string, action: () => T | Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await action();
  console.log(`${what}: ${(performance.now() - start).toFixed(0)} ms`);
  return result;
}

async function measure(): Promise<void> {
  const [template] = exampleSession.runs;
  if (template === undefined) throw new Error('the example has no run');
  const random = new Random(1);
  const runs = Array.from({ length: runCount }, (_, i) => makeRun(i, template, random));
  const session: SessionDocument = { ...exampleSession, runs, failures: [] };
  const folder = mkdtempSync(join(tmpdir(), 'bnnw-speed-'));
  try {
    const path = join(folder, 'session.json');
    writeFileSync(path, formatSession(session));
    console.log(
      `${runCount} runs of ${imageCount} images, ${(statSync(path).size / 2 ** 20).toFixed(0)} MiB`,
    );
    const text = await timed('file read', () => readText(path));
    const document = await timed('parsed and checked', () => parseSession(text, path));
    const wire = await timed('view packed for the page', () => serialize(viewOf(document)));
    console.log(`crosses to the page: ${(wire.length / 2 ** 20).toFixed(1)} MiB`);
    const view = await timed('unpacked in the page', () => deserialize(wire) as ReturnType<typeof viewOf>);
    const options = { clock: 'endToEnd' as const, baselines: usualBaselines(view.runs) };
    await timed('first figures', () => dashboard(view.runs, options));
    await timed('figures again', () => dashboard(view.runs, options));
    await timed('figures of a filter', () =>
      dashboard(
        view.runs.filter(({ precision }) => precision === 'a4'),
        options,
      ),
    );
    const other = { ...options, baselines: { [template.dataset.id]: view.runs[7]! } };
    await timed('figures against another baseline', () => dashboard(view.runs, other));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

void measure();
