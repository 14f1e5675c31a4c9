/*
 * A linear layer on halves; after product.cl. Few outputs leave few tiles, so SPLITS work-groups share the inputs of a
 * tile: each leaves its sums in `partial`, [split][image][64 BLOCKS] floats, and `join` adds them up, always in the same
 * order, and finishes.
 */
#define OUTPUTS (64 * BLOCKS)

__kernel __attribute__((reqd_work_group_size(WORK_ITEMS, 1, 1)))
void linear(__global const uchar* in, __global const uint4* weights, __global float* partial, int images) {
  __local __attribute__((aligned(128))) uchar stages[RING * STAGE_BYTES];
  const int block = GROUP % BLOCKS, split = GROUP / BLOCKS % SPLITS;
  const int firstSubtile = GROUP / (BLOCKS * SPLITS) * SUBTILES, subtiles = (images + 63) / 64;
  float sums[4][32];
  multiply(block, firstSubtile, subtiles, split * STAGES / SPLITS, (split + 1) * STAGES / SPLITS, in, weights,
           localAddress(stages), sums);
  #pragma unroll
  for (int i = 0; i < 4; i++) {
    const int output = block * 64 + OUTPUT_OF(i);
    #pragma unroll
    for (int j = 0; j < 8; j++)
      #pragma unroll
      for (int e = 0; e < 2; e++) {
        const int image = (firstSubtile + SUBTILE_OF(i)) * 64 + j * 8 + LANE_COLUMN + e;
        if (image < images)
          *(__global float2*)(partial + ((size_t)split * images + image) * OUTPUTS + output) =
              (float2)(sums[i][4 * j + e], sums[i][4 * j + 2 + e]);
      }
  }
}

/* A work-item joins two outputs of an image. Global size: OUT_CHANNELS / 2, images. */
__kernel void join(__global const float2* partial, __global const float4* affine, __global uint* out) {
  const int pair = (int)get_global_id(0), image = (int)get_global_id(1), images = (int)get_global_size(1);
  float2 sum = (float2)(0.0f);
  #pragma unroll
  for (int split = 0; split < SPLITS; split++) sum += partial[((size_t)split * images + image) * (OUTPUTS / 2) + pair];
  out[(size_t)image * (OUT_IMAGE / 2) + pair] = finishPair(sum.x, sum.y, affine[pair]);
}
