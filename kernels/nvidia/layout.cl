/*
 * What the layers of this folder share: how activations lie in memory, and how sums become activations.
 *
 * An activation of PLANES bits is PLANES planes of one bit: a = sum of 2^p a_p. A weight is 2 w - 1 with w a bit, so
 *
 *   D = sum of a (2 w - 1) = 2 sum of 2^p popcount(a_p & w) - S,   S = sum of a.
 *
 * Each plane has sums of its own until the end. A padded zero adds nothing to either part, and neither does a zero
 * weight bit to the first.
 *
 * Activations: [image][y][x][channels / 128][plane][16 bytes]; channels are padded with zeros to a multiple of 128.
 * 16 bytes of a plane, 128 channels, are a quad. In a group of 64 channels, channel 8 i + g is bit i of byte g: the
 * eight sums of a lane are then a byte. Weights are packed in the same order.
 *
 * A tile is 64 outputs of 8 x 8 pixels. Warp w has rows 2 w and 2 w + 1; its lane (g, t) ends with the sums of
 * channels 8 i + g, i = 0 .. 7, of columns 2 t and 2 t + 1: the pixels of one 2 x 2 pool.
 */
#define TOP ((1 << PLANES) - 1)
#define QUAD 16

/* Bit p of y goes to bit 0 of byte p. */
static uint spread(int y) {
  return ((uint)y * 0x204081u) & 0x01010101u;
}

/* y = clamp((D multiplier + addend) >> shift, 0, TOP), exact in 32 bits: see core/network/quantization.ts. */
static int requantize(int sum, int2 scale, int shift) {
  return min(max((sum * scale.x + scale.y) >> shift, 0), TOP);
}

/* Byte p of `bytes`, 8 channels of lane g, to plane p of a pixel in [pixel][plane][8 bytes]. */
static void stagePlanes(__local uchar* staged, int pixel, int g, uint bytes) {
  #pragma unroll
  for (int p = 0; p < PLANES; p++) staged[(pixel * PLANES + p) * 8 + g] = (uchar)(bytes >> (8 * p));
}

/* Two lanes that differ in `mask` have bits of the same two words each: the odd one gets all of the second. */
static uint joinPair(uint first, uint second, bool odd, int mask) {
  return (odd ? second : first) | (uint)exchange((int)(odd ? first : second), mask);
}
