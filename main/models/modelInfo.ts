import type { ModelInfo } from '../../core/contract/host';
import { networkCost } from '../../core/network/cost';
import { modelId, withOwnModel } from './openModel';

/**
 * A model file of the workbench's own form, described without reading its numbers.
 * @throws WorkbenchError `refused-file`, `unknown-name`, `storage`
 */
export function readModelInfo(path: string, bundled: boolean): Promise<ModelInfo> {
  return withOwnModel(path, (source, _, { mode, dataset, topology, origin, calibration }) => {
    const { parameters, binaryParameters } = networkCost(topology);
    return {
      id: modelId(path),
      mode,
      dataset,
      topology: topology.id,
      network: topology,
      parameters,
      binaryParameters,
      fileBytes: source.fileBytes,
      sha256: source.sha256,
      bundled,
      description: origin.description,
      calibration,
      path,
    };
  });
}
