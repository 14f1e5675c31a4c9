/*
 * What a chip gives where nothing else is asked of it, for comparisons to measure against: matrix instructions on
 * registers that stay, and a copy. After ptx.cl and fp16/halves.cl.
 *
 * A work-group makes `rounds` rounds of PRODUCTS products on sums of their own (mma.sync), or one behind the other on
 * one set of sums (wgmma, which queues them). Operands are neither zeros nor all alike, since a chip slows down for what
 * takes power.
 */
#define PRODUCTS 8

static uint mixed(uint seed) {
  seed *= 2654435761u;
  return seed ^ seed >> 15;
}

/* Halves of 0.5 to 1, of either sign. */
static uint mixedHalves(uint seed) {
  return (mixed(seed) & 0x83ff83ffu) | 0x38003800u;
}

#define OPERAND(mix) ((uint4)(mix(ITEM), mix(ITEM + 1000), mix(ITEM + 2000), mix(ITEM + 3000)))

__kernel __attribute__((reqd_work_group_size(WORK_ITEMS, 1, 1))) void bits(__global int* out, int rounds) {
  const uint4 a = OPERAND(mixed);
  int4 sums[PRODUCTS];
  #pragma unroll
  for (int i = 0; i < PRODUCTS; i++) sums[i] = (int4)(i);
  for (int round = 0; round < rounds; round++)
    #pragma unroll
    for (int i = 0; i < PRODUCTS; i++) sums[i] = multiplyBits(a, (uint2)(a.z + i, a.y), sums[i]);
  #pragma unroll
  for (int i = 1; i < PRODUCTS; i++) sums[0] += sums[i];
  out[GROUP * WORK_ITEMS + ITEM] = sums[0].x + sums[0].y + sums[0].z + sums[0].w;
}

__kernel __attribute__((reqd_work_group_size(WORK_ITEMS, 1, 1))) void halves(__global float* out, int rounds) {
  const uint4 a = OPERAND(mixedHalves);
  float sums[PRODUCTS][4];
  #pragma unroll
  for (int i = 0; i < PRODUCTS; i++)
    #pragma unroll
    for (int k = 0; k < 4; k++) sums[i][k] = 0;
  for (int round = 0; round < rounds; round++)
    #pragma unroll
    for (int i = 0; i < PRODUCTS; i++) multiplyHalves(a, (uint2)(a.z + i, a.y), sums[i]);
  float sum = 0;
  #pragma unroll
  for (int i = 0; i < PRODUCTS; i++) sum += sums[i][0] + sums[i][1] + sums[i][2] + sums[i][3];
  out[GROUP * WORK_ITEMS + ITEM] = sum;
}

#if WARPGROUPS

/* 64 columns of 32 bytes in local memory, 8 x 2 matrices side by side. */
static uint columnsOf(__local uint* words, bool asHalves) {
  for (int i = ITEM; i < 512; i += WORK_ITEMS) words[i] = asHalves ? mixedHalves(i) : mixed(i);
  publishCopies();
  barrier(CLK_LOCAL_MEM_FENCE);
  return uniform(MATRIX_AT(localAddress(words)) + MATRIX_STEP(0, 128));
}

__kernel __attribute__((reqd_work_group_size(WORK_ITEMS, 1, 1))) void bitsOfWarpgroups(__global int* out, int rounds) {
  __local __attribute__((aligned(128))) uint words[512];
  const uint b = columnsOf(words, false), columns = MATRIX_COLUMNS(256);
  const uint4 a = OPERAND(mixed);
  int sums[32];
  #pragma unroll
  for (int i = 0; i < 32; i++) sums[i] = 0;
  for (int round = 0; round < rounds; round++) {
    openProducts();
    #pragma unroll
    for (int i = 0; i < PRODUCTS; i++) startProduct(a, b, columns, sums, 1);
    closeProducts();
    awaitProducts(0);
    pinSums(sums);
  }
  int sum = 0;
  #pragma unroll
  for (int i = 0; i < 32; i++) sum += sums[i];
  out[GROUP * WORK_ITEMS + ITEM] = sum;
}

__kernel __attribute__((reqd_work_group_size(WORK_ITEMS, 1, 1))) void halvesOfWarpgroups(__global float* out,
                                                                                        int rounds) {
  __local __attribute__((aligned(128))) uint words[512];
  const uint b = columnsOf(words, true), columns = MATRIX_COLUMNS(256);
  const uint4 a = OPERAND(mixedHalves);
  float sums[32];
  #pragma unroll
  for (int i = 0; i < 32; i++) sums[i] = 0;
  for (int round = 0; round < rounds; round++) {
    openProducts();
    #pragma unroll
    for (int i = 0; i < PRODUCTS; i++) startHalfProduct(a, b, columns, sums, 1);
    closeProducts();
    awaitProducts(0);
    pinFloats(sums);
  }
  float sum = 0;
  #pragma unroll
  for (int i = 0; i < 32; i++) sum += sums[i];
  out[GROUP * WORK_ITEMS + ITEM] = sum;
}

#endif

__kernel void copy(__global const uint4* in, __global uint4* out) {
  out[get_global_id(0)] = in[get_global_id(0)];
}
