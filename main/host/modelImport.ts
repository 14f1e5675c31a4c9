import { networkCost } from '../../core/network/cost';
import type { ModelRecord } from '../../core/session/schema';
import { importModel as importFile } from '../models';

/**
 * Writes a model of another program in the workbench's own form.
 * @param topologyFile a JSON description of the layers, for a network that is not one of the published two
 * @throws WorkbenchError `unknown-name`, `refused-file`, `unsupported`, `usage`, `storage`
 */
export async function importModel(
  source: string,
  target: string,
  topologyFile?: string,
): Promise<ModelRecord & { binaryParameters: number }> {
  const { id, mode, topology, sha256 } = await importFile(source, target, { topologyFile });
  const { parameters, binaryParameters } = networkCost(topology);
  return { id, mode, topology: topology.id, parameters, binaryParameters, sha256 };
}
