/*
 * One layer by the tile registers of AMX: 8-bit activations x +-1 weights, 16 x 16 x 64 products an instruction.
 *
 *   D[n][o] = sum over taps and channels of in[n][tap][c] * weights[o][tap][c]
 *   out = clamp((max over the pool of D * multiplier[o] + addend[o]) >> shift, 0, TOP)
 *
 * A linear layer is a convolution whose kernel covers its whole input. The rows of a tile are 16 images at the
 * same pixel, so that padding costs nothing (a tap outside the image is left out), any stride and any image
 * size are the same code, and a tile is loaded straight from the activations:
 *
 *   in       [tile of 16 images][HEIGHT][WIDTH][16 images][CHANNELS]     bytes; CHANNELS a multiple of 64
 *   weights  [OUTPUTS / 32][tap][CHANNELS / 64][2][16][16 outputs][4]    bytes: two tiles, 64 channels x 16
 *                                                                        outputs each, four channels a column
 *   out      [tile][OUT_HEIGHT][OUT_WIDTH][16][OUTPUTS]                  OUTPUTS a multiple of 32
 *
 * Registers: two pixels x 32 outputs.
 *
 *            weights 6   weights 7
 *   pixel 4    sums 0      sums 1
 *   pixel 5    sums 2      sums 3
 *
 * The pixels are two places of the pool's window, or two neighbours of a layer without a pool, or, in a layer
 * with one pixel (SINGLE), that pixel in two tiles of images; an odd one out is done twice. A work-item runs
 * over UNITS such units, in the order that the tuner chose (OUTPUTS_OUTSIDE).
 *
 * All sums are exact in 32 bits (core/network/quantization.ts). Input bytes carry + ZERO (integerPatches.cl); the addends
 * take it off again, modulo 2^32, hence the unsigned arithmetic.
 */
#define STEPS (CHANNELS / 64)
#define WEIGHT_TILES 2048
#define ROW_BYTES 64L

typedef struct {
  __global const uchar* image;
  int y, x;
} Pixel;

static void configure(void) {
  __attribute__((aligned(64))) uchar shape[64];
  for (int i = 0; i < 64; i++) shape[i] = 0;
  shape[0] = 1;
  for (int tile = 0; tile < 8; tile++) {
    shape[16 + 2 * tile] = 64;
    shape[48 + tile] = 16;
  }
  __asm__ volatile("ldtilecfg (%0)" ::"r"(shape) : "memory");
}

static void clearSums(void) {
  __asm__ volatile("tilezero %%tmm0\n\ttilezero %%tmm1\n\ttilezero %%tmm2\n\ttilezero %%tmm3" ::: "memory");
}

/* 4 KiB of [pixel][half of the outputs][image][output]. */
static void storeSums(uint16* sums) {
  __asm__ volatile(
      "tilestored %%tmm0, (%0,%1,1)\n\ttilestored %%tmm1, 1024(%0,%1,1)\n\t"
      "tilestored %%tmm2, 2048(%0,%1,1)\n\ttilestored %%tmm3, 3072(%0,%1,1)" ::"r"(sums), "r"(ROW_BYTES)
      : "memory");
}

static void multiplyBoth(__global const uchar* a, __global const uchar* b, __global const char* w) {
  for (int step = 0; step < STEPS; step++, a += 64, b += 64, w += WEIGHT_TILES)
    __asm__ volatile(
        "tileloadd (%2,%4,1), %%tmm6\n\ttileloadd (%0,%3,1), %%tmm4\n\ttdpbusd %%tmm6, %%tmm4, %%tmm0\n\t"
        "tileloadd (%1,%3,1), %%tmm5\n\ttdpbusd %%tmm6, %%tmm5, %%tmm2\n\t"
        "tileloadd 1024(%2,%4,1), %%tmm7\n\ttdpbusd %%tmm7, %%tmm4, %%tmm1\n\ttdpbusd %%tmm7, %%tmm5, %%tmm3" ::
            "r"(a), "r"(b), "r"(w), "r"((long)CHANNELS), "r"(ROW_BYTES)
        : "memory");
}

#define MULTIPLY_ONE(name, first, second)                                                                 \
  static void name(__global const uchar* a, __global const char* w) {                                     \
    for (int step = 0; step < STEPS; step++, a += 64, w += WEIGHT_TILES)                                  \
      __asm__ volatile("tileloadd (%1,%3,1), %%tmm6\n\ttileloadd (%0,%2,1), %%tmm4\n\t"                   \
                       "tdpbusd %%tmm6, %%tmm4, %%" first "\n\t"                                          \
                       "tileloadd 1024(%1,%3,1), %%tmm7\n\ttdpbusd %%tmm7, %%tmm4, %%" second ::"r"(a),   \
                       "r"(w), "r"((long)CHANNELS), "r"(ROW_BYTES)                                        \
                       : "memory");                                                                       \
  }
MULTIPLY_ONE(multiplyFirst, "tmm0", "tmm1")
MULTIPLY_ONE(multiplySecond, "tmm2", "tmm3")

/* The sums of two pixels and 32 outputs, in tmm0 to tmm3. */
static void sumWindows(Pixel a, Pixel b, __global const char* w) {
  clearSums();
  for (int ky = 0; ky < KERNEL_HEIGHT; ky++) {
    const int va = a.y * STRIDE + ky - PADDING, vb = b.y * STRIDE + ky - PADDING;
    for (int kx = 0; kx < KERNEL_WIDTH; kx++, w += STEPS * WEIGHT_TILES) {
      const int ua = a.x * STRIDE + kx - PADDING, ub = b.x * STRIDE + kx - PADDING;
      const bool insideA = va >= 0 && va < HEIGHT && ua >= 0 && ua < WIDTH;
      const bool insideB = vb >= 0 && vb < HEIGHT && ub >= 0 && ub < WIDTH;
      __global const uchar* inA = a.image + ((long)va * WIDTH + ua) * 16 * CHANNELS;
      __global const uchar* inB = b.image + ((long)vb * WIDTH + ub) * 16 * CHANNELS;
      if (insideA && insideB) multiplyBoth(inA, inB, w);
      else if (insideA) multiplyFirst(inA, w);
      else if (insideB) multiplySecond(inB, w);
    }
  }
}

/* Comparisons of vectors compile to one instruction; PoCL's min and max of 16 ints do not. */
static int16 largerOf(int16 a, int16 b) { return a > b ? a : b; }
static int16 smallerOf(int16 a, int16 b) { return a < b ? a : b; }

static void requantize(const uint16* sums, uint16 multiplier, uint16 addend, int shift, __global uchar* out) {
  _Pragma("unroll") for (int image = 0; image < 16; image++) {
    const int16 y = as_int16(sums[image] * multiplier + addend) >> shift;
    const int16 clamped = smallerOf(largerOf(y, 0), TOP);
    *(__global uchar16*)(out + image * OUTPUTS) = __builtin_convertvector(clamped, uchar16);
  }
}

static void unit(int index, int block, int tile, int tiles, __global const uchar* in,
                 __global const char* weights, __global const uint16* multiplier,
                 __global const uint16* addend, int shift, __global uchar* out) {
  const long inputTile = (long)HEIGHT * WIDTH * 16 * CHANNELS, outputPixel = 16 * OUTPUTS;
  __global const char* w = weights + (long)block * KERNEL_HEIGHT * KERNEL_WIDTH * STEPS * WEIGHT_TILES;
  __global uchar* o = out + (long)tile * OUT_HEIGHT * OUT_WIDTH * outputPixel + block * 32;
  __attribute__((aligned(64))) uint16 sums[64];
  __global const uchar* image = in + tile * inputTile;

#if POOL_SIZE > 1
  const int y = index / OUT_WIDTH * POOL_STRIDE, x = index % OUT_WIDTH * POOL_STRIDE;
  int16 largest[32];
  for (int place = 0; place < POOL_SIZE * POOL_SIZE; place += 2) {
    const int other = min(place + 1, POOL_SIZE * POOL_SIZE - 1);
    const Pixel a = {image, y + place / POOL_SIZE, x + place % POOL_SIZE};
    const Pixel b = {image, y + other / POOL_SIZE, x + other % POOL_SIZE};
    sumWindows(a, b, w);
    storeSums(sums);
    for (int i = 0; i < 32; i++) {
      const int16 both = largerOf(as_int16(sums[i]), as_int16(sums[32 + i]));
      largest[i] = place == 0 ? both : largerOf(largest[i], both);
    }
  }
  for (int part = 0; part < 2; part++)
    requantize((const uint16*)largest + part * 16, multiplier[block * 2 + part], addend[block * 2 + part], shift,
               o + index * outputPixel + part * 16);
#else
#if SINGLE
  const int otherTile = min(tile + 1, tiles - 1) - tile;
  const Pixel a = {image, 0, 0}, b = {image + otherTile * inputTile, 0, 0};
  const long places[2] = {0, otherTile * outputPixel};
#else
  const int first = 2 * index, second = min(first + 1, OUT_HEIGHT * OUT_WIDTH - 1);
  const Pixel a = {image, first / OUT_WIDTH, first % OUT_WIDTH};
  const Pixel b = {image, second / OUT_WIDTH, second % OUT_WIDTH};
  const long places[2] = {first * outputPixel, second * outputPixel};
#endif
  sumWindows(a, b, w);
  storeSums(sums);
  for (int pixel = 0; pixel < 2; pixel++)
    for (int part = 0; part < 2; part++)
      requantize(sums + pixel * 32 + part * 16, multiplier[block * 2 + part], addend[block * 2 + part], shift,
                 o + places[pixel] + part * 16);
#endif
}

/*
 * SINGLE: global size (OUTPUTS / 32, 1), a work-item takes 32 outputs of all tiles.
 * Else: (ceil(units / UNITS), tiles), a work-item takes UNITS units of one tile, all outputs.
 */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void layer(
    __global const uchar* in, __global const char* weights, __global const uint16* multiplier,
    __global const uint16* addend, int shift, __global uchar* out, int inTile, int outTile, int tiles) {
  in += (long)inTile * HEIGHT * WIDTH * 16 * CHANNELS;
  out += (long)outTile * OUT_HEIGHT * OUT_WIDTH * 16 * OUTPUTS;
  configure();
#if SINGLE
  for (int tile = 0; tile < tiles; tile += 2)
    unit(0, get_global_id(0), tile, tiles, in, weights, multiplier, addend, shift, out);
#else
  const int tile = get_global_id(1), from = get_global_id(0) * UNITS;
  const int to = min(from + UNITS, (OUT_HEIGHT * OUT_WIDTH + PIXELS_A_UNIT - 1) / PIXELS_A_UNIT);
#if OUTPUTS_OUTSIDE
  for (int block = 0; block < OUTPUTS / 32; block++)
    for (int index = from; index < to; index++)
#else
  for (int index = from; index < to; index++)
    for (int block = 0; block < OUTPUTS / 32; block++)
#endif
      unit(index, block, tile, tiles, in, weights, multiplier, addend, shift, out);
#endif
  __asm__ volatile("tilerelease" ::: "memory");
}
