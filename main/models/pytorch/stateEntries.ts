import type { ByteSource } from '../byteSource';
import { refused } from '../refused';
import { isRecord, type PickleValue, type TensorRecord } from './values';

/** Under these keys a checkpoint of a training script commonly holds its state dict. */
const WRAPPERS = ['state_dict', 'model_state_dict'];

/**
 * The tensors of a state dict, or of the state dict inside a checkpoint.
 * @throws WorkbenchError `refused-file` where it holds anything but tensors
 */
export function stateEntries(source: ByteSource, root: PickleValue): Map<string, TensorRecord> {
  const refuse = (reason: string) =>
    refused(source.file, 'the pickled object', reason, 'Save model.state_dict() with torch.save instead.');
  if (!isRecord(root) || root.kind !== 'dict') throw refuse('it is no state dict');
  const wrapped = WRAPPERS.map((key) => root.entries.get(key)).find((value) => value !== undefined);
  const state = wrapped ?? root;
  if (!isRecord(state) || state.kind !== 'dict') throw refuse('it is no state dict');
  const tensors = new Map<string, TensorRecord>();
  for (const [name, value] of state.entries) {
    if (typeof name !== 'string') throw refuse(`the state dict has the key ${name}, which is no name`);
    if (!isRecord(value) || value.kind !== 'tensor') throw refuse(`${JSON.stringify(name)} is no tensor`);
    tensors.set(name, value);
  }
  return tensors;
}
