/**
 * The null device computes nothing: it takes the bytes of each batch, as an upload would, and answers zeros. What is
 * measured with it is the workbench's own overhead. Its answers are no score of a network, and its type and variant,
 * `null`, stand in every result.
 */
import type { DeviceInfo } from '../../../core/contract/host';
import { WorkbenchError } from '../../../core/errors';
import { lower } from '../../../core/network/lowering';
import type { Model } from '../../../core/network/model';
import { PRECISIONS } from '../../../core/network/precision';
import { elements } from '../../../core/network/shapes';
import type { DeviceProvider, PreparedNetwork } from '../device';

const info: DeviceInfo = {
  id: 'null:null',
  name: 'Null device',
  platform: 'None',
  type: 'null',
  driver: 'none',
  memoryBytes: 0,
  computeUnits: 0,
  precisions: [...PRECISIONS],
  details: { Purpose: "Measures the workbench's own overhead; it computes nothing." },
};

export const nullProvider: DeviceProvider = {
  id: 'null',

  async list() {
    return [info];
  },

  async open(deviceId) {
    if (deviceId !== info.id) {
      throw new WorkbenchError('unknown-name', `There is no null device ${deviceId}.`, {
        where: deviceId,
        remedy: `Its only device is ${info.id}.`,
      });
    }
    return { info, prepare: async (model, _precision, batchSize) => prepare(model, batchSize), close() {} };
  },
};

function prepare(model: Model, batchSize: number): PreparedNetwork {
  const loadStart = performance.now();
  const { input, classes } = lower(model);
  const received = new Uint8Array(batchSize * elements(input));
  return {
    batchSize,
    buildMs: 0,
    loadMs: performance.now() - loadStart,
    kernels: { variant: 'null', sourceSha256: null, buildOptions: '' },
    async run(images, batches) {
      const endToEndMs = new Float64Array(batches);
      for (let batch = 0; batch < batches; batch++) {
        const start = performance.now();
        received.set(images.subarray(batch * received.length, (batch + 1) * received.length));
        endToEndMs[batch] = performance.now() - start;
      }
      return { logits: new Float32Array(batches * batchSize * classes), deviceMs: null, endToEndMs };
    },
    dispose() {},
  };
}
