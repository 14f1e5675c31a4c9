/*
 * One layer by byte multiply-add: 8-bit activations x +-1 weights (behind vectors.cl).
 *
 *   D[n][o] = sum over taps and channels of in[n][tap][c] * weights[o][tap][c]
 *   out = clamp((max over the pool of D * multiplier[o] + addend[o]) >> shift, 0, TOP)
 *
 *   in       [image][HEIGHT][WIDTH][CHANNELS]             bytes; CHANNELS a multiple of 4
 *   weights  [OUTPUTS / BLOCK][tap][CHANNELS / 4][BLOCK][4]
 *   out      [image][OUT_HEIGHT][OUT_WIDTH][OUTPUTS]      OUTPUTS a multiple of BLOCK
 *
 * An activation quad (4 channels) is broadcast and multiplied with the quads of BLOCK = VECTORS * LANES outputs.
 * Registers hold four pixels x VECTORS vectors of sums. The pixels are places of a pool's window, or neighbours
 * of a layer without a pool, or, in a layer with one pixel (SINGLE), that pixel in four images; those left over
 * are done twice. A pixel outside the image reads zeros.
 *
 *            weights of output  0..LANES-1   LANES..2 LANES-1   ...
 *   pixel 0                     sums 0 0     sums 0 1
 *   pixel 1                     sums 1 0     sums 1 1
 *   ...
 *
 * With VNNI four products go straight to 32 bits. Without, pairs go to 16 bits: |2 * 255| * 64 quads = 32640
 * fits, so 16-bit sums are widened every 256 channels. All sums are exact.
 */
#define PIXELS 4
#define BLOCK (VECTORS * LANES)
#define RUN (CHANNELS < 256 ? CHANNELS : 256)

typedef __global const uchar* Source;
typedef uchar QuarterBytes __attribute__((vector_size(LANES)));

#if VNNI
typedef Ints Partial;
#define ACCUMULATE(sum, a, w) __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(a), "v"(w))
#define WIDEN(partial) (partial)
#else
typedef Shorts Partial;
#define ACCUMULATE(sum, a, w) sum += (Shorts)MULTIPLY_BYTES((Bytes)(a), w)
#define WIDEN(partial) ((Ints)ADD_PAIRS(partial, SHORTS(1)))
#endif

static Ints broadcast(int quad) { return INTS(quad); }

/* sums += the products of `count` channels of four pixels. */
static void multiplyRun(const Source* a, __global const Bytes* w, int first, int count, Ints sums[][VECTORS]) {
  Partial partial[PIXELS][VECTORS];
  _Pragma("unroll") for (int p = 0; p < PIXELS; p++)
    _Pragma("unroll") for (int v = 0; v < VECTORS; v++) partial[p][v] = (Partial)INTS(0);
  for (int c = first; c < first + count; c += 4, w += VECTORS) {
    Bytes weights[VECTORS];
    _Pragma("unroll") for (int v = 0; v < VECTORS; v++) weights[v] = w[v];
    _Pragma("unroll") for (int p = 0; p < PIXELS; p++) {
      const Ints quad = broadcast(*(__global const int*)(a[p] + c));
      _Pragma("unroll") for (int v = 0; v < VECTORS; v++) ACCUMULATE(partial[p][v], quad, weights[v]);
    }
  }
  _Pragma("unroll") for (int p = 0; p < PIXELS; p++)
    _Pragma("unroll") for (int v = 0; v < VECTORS; v++) sums[p][v] += WIDEN(partial[p][v]);
}

/* The sums of four pixels (image, y, x) of the convolved layer. */
static void sumWindows(const Source* images, const int* ys, const int* xs, Source zeros, __global const Bytes* w,
                       Ints sums[][VECTORS]) {
  for (int p = 0; p < PIXELS; p++)
    for (int v = 0; v < VECTORS; v++) sums[p][v] = INTS(0);
  for (int ky = 0; ky < KERNEL_HEIGHT; ky++)
    for (int kx = 0; kx < KERNEL_WIDTH; kx++) {
      Source a[PIXELS];
      for (int p = 0; p < PIXELS; p++) {
        const int v = ys[p] * STRIDE + ky - PADDING, u = xs[p] * STRIDE + kx - PADDING;
        const bool inside = v >= 0 && v < HEIGHT && u >= 0 && u < WIDTH;
        a[p] = inside ? images[p] + ((long)v * WIDTH + u) * CHANNELS : zeros;
      }
      for (int c = 0; c < CHANNELS; c += RUN) {
        const int count = min(RUN, CHANNELS - c);
        multiplyRun(a, w, c, count, sums);
        w += count / 4 * VECTORS;
      }
    }
}

/* One byte of each int, LANES outputs. */
static void store(Ints sum, __global const Ints* multiplier, __global const Ints* addend, int shift,
                  __global uchar* out) {
  *(__global QuarterBytes*)out =
      __builtin_convertvector(requantized(sum, *multiplier, *addend, shift), QuarterBytes);
}

static void unit(int index, int block, int image, int images, Source in, Source zeros,
                 __global const Bytes* weights, __global const Ints* multiplier, __global const Ints* addend,
                 int shift, __global uchar* out) {
  const long inputImage = (long)HEIGHT * WIDTH * CHANNELS, outputImage = (long)OUT_HEIGHT * OUT_WIDTH * OUTPUTS;
  __global const Bytes* w = weights + (long)block * KERNEL_HEIGHT * KERNEL_WIDTH * (CHANNELS / 4) * VECTORS;
  Source images4[PIXELS];
  int ys[PIXELS], xs[PIXELS];
  Ints sums[PIXELS][VECTORS];
  multiplier += block * VECTORS;
  addend += block * VECTORS;
  out += block * BLOCK;

#if POOL_SIZE > 1
  const int y = index / OUT_WIDTH * POOL_STRIDE, x = index % OUT_WIDTH * POOL_STRIDE;
  Ints largest[VECTORS];
  for (int first = 0; first < POOL_SIZE * POOL_SIZE; first += PIXELS) {
    for (int p = 0; p < PIXELS; p++) {
      const int place = min(first + p, POOL_SIZE * POOL_SIZE - 1);
      images4[p] = in + image * inputImage;
      ys[p] = y + place / POOL_SIZE;
      xs[p] = x + place % POOL_SIZE;
    }
    sumWindows(images4, ys, xs, zeros, w, sums);
    for (int p = 0; p < PIXELS; p++)
      for (int v = 0; v < VECTORS; v++)
        largest[v] = first == 0 && p == 0 ? sums[p][v] : largerOf(largest[v], sums[p][v]);
  }
  for (int v = 0; v < VECTORS; v++)
    store(largest[v], multiplier + v, addend + v, shift,
          out + image * outputImage + (long)index * OUTPUTS + v * LANES);
#else
  long places[PIXELS];
  for (int p = 0; p < PIXELS; p++) {
    const int n = SINGLE ? min(image + p, images - 1) : image;
    const int pixel = SINGLE ? 0 : min(index * PIXELS + p, OUT_HEIGHT * OUT_WIDTH - 1);
    images4[p] = in + n * inputImage;
    ys[p] = pixel / OUT_WIDTH;
    xs[p] = pixel % OUT_WIDTH;
    places[p] = n * outputImage + (long)pixel * OUTPUTS;
  }
  sumWindows(images4, ys, xs, zeros, w, sums);
  for (int p = 0; p < PIXELS; p++)
    for (int v = 0; v < VECTORS; v++)
      store(sums[p][v], multiplier + v, addend + v, shift, out + places[p] + v * LANES);
#endif
}

/*
 * SINGLE: global size (OUTPUTS / BLOCK, 1), a work-item takes BLOCK outputs of all images.
 * Else: (ceil(units / UNITS), images), a work-item takes UNITS units of one image, all outputs.
 */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void layer(
    __global const uchar* in, __global const Bytes* weights, __global const Ints* multiplier,
    __global const Ints* addend, int shift, __global uchar* out, int inImage, int outImage, int images) {
  uchar zeros[CHANNELS];
  for (int c = 0; c < CHANNELS; c++) zeros[c] = 0;
  const Source zeroPixel = (Source)(ulong)zeros; /* a CPU has one address space */
  in += (long)inImage * HEIGHT * WIDTH * CHANNELS;
  out += (long)outImage * OUT_HEIGHT * OUT_WIDTH * OUTPUTS;
#if SINGLE
  for (int image = 0; image < images; image += PIXELS)
    unit(0, get_global_id(0), image, images, in, zeroPixel, weights, multiplier, addend, shift, out);
#else
  const int from = get_global_id(0) * UNITS;
  const int to = min(from + UNITS, (OUT_HEIGHT * OUT_WIDTH + PIXELS_A_UNIT - 1) / PIXELS_A_UNIT);
  for (int block = 0; block < OUTPUTS / BLOCK; block++)
    for (int index = from; index < to; index++)
      unit(index, block, get_global_id(1), images, in, zeroPixel, weights, multiplier, addend, shift, out);
#endif
}
