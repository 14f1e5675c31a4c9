/** Puts the channels between the layers into another order, which changes no answer. */
import { WorkbenchError } from '../../../../core/errors';
import { isOrder } from '../../../../core/network/channelOrder';
import type { IntegerPlan } from '../../../../core/network/quantization';
import type { IntegerLayer } from './layers';

/**
 * @param orders for each layer the channel of the model that comes at each place; undefined keeps all as they are
 * @throws WorkbenchError `refused-file` where they do not fit the layers
 */
export function inOrder(
  plan: IntegerPlan,
  layers: IntegerLayer[],
  orders: readonly (readonly number[])[] | undefined,
): { plan: IntegerPlan; layers: IntegerLayer[] } {
  if (orders === undefined) return { plan, layers };
  const fits = (layer: IntegerLayer, i: number) => isOrder(orders[i] ?? [], layer.output.channels);
  if (orders.length !== layers.length || !layers.every(fits)) {
    throw new WorkbenchError(
      'refused-file',
      'The order of channels in the calibration does not fit the network',
      {
        remedy: 'Calibrate the model again: bnnw calibrate',
      },
    );
  }
  const ordered = layers.map((layer, i) => reordered(layer, orders[i]!, orders[i - 1]));
  const { classes, inputs, weights } = plan.last;
  const columns = reorderedInputs(weights, classes, inputs, orders.at(-1)!);
  return { plan: { ...plan, last: { ...plan.last, weights: columns } }, layers: ordered };
}

function reordered(
  layer: IntegerLayer,
  order: readonly number[],
  inputOrder: readonly number[] | undefined,
): IntegerLayer {
  const outputs = order.length;
  const rowLength = layer.signs.length / outputs;
  const columns = inputOrder ? reorderedInputs(layer.signs, outputs, rowLength, inputOrder) : layer.signs;
  const signs = new Int8Array(layer.signs.length);
  for (const [place, channel] of order.entries())
    signs.set(columns.subarray(channel * rowLength, (channel + 1) * rowLength), place * rowLength);
  const { multiplier, addend, shift } = layer.requantization;
  const each = (values: Int32Array) => Int32Array.from(order, (channel) => values[channel]!);
  return {
    ...layer,
    signs,
    requantization: { multiplier: each(multiplier), addend: each(addend), shift },
    order,
  };
}

/** [rows][channels][places of a channel] */
function reorderedInputs<Values extends Int8Array | Float32Array>(
  values: Values,
  rows: number,
  rowLength: number,
  order: readonly number[],
): Values {
  const places = rowLength / order.length;
  const result = values.slice() as Values;
  for (let row = 0; row < rows; row++)
    for (const [to, from] of order.entries())
      for (let place = 0; place < places; place++)
        result[row * rowLength + to * places + place] = values[row * rowLength + from * places + place]!;
  return result;
}
