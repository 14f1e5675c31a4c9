import type { ImageStrip } from '../../core/contract/host';
import { WorkbenchError } from '../../core/errors';
import { formatCount } from '../../core/report/format';
import { loadTestSet } from '../datasets';

/**
 * Some images of a test set, as they are in its files.
 * @param indices places in the test set
 * @throws WorkbenchError `usage` where an index is out of range; those of the data set
 */
export async function testImages(datasetId: string, indices: readonly number[]): Promise<ImageStrip> {
  const { images, labels, height, width, channels } = await loadTestSet(datasetId);
  const imageBytes = height * width * channels;
  const pixels = indices.map((index) => {
    if (index >= labels.length) {
      throw new WorkbenchError('usage', `There is no image ${formatCount(index)}.`, {
        where: datasetId,
        remedy: `Ask for 0 to ${formatCount(labels.length - 1)}.`,
      });
    }
    const bytes = images.subarray(index * imageBytes, (index + 1) * imageBytes);
    return Buffer.from(bytes).toString('base64');
  });
  return { width, height, channels, pixels };
}
