/*
 * A linear layer on a vector of bit planes, where images are few or inputs many; else it is a convolution over images
 * (patch.cl). layout.cl has the maths.
 *
 * A work-group multiplies 64 outputs by 16 images. Its four warps share K among them, in units of two steps: a unit is
 * 4 quads of each plane, of which lane t has quad t: words 0 and 1 for the first step, 2 and 3 for the second.
 * Weights: [OUTPUTS / 64][unit][step][16 outputs][lane] 16 bytes.
 *
 * The warps' sums meet in local memory, those of eight images at a time, [warp][column][i][lane]; warp w finishes images
 * 2 t + w % 2 of eight w / 2.
 */
#define UNITS ((CHUNKS + 3) / 4)
#define PLANE_QUADS ((size_t)CHUNKS * ROUNDED_IMAGES)
/* Local memory: sums of the warps, activation sums of the images, the packed tile. */
#define ACTIVATION_SUMS 8192
#define STAGED (ACTIVATION_SUMS + 64)

enum { NAME(localBytes) = STAGED + 16 * PLANES * 8 };

/* S of each of the 16 images, by eight work-items each. */
static void NAME(sumImages)(int first, __global const uint* inSums, __local int* activations, int images) {
  uint sum = 0;
  for (int chunk = ITEM & 7; chunk < CHUNKS; chunk += 8) {
    const uint two = loadSharedWord(inSums + (size_t)(first + (ITEM >> 3)) * CHUNKS + chunk);
    sum += (two & 0xffff) + (two >> 16);
  }
  #pragma unroll
  for (int mask = 1; mask < 8; mask <<= 1) sum += (uint)exchange((int)sum, mask);
  if ((ITEM & 7) == 0) activations[ITEM >> 3] = (int)sum;
}

static ALWAYS_INLINE void NAME(layer)(__global const uchar* in, __global const uint* inSums,
                                      __global const uint4* weights, __global const int2* scales, __global uchar* out,
                                      __global ushort* outSums, int images,
                                      __local uchar* local_) {
  const int lane = LANE, g = LANE >> 2, t = LANE & 3;
  __local int* partial = (__local int*)local_;
  __local int* activations = (__local int*)(local_ + ACTIVATION_SUMS);
  const int tiles = (images + 15) / 16 * BLOCKS;
  for (int index = GROUP; index < tiles; index += GROUPS) {
    const int block = index % BLOCKS, first = index / BLOCKS * 16;
    int4 sums[2][4];
    #pragma unroll
    for (int r = 0; r < 2; r++)
      #pragma unroll
      for (int m = 0; m < 4; m++) sums[r][m] = (int4)(0);
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int unit = WARP; unit < UNITS; unit += 4) {
      __global const uint4* w = weights + (block * UNITS + unit) * 256 + lane;
      uint4 a[2][4];
      #pragma unroll
      for (int i = 0; i < 8; i++) a[i >> 2][i & 3] = loadConstant(w + i * 32);
      /* Past the last quad, weights are zero. */
      const size_t quad = (size_t)min(unit * 4 + t, CHUNKS - 1) * ROUNDED_IMAGES + first + g;
      #pragma unroll
      for (int high = 0; high < IN_PLANES; high += 4) {
        const int planes = min(IN_PLANES - high, 4);
        uint4 b[4][2];
        #pragma unroll
        for (int p = 0; p < planes; p++)
          #pragma unroll
          for (int r = 0; r < 2; r++) b[p][r] = loadShared(in + ((high + p) * PLANE_QUADS + quad + r * 8) * QUAD);
        #pragma unroll
        for (int p = 0; p < planes; p++)
          #pragma unroll
          for (int r = 0; r < 2; r++)
            #pragma unroll
            for (int m = 0; m < 4; m++) {
              int4 product = multiplyBits(a[0][m], (uint2)(b[p][r].x, b[p][r].y), (int4)(0));
              product = multiplyBits(a[1][m], (uint2)(b[p][r].z, b[p][r].w), product);
              sums[r][m] += product << (high + p);
            }
      }
    }
    NAME(sumImages)(first, inSums, activations, images);
    const int image = (WARP >> 1) * 8 + 2 * t + (WARP & 1);
    int y[8];
    #pragma unroll
    for (int r = 0; r < 2; r++) {
      #pragma unroll
      for (int m = 0; m < 4; m++) {
        __local int* to = partial + (WARP * 16 + 2 * m) * 32 + lane;
        to[0] = sums[r][m].x;
        to[8 * 32] = sums[r][m].y;
        to[32] = sums[r][m].z;
        to[9 * 32] = sums[r][m].w;
      }
      barrier(CLK_LOCAL_MEM_FENCE);
      if (WARP >> 1 == r) {
        #pragma unroll
        for (int i = 0; i < 8; i++) {
          int sum = 0;
          #pragma unroll
          for (int k = 0; k < 4; k++) sum += partial[(k * 16 + (WARP & 1) * 8 + i) * 32 + lane];
          y[i] = clampTop(rescale(2 * sum - activations[image], scales[block * 64 + i * 8 + g], SHIFT));
        }
      }
      barrier(CLK_LOCAL_MEM_FENCE);
    }
    #pragma unroll
    for (int part = 0; part < HALVES; part++)
      stagePlanes(local_ + STAGED, 16, image, g, packPlanes(y, part), part);
    barrier(CLK_LOCAL_MEM_FENCE);
    if (ITEM < 16 && first + ITEM < images)
      NAME(storePosition)(local_ + STAGED, 16, ITEM, first + ITEM, 0, 0, block, out, outSums, images);
  }
}
