/**
 * The whole test set by the bare native loop, in this process, and by the product with its device process, journal
 * and checks, in turns. Prints the medians and their ratio.
 */
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import type { Precision } from '../../core/network/precision';
import { medianRatioInterval } from '../../core/statistics/bootstrap';
import { median } from '../../core/statistics/percentiles';
import { loadTestSet } from '../../main/datasets';
import { openClProvider } from '../../main/devices/opencl/provider';
import { deviceProcessScript, forkDeviceProcess } from '../../main/host/launcher';
import { openHost } from '../../main/host/openHost';
import { loadModel } from '../../main/models';
import { cpuDevice } from './cpuDevice';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { pairs: { type: 'string' }, model: { type: 'string' }, precision: { type: 'string' } },
    allowPositionals: true,
  });
  const pairs = Number(values.pairs ?? 10);
  const modelId = values.model ?? 'mnist-deterministic';
  const precision = (values.precision ?? 'fp32') as Precision;
  const batchSize = 256;
  // The sessions of these runs are thrown away; data sets and built kernels stay where they are.
  const { device } = await cpuDevice();
  Object.assign(process.env, device.driver.environment);
  const model = await loadModel(modelId);
  const { images, labels } = await loadTestSet(model.dataset!, () => undefined);
  const batches = Math.floor(labels.length / batchSize);
  const opened = await openClProvider.open(device.info.id);
  const network = await opened.prepare(model, precision, batchSize);
  await network.run(images.subarray(0, images.length), 3);

  const printPdf = () => Promise.reject(new Error('nothing is printed here'));
  const host = openHost(forkDeviceProcess(deviceProcessScript()), printPdf);
  await host.listDevices();
  const bareMs: number[] = [];
  const productMs: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const started = performance.now();
    await network.run(images, batches);
    bareMs.push((performance.now() - started) / batches);
    const finished = new Promise<void>((resolve) => {
      const stop = host.onEvent((event) => {
        if (event.kind !== 'job-finished') return;
        stop();
        resolve();
      });
    });
    const { sessionId } = await host.startJob({
      ...{ deviceIds: [device.info.id], models: [modelId], dataset: null, precisions: [precision] },
      ...{ batchSizes: [batchSize], samples: null, seed: 1, sessionName: 'bookkeeping' },
    });
    await finished;
    const { runs, failures } = await host.openSession(sessionId);
    const [run] = runs;
    if (!run) throw new Error(failures[0]?.error.message ?? 'there is no run');
    const { samples } = run.timing.endToEndMsPerBatch;
    const inBatches = samples.reduce((sum, ms) => sum + ms, 0);
    productMs.push(inBatches / samples.length + run.timing.overhead!.betweenBatchesUs / 1000);
    await host.deleteSession(sessionId);
  }
  network.dispose();
  opened.close();
  await host.close();
  const { low, high } = medianRatioInterval(productMs, bareMs);
  console.log(
    `${modelId} ${precision}, ${pairs} pairs, ms a batch: bare ${median(bareMs).toFixed(4)}, ` +
      `product ${median(productMs).toFixed(4)}, ratio ${(median(productMs) / median(bareMs)).toFixed(4)} ` +
      `(${low.toFixed(4)} to ${high.toFixed(4)})`,
  );
}

void main();
