/** Data sets, for the faces: they reach nothing below the host. */
import { WorkbenchError } from '../../core/errors';
import { fetchDataset as fetchKnown, isDatasetId, type ProgressListener } from '../datasets';

export type { DatasetProgress } from '../datasets';

/** @throws WorkbenchError `unknown-name`, `not-available`, `storage`, `cancelled` */
export async function fetchDataset(
  id: string,
  onProgress: ProgressListener,
  signal?: AbortSignal,
): Promise<void> {
  if (!isDatasetId(id)) throw new WorkbenchError('unknown-name', `There is no data set ${id}.`);
  await fetchKnown(id, onProgress, signal);
}
