/** Makes a model of the bare tensors of a state dict: which network it is, how it was binarized, its bits. */
import { basename } from 'node:path';
import { WorkbenchError } from '../../core/errors';
import { packBinary } from '../../core/network/binaryWeights';
import type { Model, RealTensor, Tensor } from '../../core/network/model';
import {
  firstDifference,
  PUBLISHED,
  recognizeTopology,
  type TopologyDescription,
  tensorShapes,
} from '../../core/network/topologies';
import { type Layer, MODES, type Mode, type Topology } from '../../core/network/topology';
import type { ByteSource } from './byteSource';
import { readReal } from './readReal';
import { refused } from './refused';
import { elementCount, type StateDict } from './stateDict';

/** What a state dict does not tell by itself. */
export interface Hints {
  /** Null: one of the published networks. */
  description: TopologyDescription | null;
  /**
   * Null: from the description, the weights and the file's name. A binarized mode given here signs weights
   * that are real, as the published inference does; sign(0) = 0.
   */
  mode: Mode | null;
}

/** What the values of a weight tensor are. */
type Kind = 'binary' | 'ternary' | 'real';

/**
 * @param id the model's
 * @throws WorkbenchError `unsupported` where the network is unknown, `usage` where the mode cannot be told,
 *   `refused-file`
 */
export async function assembleModel(
  source: ByteSource,
  id: string,
  stateDict: StateDict,
  hints: Hints,
): Promise<Model> {
  const {
    topology,
    dataset,
    mode: describedMode,
    constants,
  } = describe(source, stateDict, hints.description);
  const binarized = binarizedLayers(topology);
  const tensors = new Map<string, Tensor>();
  const kinds = new Map<string, Kind>();
  for (const [name, shape] of tensorShapes(topology)) {
    const real = await readTensor(source, stateDict, name, shape, constants.get(name));
    const kind = binarized.has(name) ? kindOf(real.data) : null;
    if (kind !== null) kinds.set(name, kind);
    tensors.set(name, kind === 'binary' ? pack(source, name, real) : real);
  }
  const mode = decideMode(source, kinds, hints.mode ?? describedMode);
  if (mode !== 'none') signRealWeights(source, tensors, kinds);
  return {
    id,
    mode,
    dataset,
    topology: { ...topology, layers: topology.layers.map((layer) => withStoredForm(layer, tensors)) },
    tensors,
    origin: {
      description: `${topology.id}, mode ${mode}, imported from ${basename(source.file)}.`,
      sourceFile: basename(source.file),
      sourceSha256: source.sha256,
    },
    calibration: null,
    sha256: source.sha256,
  };
}

function describe(
  source: ByteSource,
  stateDict: StateDict,
  given: TopologyDescription | null,
): TopologyDescription {
  const shapes = new Map([...stateDict].map(([name, tensor]) => [name, tensor.shape]));
  if (given) {
    const difference = firstDifference(given.topology, shapes, given.constants);
    if (difference)
      throw refused(source.file, 'its tensors', `they do not fit the description: ${difference}`);
    return given;
  }
  const recognized = recognizeTopology(shapes);
  if (recognized) return recognized;
  throw new WorkbenchError('unsupported', `${basename(source.file)} holds no network that is known here.`, {
    where: source.file,
    remedy: 'Describe its layers in a JSON file and give it with --topology.',
    details: PUBLISHED.map(({ topology }) => `${topology.id}: ${firstDifference(topology, shapes)}`).join(
      '\n',
    ),
  });
}

/** Names of the weights that the topology calls binarized. */
function binarizedLayers(topology: Topology): Set<string> {
  const names = topology.layers.map((layer) =>
    'binary' in layer && layer.binary ? `${layer.name}.weight` : '',
  );
  return new Set(names.filter((name) => name !== ''));
}

async function readTensor(
  source: ByteSource,
  stateDict: StateDict,
  name: string,
  shape: number[],
  constant: number | undefined,
): Promise<RealTensor> {
  if (constant === undefined)
    return { kind: 'real', shape, data: await readReal(source, stateDict.get(name)!) };
  source.budget.take(elementCount(shape)! * Float32Array.BYTES_PER_ELEMENT, name);
  return { kind: 'real', shape, data: new Float32Array(elementCount(shape)!).fill(constant) };
}

function kindOf(values: Float32Array): Kind {
  let zeros = false;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value === 0) zeros = true;
    else if (value !== 1 && value !== -1) return 'real';
  }
  return zeros ? 'ternary' : 'binary';
}

function pack(source: ByteSource, name: string, real: RealTensor): Tensor {
  source.budget.release(real.data.byteLength);
  return packBinary(real, name);
}

/** The mode, from what was said, the values of the weights, and the file's name, in this order. */
function decideMode(source: ByteSource, kinds: ReadonlyMap<string, Kind>, said: Mode | null): Mode {
  const file = basename(source.file);
  const named = modesNamed(file);
  const realNames = [...kinds].filter(([, kind]) => kind === 'real').map(([name]) => name);
  const ask = (message: string) =>
    new WorkbenchError('usage', message, {
      where: source.file,
      remedy:
        'Say how it was trained: "mode" in a description of the network (none, deterministic or stochastic), or, ' +
        'for weights of +1 and -1, the file name, as in net-stochastic.pt.',
    });
  if (kinds.size === 0) {
    if (said && said !== 'none') throw ask(`${file} has no binarized layer, so its mode is not ${said}.`);
    return 'none';
  }
  if (realNames.length === kinds.size) {
    if (said) return said;
    if (named.some((mode) => mode !== 'none')) {
      throw ask(`The name of ${file} says ${named.join(' and ')}, and its weights are real numbers.`);
    }
    return 'none';
  }
  if (said === 'none') throw ask(`${file} has weights of +1 and -1 only, so its mode is not none.`);
  if (said) return said;
  if (realNames.length > 0) {
    throw ask(
      `${file} is binarized in some layers and real in others (${realNames.slice(0, 5).join(', ')}).`,
    );
  }
  const [only, ...others] = named.filter((mode) => mode !== 'none');
  if (only === undefined || others.length > 0) {
    throw ask(
      `The weights of ${file} are +1 and -1, which does not tell deterministic from stochastic training.`,
    );
  }
  return only;
}

function modesNamed(file: string): Mode[] {
  return MODES.filter((mode) => new RegExp(`(^|[^a-z])${mode}([^a-z]|$)`, 'i').test(file));
}

function signRealWeights(
  source: ByteSource,
  tensors: Map<string, Tensor>,
  kinds: ReadonlyMap<string, Kind>,
): void {
  for (const [name, kind] of kinds) {
    const tensor = tensors.get(name)!;
    if (kind !== 'real' || tensor.kind !== 'real') continue;
    const signed: RealTensor = { ...tensor, data: tensor.data.map(Math.sign) };
    tensors.set(name, kindOf(signed.data) === 'binary' ? pack(source, name, signed) : signed);
  }
}

/** `binary` as the weights are stored: a zero among them keeps a layer real. */
function withStoredForm(layer: Layer, tensors: ReadonlyMap<string, Tensor>): Layer {
  if (!('binary' in layer)) return layer;
  return { ...layer, binary: tensors.get(`${layer.name}.weight`)!.kind === 'binary' };
}
