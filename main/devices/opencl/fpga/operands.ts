/** What the kernels of kernels/fpga read beside their streams, packed as their heads say. */
import type { IntegerPlan, RealLinear, Requantization } from '../../../../core/network/quantization';
import type { IntegerLayer } from '../integer/layers';
import type { Lanes } from './design';
import { laneBytes } from './source';

/** Integers of the last layer's weights are less than 2^23. */
const LAST_WEIGHT_BITS = 23;

export interface LayerOperands {
  weights: Uint8Array;
  requantization: Requantization;
}

/** [channels][256]: the integer of each byte + 128. */
export function inputTable(plan: IntegerPlan): Uint8Array {
  return Uint8Array.from(plan.inputTable, (integer) => integer + 128);
}

export function layerOperands(layer: IntegerLayer, lanes: Lanes): LayerOperands {
  return {
    weights: packWeights(layer, lanes),
    requantization: layer.signed ? withoutOffset(layer) : layer.requantization,
  };
}

/** [folds][chunks][pe][parts] lanes, least significant bit first; a set bit is +1. */
function packWeights(layer: IntegerLayer, { pe, simd, lane, folds, chunks }: Lanes): Uint8Array {
  const parts = simd / lane;
  const bytes = laneBytes(lane);
  const packed = new Uint8Array(folds * chunks * pe * parts * bytes);
  const { channels } = layer.input;
  const taps = layer.kernelHeight * layer.kernelWidth;
  for (let o = 0; o < folds * pe; o++)
    for (let k = 0; k < channels * taps; k++) {
      // Inputs come tap by tap; the model's weights are [outputs][channels][taps].
      if (layer.signs[(o * channels + (k % channels)) * taps + Math.floor(k / channels)] !== 1) continue;
      const chunk = Math.floor(k / simd);
      const part = Math.floor((k % simd) / lane);
      const at = ((Math.floor(o / pe) * chunks + chunk) * pe + (o % pe)) * parts + part;
      const bit = k % lane;
      packed[at * bytes + (bit >> 3)]! |= 1 << (bit & 7);
    }
  return packed;
}

/** The first layer's integers arrive + 128; its addends take that off again, modulo 2^32. */
function withoutOffset({ signs, requantization }: IntegerLayer): Requantization {
  const { multiplier, addend, shift } = requantization;
  const taps = signs.length / multiplier.length;
  const corrected = addend.map((value, o) => {
    const sum = signs.subarray(o * taps, (o + 1) * taps).reduce((total, sign) => total + sign, 0);
    return value - Math.imul(128 * sum, multiplier[o]!);
  });
  return { multiplier, addend: corrected, shift };
}

export interface LastOperands {
  /** [folds][chunks][pe][simd], int32 */
  weights: Int32Array;
  scale: number;
  bias: Float32Array;
}

/**
 * Real weights as integers times a scale, a power of two, so that nothing but the rounding of a weight is lost:
 * half a unit of 2^-23 of the largest weight, a product.
 * @param positions of a channel in the layer before: 1 where that gives a vector
 */
export function lastOperands(
  last: RealLinear,
  { pe, simd }: { pe: number; simd: number },
  positions: number,
): LastOperands {
  const { inputs, classes, weights, bias } = last;
  const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  const exponent = largest === 0 ? 0 : Math.floor(Math.log2(largest)) + 1;
  const scale = 2 ** (exponent - LAST_WEIGHT_BITS);
  const chunks = inputs / simd;
  const channels = inputs / positions;
  const packed = new Int32Array(classes * inputs);
  for (let o = 0; o < classes; o++)
    for (let k = 0; k < inputs; k++) {
      // Inputs come pixel by pixel; the model's weights are [classes][channels][positions].
      const weight = weights[o * inputs + (k % channels) * positions + Math.floor(k / channels)]!;
      const row = (Math.floor(o / pe) * chunks + Math.floor(k / simd)) * pe + (o % pe);
      const most = 2 ** LAST_WEIGHT_BITS - 1;
      packed[row * simd + (k % simd)] = Math.max(-most, Math.min(most, Math.round(weight / scale)));
    }
  return { weights: packed, scale, bias };
}
