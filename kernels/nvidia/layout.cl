/*
 * What the layers of this folder share: how activations lie in memory, and how sums become activations.
 *
 * An activation of PLANES bits is PLANES planes of one bit: a = sum of 2^p a_p. A weight is 2 w - 1 with w a bit, so
 *
 *   D = sum of a (2 w - 1) = 2 sum of 2^p popcount(a_p & w) - S,   S = sum of a.
 *
 * A padded zero adds nothing to either part, and neither does a zero weight bit to the first.
 *
 * 16 bytes of a plane, 128 channels of one position, are a quad; channels are padded with zeros to a multiple of 128.
 * In a group of 64 channels, channel 8 i + g is bit i of byte g: the eight sums of a lane of mma.sync are then a byte.
 * Weights are packed in the same order.
 *
 * An activation lies as the layer that reads it wants it (IN_ for what a layer reads, OUT_ for what it writes):
 *   a map      [image][plane][channels / 128][ROWS][COLUMNS] quads. The margin that a convolution pads with, and what
 *              it reads past the end to fill its tiles, are zeros that nobody ever writes;
 *   a vector   [plane][QUADS][images, a multiple of 64] quads, where the layer reads the whole input: quads are
 *              [channels / 128][y][x].
 * Beside it lie the sums S of each position of a map, or image of a vector, over 64 channels each: two ushorts a quad,
 * [image][ROWS][COLUMNS][channels / 128], each image from a line of the cache on, or [image][QUADS]. Whoever writes 64
 * channels of a position writes their sum.
 *
 * A tile is 64 outputs of 8 x 8 positions, or of 64 images of a vector.
 */
#define TOP ((1 << PLANES) - 1)
#define QUAD 16
#define ROUNDED_IMAGES ((images + 63) / 64 * 64)
#define SUMS_OF_MAP(rows, columns, chunks) ((size_t)((rows) * (columns) * (chunks) + 31) / 32 * 32)

/* (D multiplier + addend) >> shift, exact in 32 bits: see core/network/quantization.ts. */
static int rescale(int sum, int2 scale, int shift) {
  return (sum * scale.x + scale.y) >> shift;
}

/* What packPair does not clamp: more or fewer bits than 4. */
static int clampTop(int y) {
  return PLANES < 4 ? min(y, TOP) : PLANES > 4 ? min(max(y, 0), TOP) : y;
}

/*
 * Eight activations of four bits, i and i + 4 in the nibbles of byte i, to planes: bit i of byte p is bit p of
 * activation i. With the activation's number i2 i1 i0, bit i1 i0 i2 p1 p0 (five digits) of the word moves to
 * p1 p0 i2 i1 i0: two exchanges of digits.
 */
static uint planesOf(uint nibbles) {
  uint moved = (nibbles ^ nibbles >> 14) & 0x0000ccccu;
  nibbles ^= moved ^ moved << 14;
  moved = (nibbles ^ nibbles >> 7) & 0x00aa00aau;
  return nibbles ^ moved ^ moved << 7;
}

/* Activations of more than four bits pass in two halves of four planes each. */
#define HALVES ((PLANES + 3) / 4)
static int halfOf(int y, int part) {
  return HALVES == 1 ? y : y >> 4 * part & 15;
}

/* Planes 4 part .. 4 part + 3 of eight activations. */
static uint packPlanes(const int y[8], int part) {
  uint nibbles = 0;
  #pragma unroll
  for (int i = 3; i >= 0; i--) nibbles = packPair(halfOf(y[i], part), halfOf(y[i + 4], part), nibbles);
  return planesOf(nibbles);
}

/* Byte p of `bytes`, 8 channels of lane g, to plane 4 part + p of a position in [plane][positions][8 bytes]. */
static void stagePlanes(__local uchar* staged, int positions, int position, int g, uint bytes, int part) {
  #pragma unroll
  for (int p = 0; p < min(PLANES - 4 * part, 4); p++)
    staged[((4 * part + p) * positions + position) * 8 + g] = (uchar)(bytes >> (8 * p));
}

/* Four lanes, `index` 0 to 3 by the two bits of a lane's number from `mask` on, transpose their four bytes. */
static uint transposeBytes(uint bytes, int index, int mask) {
  uint other = (uint)exchange((int)bytes, mask);
  bytes = selectBytes(bytes, other, index & 1 ? 0x3715 : 0x6240);
  other = (uint)exchange((int)bytes, 2 * mask);
  return selectBytes(bytes, other, index & 2 ? 0x3276 : 0x5410);
}
