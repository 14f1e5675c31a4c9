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

/*
 * (D multiplier + addend) >> shift, exact in 32 bits: see core/network/quantization.ts. The clamp to 0 .. 15 is left to
 * packPair.
 */
static int rescale(int sum, int2 scale, int shift) {
  const int y = (sum * scale.x + scale.y) >> shift;
  return PLANES == 4 ? y : min(y, TOP);
}

/*
 * Eight activations, i and i + 4 in the nibbles of byte i, to planes: bit i of byte p is bit p of activation i. With the
 * activation's number i2 i1 i0, bit i1 i0 i2 p1 p0 (five digits) of the word moves to p1 p0 i2 i1 i0: two exchanges of
 * digits.
 */
static uint planesOf(uint nibbles) {
  uint moved = (nibbles ^ nibbles >> 14) & 0x0000ccccu;
  nibbles ^= moved ^ moved << 14;
  moved = (nibbles ^ nibbles >> 7) & 0x00aa00aau;
  return nibbles ^ moved ^ moved << 7;
}

/* Planes of eight activations that are not clamped yet. */
static uint packPlanes(const int y[8]) {
  return planesOf(packPair(y[0], y[4], packPair(y[1], y[5], packPair(y[2], y[6], packPair(y[3], y[7], 0)))));
}

/* Byte p of `bytes`, 8 channels of lane g, to plane p of a pixel in [pixel][plane][8 bytes]. */
static void stagePlanes(__local uchar* staged, int pixel, int g, uint bytes) {
  #pragma unroll
  for (int p = 0; p < PLANES; p++) staged[(pixel * PLANES + p) * 8 + g] = (uchar)(bytes >> (8 * p));
}

/* Four lanes, `index` 0 to 3 by the two bits of a lane's number from `mask` on, transpose their four bytes. */
static uint transposeBytes(uint bytes, int index, int mask) {
  uint other = (uint)exchange((int)bytes, mask);
  bytes = selectBytes(bytes, other, index & 1 ? 0x3715 : 0x6240);
  other = (uint)exchange((int)bytes, 2 * mask);
  return selectBytes(bytes, other, index & 2 ? 0x3276 : 0x5410);
}
