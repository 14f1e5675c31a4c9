/*
 * One layer by table look-up: 4-bit activations x one-bit weights (behind vectors.cl).
 *
 *   D[n][o] = sum over taps and channels of in[n][tap][c] * weights[o][tap][c]
 *   out = clamp((max over the pool of D * multiplier[o] + addend[o]) >> shift, 0, TOP)
 *
 * The maths. Four activations a0 .. a3 of 4 bits are a group; m holds four weights, bit j set where weight j is
 * +1. T[m], the sum of the a_j whose bit is set, is 0 .. 60: a table of 16 bytes. One byte shuffle looks up the
 * pattern m of as many outputs as the vector has bytes. With S the sum of T over a window and A the sum of its
 * activations, D = 2 S - A.
 *
 * Lists. ReLU leaves many zeros, and a group of four zeros has an empty table. So each input pixel gets a list of
 * the groups that are not all zero: their tables and their places. A list is cut into stretches whose
 * activations sum to at most 255, so that sums of its tables fit a byte. That is looked at while the list is
 * made: right for any data, and only the speed depends on it.
 *
 * Sums. Byte sums s of a stretch widen to 16 bits by all += s (as 16-bit lanes), high += s >> 8; then the odd
 * bytes' sum is high, the even ones' all - (high << 8), modulo 2^16. A window's S is at most its A; a pixel with
 * A above 65535 is summed again in 32 bits (sumExactly), so that any data gives exact answers.
 *
 * Eight-bit activations are two planes of four bits, D = D_low + 16 D_high (PLANES 2).
 *
 *   in       [image][HEIGHT][WIDTH][CHANNELS]                bytes; CHANNELS a multiple of 8
 *   weights  [OUTPUTS / BLOCK][tap][CHANNELS / 4][BLOCK]     a byte a pattern
 *   multiplier, addend  [OUTPUTS / VECTOR_BYTES][4][LANES]   output 4 i + k of a vector stands at [k][i]
 *   out      [image][OUT_HEIGHT][OUT_WIDTH][OUTPUTS]         OUTPUTS a multiple of BLOCK
 *
 * A work-item makes SPLIT blocks of BLOCK = VECTORS * VECTOR_BYTES outputs, of BAND output rows of IMAGES images.
 * It makes the lists of the input pixels that they need; then, block by block and STRIP rows at a time, passes
 * each tap over all pixels, so that the tap's patterns and the sums stay in the first cache.
 */
#define BLOCK (VECTORS * VECTOR_BYTES)
#define GROUPS (CHANNELS / 4)
#define TAPS (KERNEL_HEIGHT * KERNEL_WIDTH)
/* Convolved rows of a strip, input rows that a band reads, pixels of both. */
#define ROWS ((STRIP - 1) * POOL_STRIDE + POOL_SIZE)
#define INPUT_ROWS (((BAND - 1) * POOL_STRIDE + POOL_SIZE - 1) * STRIDE + KERNEL_HEIGHT)
#define PIXELS (IMAGES * ROWS * CONVOLVED_WIDTH)
#define INPUT_PIXELS (IMAGES * INPUT_ROWS * WIDTH)
/* A stretch of four full groups fits a byte; stretches are filled up to pairs. */
#define STRETCHES (GROUPS / 4 + 1)
#define ENTRIES (GROUPS + STRETCHES)
#define NEVER_OVERFLOWS (TAPS * CHANNELS * 15 <= 65535)

typedef struct {
  int firstEntry, firstStretch, sum;
} List;

typedef struct {
  __local Table* tables;   /* [INPUT_PIXELS * ENTRIES], filled from the front */
  __local uint* places;    /* of each table: group * BLOCK */
  __local int* ends;       /* of each stretch: an entry */
  __local List* lists;     /* [INPUT_PIXELS + 1] */
} Lists;

/* Byte selectors that spread activation j of a group over the patterns with bit j; two groups in 32 bytes. */
#define N (char)0x80
#define SPREAD_0(g) N, g, N, g, N, g, N, g, N, g, N, g, N, g, N, g
#define SPREAD_1(g) N, N, g, g, N, N, g, g, N, N, g, g, N, N, g, g
#define SPREAD_2(g) N, N, N, N, g, g, g, g, N, N, N, N, g, g, g, g
#define SPREAD_3(g) N, N, N, N, N, N, N, N, g, g, g, g, g, g, g, g
typedef char Pair __attribute__((vector_size(32)));
typedef long FourLongs __attribute__((vector_size(32)));

static Pair tablesOf(long activations) {
  const Pair a = (Pair)(FourLongs){activations, activations, activations, activations};
  return (__builtin_ia32_pshufb256(a, (Pair){SPREAD_0(0), SPREAD_0(4)}) +
          __builtin_ia32_pshufb256(a, (Pair){SPREAD_1(1), SPREAD_1(5)})) +
         (__builtin_ia32_pshufb256(a, (Pair){SPREAD_2(2), SPREAD_2(6)}) +
          __builtin_ia32_pshufb256(a, (Pair){SPREAD_3(3), SPREAD_3(7)}));
}

static int sumOfBytes(uint quad) { return (quad * 0x01010101u) >> 24; }

/* Ends a stretch: an even number of entries, the last one empty if need be. */
static void endStretch(const Lists* to, int* entry, int* stretch, int first) {
  if ((*entry - first) & 1) {
    to->tables[*entry] = (Table){0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    to->places[(*entry)++] = 0;
  }
  to->ends[(*stretch)++] = *entry;
}

/* Appends the list of one pixel; returns the sum of its activations. */
static int appendList(const Lists* to, int* entry, int* stretch, __global const uchar* pixel, int plane) {
  __global const ulong* eights = (__global const ulong*)pixel;
  int first = *entry, sum = 0, total = 0;
  for (int g = 0; g < GROUPS; g += 2) {
#if PLANES == 2
    const ulong eight = eights[g / 2] >> (4 * plane) & 0x0f0f0f0f0f0f0f0ful;
#else
    const ulong eight = eights[g / 2];
#endif
    const uint low = (uint)eight, high = (uint)(eight >> 32);
    const int both = sumOfBytes(low + high);
    if (sum + both > 255) {
      endStretch(to, entry, stretch, first);
      first = *entry;
      total += sum;
      sum = 0;
    }
    sum += both;
    const Pair pair = tablesOf((long)eight);
    to->tables[*entry] = __builtin_shufflevector(pair, pair, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    to->places[*entry] = g * BLOCK;
    *entry += low != 0;
    to->tables[*entry] =
        __builtin_shufflevector(pair, pair, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
    to->places[*entry] = (g + 1) * BLOCK;
    *entry += high != 0;
  }
  if (*entry > first) endStretch(to, entry, stretch, first);
  return total + sum;
}

static void makeLists(const Lists* to, __global const uchar* in, int images, int firstRow, int plane) {
  int entry = 0, stretch = 0, pixel = 0;
  for (int n = 0; n < IMAGES; n++)
    for (int row = 0; row < INPUT_ROWS; row++)
      for (int x = 0; x < WIDTH; x++, pixel++) {
        const int y = firstRow + row;
        to->lists[pixel] = (List){entry, stretch, 0};
        if (n < images && y >= 0 && y < HEIGHT)
          to->lists[pixel].sum = appendList(
              to, &entry, &stretch, in + (((long)n * HEIGHT + y) * WIDTH + x) * CHANNELS, plane);
      }
  to->lists[pixel] = (List){entry, stretch, 0};
}

/* The list of a tap of a pixel of the strip that starts at convolved row `top`; -1 outside the image. */
static int inputPixel(int top, int pixel, int ky, int kx) {
  const int x = pixel % CONVOLVED_WIDTH * STRIDE + kx - PADDING;
  const int row = (top + pixel / CONVOLVED_WIDTH % ROWS) * STRIDE + ky;
  const int n = pixel / CONVOLVED_WIDTH / ROWS;
  return x < 0 || x >= WIDTH ? -1 : (n * INPUT_ROWS + row) * WIDTH + x;
}

/* sums[pixel][vector][all, high] += the look-ups of one tap; rows outside the image have empty lists. */
static void passTap(const Lists* from, __global const char* patterns, int top, int ky, int kx,
                    __local UnsignedShorts* sums) {
  for (int pixel = 0; pixel < PIXELS; pixel++, sums += 2 * VECTORS) {
    const int source = inputPixel(top, pixel, ky, kx);
    if (source < 0) continue;
    int entry = from->lists[source].firstEntry;
    const int lastStretch = from->lists[source + 1].firstStretch;
    for (int stretch = from->lists[source].firstStretch; stretch < lastStretch; stretch++) {
      const int end = from->ends[stretch];
      Bytes bytes[VECTORS];
      _Pragma("unroll") for (int v = 0; v < VECTORS; v++) bytes[v] = (Bytes)INTS(0);
      for (; entry < end; entry += 2)
        _Pragma("unroll") for (int e = 0; e < 2; e++) {
          const Bytes table = BROADCAST(from->tables[entry + e]);
          __global const Bytes* pattern = (__global const Bytes*)(patterns + from->places[entry + e]);
          _Pragma("unroll") for (int v = 0; v < VECTORS; v++) bytes[v] += SHUFFLE(table, pattern[v]);
        }
      _Pragma("unroll") for (int v = 0; v < VECTORS; v++) {
        sums[2 * v] += (UnsignedShorts)bytes[v];
        sums[2 * v + 1] += (UnsignedShorts)bytes[v] >> 8;
      }
    }
  }
}

/* S of output o at a pixel, look-up by look-up, in 32 bits: for windows that 16 bits cannot hold. */
static int sumExactly(const Lists* from, __global const char* patterns, int top, int pixel, int o) {
  int sum = 0;
  for (int tap = 0; tap < TAPS; tap++) {
    const int source = inputPixel(top, pixel, tap / KERNEL_WIDTH, tap % KERNEL_WIDTH);
    if (source < 0) continue;
    __global const char* w = patterns + (long)tap * GROUPS * BLOCK + o;
    for (int entry = from->lists[source].firstEntry; entry < from->lists[source + 1].firstEntry; entry++)
      sum += ((__local const uchar*)(from->tables + entry))[w[from->places[entry]]];
  }
  return sum;
}

/* A: the sum of the activations in a pixel's window. */
static int windowTotal(const Lists* from, int top, int pixel) {
  int total = 0;
  for (int tap = 0; tap < TAPS; tap++) {
    const int source = inputPixel(top, pixel, tap / KERNEL_WIDTH, tap % KERNEL_WIDTH);
    if (source >= 0) total += from->lists[source].sum;
  }
  return total;
}

/* D of a vector of outputs: quarters[k][i] is that of output 4 i + k. */
static void differences(const Lists* from, __global const char* patterns, int top, int pixel, int vector,
                        int total, __local const UnsignedShorts* sums, Ints quarters[4]) {
  const UnsignedShorts high = sums[1], low = sums[0] - (high << 8);
  const UnsignedInts even = (UnsignedInts)low, odd = (UnsignedInts)high, half16 = (UnsignedInts)INTS(0xffff);
  const Ints a = INTS(total);
  quarters[0] = (Ints)((even & half16) << 1) - a;
  quarters[1] = (Ints)((odd & half16) << 1) - a;
  quarters[2] = (Ints)(even >> 16 << 1) - a;
  quarters[3] = (Ints)(odd >> 16 << 1) - a;
  if (!NEVER_OVERFLOWS && total > 65535)
    for (int o = 0; o < VECTOR_BYTES; o++)
      quarters[o % 4][o / 4] = 2 * sumExactly(from, patterns, top, pixel, vector * VECTOR_BYTES + o) - total;
}

__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void layer(
    __global const uchar* in, __global const char* weights, __global const Ints* multiplier,
    __global const Ints* addend, int shift, __global uchar* out, int inImage, int outImage, int images) {
  __local Table tables[PLANES][INPUT_PIXELS * ENTRIES + 2];
  __local uint places[PLANES][INPUT_PIXELS * ENTRIES + 2];
  __local int ends[PLANES][INPUT_PIXELS * STRETCHES];
  __local List lists[PLANES][INPUT_PIXELS + 1];
  __local UnsignedShorts sums[PLANES][PIXELS * VECTORS * 2];
  __local int totals[PLANES][PIXELS];

  const int firstBlock = get_global_id(0) * SPLIT, firstRow = get_global_id(1) * BAND;
  const int firstImage = get_global_id(2) * IMAGES, here = min(IMAGES, images - firstImage);
  in += (long)(inImage + firstImage) * HEIGHT * WIDTH * CHANNELS;
  out += (long)(outImage + firstImage) * OUT_HEIGHT * OUT_WIDTH * OUTPUTS;

  Lists planes[PLANES];
  for (int plane = 0; plane < PLANES; plane++) {
    planes[plane] = (Lists){tables[plane], places[plane], ends[plane], lists[plane]};
    makeLists(&planes[plane], in, here, firstRow * POOL_STRIDE * STRIDE - PADDING, plane);
  }

  for (int block = firstBlock; block < firstBlock + SPLIT; block++)
    for (int strip = 0; strip < BAND; strip += STRIP) {
      __global const char* patterns = weights + (long)block * TAPS * GROUPS * BLOCK;
      const int top = strip * POOL_STRIDE;
      for (int plane = 0; plane < PLANES; plane++) {
        for (int i = 0; i < PIXELS * VECTORS * 2; i++) sums[plane][i] = (UnsignedShorts)INTS(0);
        for (int pixel = 0; pixel < PIXELS; pixel++)
          totals[plane][pixel] = windowTotal(&planes[plane], top, pixel);
        for (int tap = 0; tap < TAPS; tap++)
          passTap(&planes[plane], patterns + (long)tap * GROUPS * BLOCK, top, tap / KERNEL_WIDTH,
                  tap % KERNEL_WIDTH, sums[plane]);
      }

      for (int n = 0; n < here; n++)
        for (int y = 0; y < STRIP && firstRow + strip + y < OUT_HEIGHT; y++)
          for (int x = 0; x < OUT_WIDTH; x++)
            for (int v = 0; v < VECTORS; v++) {
              Ints largest[4];
              for (int place = 0; place < POOL_SIZE * POOL_SIZE; place++) {
                const int pixel = (n * ROWS + y * POOL_STRIDE + place / POOL_SIZE) * CONVOLVED_WIDTH +
                                  x * POOL_STRIDE + place % POOL_SIZE;
                const int at = (pixel * VECTORS + v) * 2;
                Ints d[4];
                differences(&planes[0], patterns, top, pixel, v, totals[0][pixel], sums[0] + at, d);
#if PLANES == 2
                Ints upper[4];
                differences(&planes[1], patterns, top, pixel, v, totals[1][pixel], sums[1] + at, upper);
                for (int k = 0; k < 4; k++) d[k] += upper[k] << 4;
#endif
                for (int k = 0; k < 4; k++) largest[k] = place == 0 ? d[k] : largerOf(largest[k], d[k]);
              }
              const int parameters = (block * VECTORS + v) * 4;
              Ints bytes = INTS(0);
              for (int k = 0; k < 4; k++)
                bytes |= requantized(largest[k], multiplier[parameters + k], addend[parameters + k], shift)
                         << (8 * k);
              const long outPixel = ((long)n * OUT_HEIGHT + firstRow + strip + y) * OUT_WIDTH + x;
              *(__global Ints*)(out + outPixel * OUTPUTS + block * BLOCK + v * VECTOR_BYTES) = bytes;
            }
    }
}
