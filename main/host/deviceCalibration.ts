/** Calibration inside the device process: the network's beginnings in fp32, on training images. */
import { WorkbenchError } from '../../core/errors';
import { calibrate } from '../../core/network/calibration';
import { networkCost } from '../../core/network/cost';
import { loadTrainingImages } from '../datasets';
import type { DeviceProvider } from '../devices/device';
import { loadModel, saveModel } from '../models';
import type { CalibrationRequest, FromDeviceProcess } from './protocol';

/** @throws WorkbenchError of every kind; the file is written last and whole, or not at all */
export async function calibrateOnDevice(
  request: CalibrationRequest,
  provider: DeviceProvider,
  send: (message: FromDeviceProcess) => void,
  cancelled: AbortSignal,
): Promise<void> {
  const model = await loadModel(request.model);
  if (model.mode === 'none') {
    throw new WorkbenchError('unsupported', 'A model of mode none has no one-bit weights to calibrate for.', {
      where: model.id,
      remedy: 'Choose a deterministic or stochastic model.',
    });
  }
  const dataset = request.dataset ?? model.dataset;
  if (dataset === null) {
    throw new WorkbenchError('usage', 'The model does not say what it was trained on.', {
      where: model.id,
      remedy: 'Name its data set with --dataset.',
    });
  }
  send({ kind: 'phase', phase: 'fetching data', detail: null, expectedMs: null });
  const images = await loadTrainingImages(dataset, request.images, request.seed);
  const { channels, height, width } = model.topology.input;
  if (images.channels !== channels || images.height !== height || images.width !== width) {
    throw new WorkbenchError(
      'usage',
      `${images.dataset} has images of another size than ${model.id} takes.`,
      {
        where: images.dataset,
        remedy: 'Choose the data set that the model was trained on.',
      },
    );
  }
  const device = await provider.open(request.deviceId);
  try {
    const calibration = await calibrate(
      model,
      images,
      async (beginning, batchSize) => {
        const network = await device.prepare(beginning, 'fp32', batchSize);
        return {
          run: async (batch) => (await network.run(batch, 1)).logits,
          dispose: () => network.dispose(),
        };
      },
      (done, total) => {
        if (cancelled.aborted) throw new WorkbenchError('cancelled', 'The calibration was cancelled.');
        const detail = `${Math.floor((100 * done) / total)} %`;
        send({ kind: 'phase', phase: 'running', detail, expectedMs: null });
      },
    );
    const saved = await saveModel({ ...model, calibration }, request.output);
    const { id, mode, topology, sha256 } = saved;
    const { parameters } = networkCost(topology);
    const record = { id, mode, topology: topology.id, parameters, sha256 };
    send({ kind: 'calibrated', model: record, dataset: images.dataset, images: calibration.images });
  } finally {
    device.close();
  }
}
