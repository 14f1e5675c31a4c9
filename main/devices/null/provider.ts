/**
 * The null device computes nothing and copies nothing: it is given each batch and answers zeros. What is measured
 * with it is the workbench's own overhead. Its answers are no score of a network, and its type and variant, `null`,
 * stand in every result.
 */
import type { DeviceInfo } from '../../../core/contract/host';
import { WorkbenchError } from '../../../core/errors';
import { lower } from '../../../core/network/lowering';
import type { Model } from '../../../core/network/model';
import { PRECISIONS } from '../../../core/network/precision';
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
    return {
      info,
      clockStepNs: null,
      prepare: async (model, _precision, batchSize) => prepare(model, batchSize),
      close() {},
    };
  },
};

function prepare(model: Model, batchSize: number): PreparedNetwork {
  const loadStart = performance.now();
  const { classes } = lower(model);
  return {
    batchSize,
    buildMs: 0,
    loadMs: performance.now() - loadStart,
    kernels: { variant: 'null', sourceSha256: null, buildOptions: '' },
    async run(_images, batches) {
      const endToEndMs = new Float64Array(batches);
      const logits = new Float32Array(batches * batchSize * classes);
      for (let batch = 0; batch < batches; batch++) {
        const start = performance.now();
        endToEndMs[batch] = performance.now() - start;
      }
      return { logits, deviceMs: null, endToEndMs };
    },
    dispose() {},
  };
}
