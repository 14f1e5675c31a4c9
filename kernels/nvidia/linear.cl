/*
 * A linear layer, or a convolution that covers its whole input, on bit planes; the first layer (SIGNED) on bytes.
 * layout.cl has the maths.
 *
 * A work-group multiplies 64 outputs by 16 images. Its four warps share K among them, in units of two steps: a unit is
 * 4 quads of each plane, of which lane t has quad t: words 0 and 1 for the first step, 2 and 3 for the second. On bytes
 * a step is 32 bytes of the image through the table, 8 t .. 8 t + 7 for lane t.
 * Weights: [OUTPUTS / 64][unit][step][16 outputs][lane] 16 bytes.
 *
 * The warps' sums meet in local memory, [warp][column][i][lane]; warp w finishes columns 2 t + w % 2 of half w / 2.
 */
#define BLOCKS (OUT_CHUNKS * 2)
#if SIGNED
#define UNITS ((INPUTS + 63) / 64)
#define OPERANDS 1
#else
#define UNITS ((QUADS + 3) / 4)
#define OPERANDS PLANES
#endif
/* Local memory: sums of the warps, activation sums of the warps, the packed tile, the table. */
#define ACTIVATION_SUMS 16384
#define STAGED (ACTIVATION_SUMS + 256)
#define TABLE (STAGED + 16 * PLANES * 8)

enum { NAME(localBytes) = TABLE + (SIGNED ? CHANNELS * 256 : 0) };

#if SIGNED
/* 8 bytes of an image through the table, from byte k on; past the end anything, to meet zero weights. */
static uint2 NAME(lookUp)(__global const uchar* image, __local const char* values, int k) {
  uint word[2];
  #pragma unroll
  for (int part = 0; part < 2; part++) {
    word[part] = 0;
    #pragma unroll
    for (int b = 0; b < 4; b++) {
      const int i = min(k + 4 * part + b, INPUTS - 1);
      word[part] |= (uint)(uchar)values[i % CHANNELS * 256 + image[i]] << (8 * b);
    }
  }
  return (uint2)(word[0], word[1]);
}
#endif

static void NAME(layer)(__global const uchar* in,
#if SIGNED
                        __global const char* table,
#endif
                        __global const uint4* weights, __global const int2* scales, __global uchar* out, int images,
                        __local uchar* local_) {
  const int g = LANE >> 2, t = LANE & 3, lane = LANE;
  __local int* partial = (__local int*)local_;
  __local int* activations = (__local int*)(local_ + ACTIVATION_SUMS);
#if SIGNED
  __local char* values = (__local char*)(local_ + TABLE);
  for (int i = ITEM; i < CHANNELS * 256; i += WORK_ITEMS) values[i] = table[i];
#endif
  for (int index = GROUP; index < BLOCKS * ((images + 15) / 16); index += GROUPS) {
    const int block = index % BLOCKS, first = index / BLOCKS * 16;
    int4 sums[OPERANDS][2][4];
    int inputs[2] = {0, 0};
    #pragma unroll
    for (int p = 0; p < OPERANDS; p++)
      #pragma unroll
      for (int r = 0; r < 2; r++)
        #pragma unroll
        for (int m = 0; m < 4; m++) sums[p][r][m] = (int4)(0);
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int unit = WARP; unit < UNITS; unit += 4) {
      __global const uint4* w = weights + (block * UNITS + unit) * 256 + lane;
      uint4 a[2][4];
      #pragma unroll
      for (int i = 0; i < 8; i++) a[i >> 2][i & 3] = loadConstant(w + i * 32);
      uint4 b[OPERANDS][2];
      #pragma unroll
      for (int r = 0; r < 2; r++) {
        const int image = first + r * 8 + g, there = min(image, images - 1);
#if SIGNED
        const uint2 low = NAME(lookUp)(in + (size_t)there * INPUTS, values, unit * 64 + t * 8);
        const uint2 high = NAME(lookUp)(in + (size_t)there * INPUTS, values, unit * 64 + 32 + t * 8);
        b[0][r] = (uint4)(low.x, low.y, high.x, high.y);
#else
        const int quad = min(unit * 4 + t, QUADS - 1);
        #pragma unroll
        for (int p = 0; p < PLANES; p++)
          b[p][r] = loadShared(in + ((size_t)there * QUADS + quad) * PLANES * QUAD + p * QUAD);
        if (unit * 4 + t < QUADS) {
          #pragma unroll
          for (int p = 0; p < PLANES; p++) {
            const uint4 bits = b[p][r];
            inputs[r] += (int)(popcount(bits.x) + popcount(bits.y) + popcount(bits.z) + popcount(bits.w)) << p;
          }
        }
#endif
      }
      #pragma unroll
      for (int p = 0; p < OPERANDS; p++)
        #pragma unroll
        for (int r = 0; r < 2; r++)
          #pragma unroll
          for (int m = 0; m < 4; m++) {
#if SIGNED
            sums[p][r][m] = multiplyBytes(a[0][m], (uint2)(b[p][r].x, b[p][r].y), sums[p][r][m]);
            sums[p][r][m] = multiplyBytes(a[1][m], (uint2)(b[p][r].z, b[p][r].w), sums[p][r][m]);
#else
            sums[p][r][m] = multiplyBits(a[0][m], (uint2)(b[p][r].x, b[p][r].y), sums[p][r][m]);
            sums[p][r][m] = multiplyBits(a[1][m], (uint2)(b[p][r].z, b[p][r].w), sums[p][r][m]);
#endif
          }
    }
    #pragma unroll
    for (int r = 0; r < 2; r++) {
      inputs[r] += exchange(inputs[r], 1);
      inputs[r] += exchange(inputs[r], 2);
      if (t == 0) activations[WARP * 16 + r * 8 + g] = inputs[r];
      #pragma unroll
      for (int m = 0; m < 4; m++) {
        int4 joined = sums[0][r][m];
        #pragma unroll
        for (int p = 1; p < OPERANDS; p++) joined += sums[p][r][m] << p;
        __local int* to = partial + (WARP * 32 + r * 16 + 2 * m) * 32 + lane;
        to[0] = joined.x;
        to[8 * 32] = joined.y;
        to[32] = joined.z;
        to[9 * 32] = joined.w;
      }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    const int image = (WARP >> 1) * 8 + 2 * t + (WARP & 1);
    int activationSum = 0;
    #pragma unroll
    for (int k = 0; k < 4; k++) activationSum += activations[k * 16 + image];
    int y[8];
    #pragma unroll
    for (int i = 0; i < 8; i++) {
      int sum = 0;
      #pragma unroll
      for (int k = 0; k < 4; k++) sum += partial[(k * 32 + WARP * 8 + i) * 32 + lane];
#if !SIGNED
      sum = 2 * sum - activationSum;
#endif
      y[i] = rescale(sum, scales[block * 64 + i * 8 + g], SHIFT);
    }
    stagePlanes(local_ + STAGED, image, g, packPlanes(y));
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int piece = ITEM; piece < 16 * PLANES; piece += WORK_ITEMS) {
      const int n = first + piece / PLANES, plane = piece % PLANES;
      if (n < images) {
        __global uchar* to = out + ((size_t)n * OUT_CHUNKS + (block >> 1)) * PLANES * QUAD + plane * QUAD + (block & 1) * 8;
        *(__global uint2*)to = *(__local const uint2*)(local_ + STAGED + piece * 8);
      }
    }
  }
}
