import type { ModelInfo } from '../../core/contract/host';
import { countParameters } from '../../core/network/topologies';
import { modelId, withOwnModel } from './openModel';

/** A model file of the workbench's own form, described without reading its numbers. */
export interface ModelFile extends ModelInfo {
  path: string;
}

/** @throws WorkbenchError `refused-file`, `unknown-name`, `storage` */
export function readModelInfo(path: string, bundled: boolean): Promise<ModelFile> {
  return withOwnModel(path, (source, _, { mode, dataset, topology, origin }) => {
    const { all, binary } = countParameters(topology);
    return {
      id: modelId(path),
      mode,
      dataset,
      topology: topology.id,
      network: topology,
      parameters: all,
      binaryParameters: binary,
      fileBytes: source.fileBytes,
      sha256: source.sha256,
      bundled,
      description: origin.description,
      path,
    };
  });
}
