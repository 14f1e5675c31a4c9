/*
 * NVIDIA's instructions behind names. A work-group has 128 work-items, 4 warps of 32 lanes.
 *
 * A matrix instruction multiplies for a whole warp; each lane brings a part of the operands and takes a part of the
 * sums. With g = lane / 4 and t = lane % 4:
 *
 *   sums [16 rows][8 columns]   x, y: row g, columns 2t and 2t + 1;  z, w: the same of row g + 8
 *   a [16 rows][32 bytes]       x, y: word t of the first 16 bytes of rows g and g + 8;  z, w: of the last 16
 *   b [8 columns][32 bytes]     x: word t of the first 16 bytes of column g;  y: of the last 16
 *
 * where 32 bytes are 256 bits (multiplyBits) or 32 signed integers (multiplyBytes). Since a word of `a` meets the
 * word of `b` in the same place and nothing else, any order of words will do that both sides share.
 */
/* All layers are one function, so that registers are shared out once and wgmma runs across no call. */
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define WORK_ITEMS 128
#define GROUP ((int)get_group_id(0))
#define GROUPS ((int)get_num_groups(0))
#define ITEM ((int)get_local_id(0))
#define LANE (ITEM & 31)
#define WARP (ITEM >> 5)

/* sums += popcount(a & b), 256 bits a row and a column. From sm_80 on. */
static int4 multiplyBits(uint4 a, uint2 b, int4 sums) {
  asm("mma.sync.aligned.m16n8k256.row.col.s32.b1.b1.s32.and.popc {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+r"(sums.x), "+r"(sums.y), "+r"(sums.z), "+r"(sums.w)
      : "r"(a.x), "r"(a.y), "r"(a.z), "r"(a.w), "r"(b.x), "r"(b.y));
  return sums;
}

/* sums += a b, 32 signed bytes a row and a column. From sm_80 on. */
static int4 multiplyBytes(uint4 a, uint2 b, int4 sums) {
  asm("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+r"(sums.x), "+r"(sums.y), "+r"(sums.z), "+r"(sums.w)
      : "r"(a.x), "r"(a.y), "r"(a.z), "r"(a.w), "r"(b.x), "r"(b.y));
  return sums;
}

/* Address inside the local memory, as instructions take it. */
static uint localAddress(__local const void* pointer) {
  return (uint)(ulong)pointer;
}

/* Four matrices of 8 rows of 16 bytes: lane 8 i + r names row r of matrix i, and gets word t of row g of each. */
static uint4 loadMatrices(uint row) {
  uint4 words;
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(words.x), "=r"(words.y), "=r"(words.z), "=r"(words.w) : "r"(row) : "memory");
  return words;
}

/*
 * Starts to copy 16 bytes into local memory, past the first cache. Copies are closed into groups, and awaited in their
 * order.
 */
static void startCopy(uint to, __global const uchar* from) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(from) : "memory");
}

/* The same for 4 bytes, which pass the first cache too: nothing may have read them before they were written. */
static void startWordCopy(uint to, __global const uint* from) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"(to), "l"(from) : "memory");
}

static void closeCopies(void) {
  asm volatile("cp.async.commit_group;" ::: "memory");
}

/* Waits for this work-item's groups of copies, all but the latest `pending`, a constant. */
#define awaitCopies(pending) asm volatile("cp.async.wait_group %0;" ::"n"(pending) : "memory")

/* 16 bytes that other work-groups may have written in this launch: past the first cache. */
static uint4 loadShared(__global const uchar* from) {
  uint4 words;
  asm volatile("ld.global.cg.v4.b32 {%0,%1,%2,%3}, [%4];"
               : "=r"(words.x), "=r"(words.y), "=r"(words.z), "=r"(words.w) : "l"(from) : "memory");
  return words;
}

static uint loadSharedWord(__global const uint* from) {
  uint word;
  asm volatile("ld.global.cg.b32 %0, [%1];" : "=r"(word) : "l"(from) : "memory");
  return word;
}

/* 16 bytes that nothing writes while the kernel runs. */
static uint4 loadConstant(__global const uint4* from) {
  uint4 words;
  asm("ld.global.nc.v4.b32 {%0,%1,%2,%3}, [%4];"
      : "=r"(words.x), "=r"(words.y), "=r"(words.z), "=r"(words.w) : "l"(from));
  return words;
}

/* Clamped to 0 .. 15: `low` in bits 0 to 3, `high` in bits 4 to 7, `above` from bit 8 on. */
static uint packPair(int low, int high, uint above) {
  uint packed;
  asm("cvt.pack.sat.u4.s32.b32 %0, %1, %2, %3;" : "=r"(packed) : "r"(high), "r"(low), "r"(above));
  return packed;
}

/* Each nibble of `places` names a byte: 0 to 3 of a, 4 to 7 of b. */
static uint selectBytes(uint a, uint b, uint places) {
  uint selected;
  asm("prmt.b32 %0, %1, %2, %3;" : "=r"(selected) : "r"(a), "r"(b), "r"(places));
  return selected;
}

/* A barrier for the lanes of a warp and what they have written to local memory. */
static void syncWarp(void) {
  asm volatile("bar.warp.sync 0xffffffff;" ::: "memory");
}

/* The value of the lane whose number differs in the bits of `mask`. */
static int exchange(int value, int mask) {
  int other;
  asm volatile("shfl.sync.bfly.b32 %0, %1, %2, 0x1f, 0xffffffff;" : "=r"(other) : "r"(value), "r"(mask));
  return other;
}

static float exchangeFloat(float value, int mask) {
  return as_float(exchange(as_int(value), mask));
}

/*
 * wgmma, for sm_90a, which OpenCL C cannot name: it stands in the program as a comment, `//WG`, and the host takes the
 * comment marks out of the compiled PTX (main/devices/opencl/nvidia/architecture.ts).
 *
 * A work-group is one warp group. It multiplies a [64 rows][32 bytes] from registers, 16 rows a warp as for
 * multiplyBits, by b [64 columns][32 bytes] in local memory; sums[4 j + 2 h + e] of lane (g, t) is row
 * 16 warp + 8 h + g, column 8 j + 2 t + e. Products run on their own until awaitProducts; until then nobody may touch
 * their registers, or b.
 */
#define FOUR(sums, i) "+r"((sums)[i]), "+r"((sums)[i + 1]), "+r"((sums)[i + 2]), "+r"((sums)[i + 3])

/*
 * `b` lies as 8 x 2 matrices of 8 columns x 16 bytes. The two words of its description: where it begins and how far the
 * halves of a step are apart, and how far its groups of eight columns are; all in units of 16 bytes, so that what a step
 * moves on is added to the first word.
 */
#define MATRIX_AT(address) ((address) >> 4)
#define MATRIX_STEP(offset, halves) ((offset) / 16 + ((halves) / 16 << 16))
#define MATRIX_COLUMNS(columns) ((columns) / 16)

/* The same value in all lanes, and known to be so by the compiler: addresses are then worked out once for a warp. */
static uint uniform(uint value) {
  uint same;
  asm volatile("shfl.sync.idx.b32 %0, %1, 0, 0x1f, 0xffffffff;" : "=r"(same) : "r"(value));
  return same;
}

/* sums += a b, or sums = a b where not `added`, a constant. */
#define startProduct(a, b, columns, sums, added)                                                                     \
  asm volatile(                                                                                                      \
      "//WG { .reg .pred p; .reg .b64 d; setp.ne.b32 p, %38, 0; mov.b64 d, {%36, %37}; "                             \
      "wgmma.mma_async.sync.aligned.m64n64k256.s32.b1.b1.and.popc "                                                  \
      "{%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15,%16,%17,%18,%19,%20,%21,%22,%23,%24,%25,%26,%27,%28,"  \
      "%29,%30,%31}, {%32,%33,%34,%35}, d, p; }"                                                                     \
      : FOUR(sums, 0), FOUR(sums, 4), FOUR(sums, 8), FOUR(sums, 12), FOUR(sums, 16), FOUR(sums, 20), FOUR(sums, 24), \
        FOUR(sums, 28)                                                                                               \
      : "r"((a).x), "r"((a).y), "r"((a).z), "r"((a).w), "r"(b), "r"(columns), "n"((added) ? 1 : 0))

/* The same for signed bytes: a [64 rows][32 bytes], b [64 columns][32 bytes]. */
#define startByteProduct(a, b, columns, sums, added)                                                                 \
  asm volatile(                                                                                                      \
      "//WG { .reg .pred p; .reg .b64 d; setp.ne.b32 p, %38, 0; mov.b64 d, {%36, %37}; "                             \
      "wgmma.mma_async.sync.aligned.m64n64k32.s32.s8.s8 "                                                            \
      "{%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15,%16,%17,%18,%19,%20,%21,%22,%23,%24,%25,%26,%27,%28,"  \
      "%29,%30,%31}, {%32,%33,%34,%35}, d, p; }"                                                                     \
      : FOUR(sums, 0), FOUR(sums, 4), FOUR(sums, 8), FOUR(sums, 12), FOUR(sums, 16), FOUR(sums, 20), FOUR(sums, 24), \
        FOUR(sums, 28)                                                                                               \
      : "r"((a).x), "r"((a).y), "r"((a).z), "r"((a).w), "r"(b), "r"(columns), "n"((added) ? 1 : 0))

/* Before the first product: registers are as written. */
static void openProducts(void) {
  asm volatile("//WG wgmma.fence.sync.aligned;" ::: "memory");
}

static void closeProducts(void) {
  asm volatile("//WG wgmma.commit_group.sync.aligned;" ::: "memory");
}

/* Waits for all groups of products but the latest `pending`, a constant. */
#define awaitProducts(pending) asm volatile("//WG wgmma.wait_group.sync.aligned %0;" ::"n"(pending) : "memory")

/* Keeps the compiler from reading sums before awaitProducts. */
static void pinSums(int* sums) {
  asm volatile("" : FOUR(sums, 0), FOUR(sums, 4), FOUR(sums, 8), FOUR(sums, 12), FOUR(sums, 16), FOUR(sums, 20),
               FOUR(sums, 24), FOUR(sums, 28)::"memory");
}

/* Which of the 64 outputs row 16 w + 8 h + g is whose sums a lane has: see lanes.cl. */
static int outputOfLane(int h) {
  return 8 * ((LANE >> 2 & 3) + 4 * h) + 2 * WARP + (LANE >> 4);
}

/*
 * Twice the sums. Below 2^24, an integer that is not negative has the bits of a float, a multiple of the smallest one,
 * and so has its double: float adders, of which there are twice as many, add them as they are.
 */
static void doubleSums(int* sums) {
  #pragma unroll
  for (int i = 0; i < 32; i++) {
    float twice;
    asm("add.f32 %0, %1, %1;" : "=f"(twice) : "f"(as_float(sums[i])));
    sums[i] = as_int(twice);
  }
}

/* What this work-item has copied into local memory is there for wgmma too, after the next barrier. */
static void publishCopies(void) {
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}

/*
 * Waits until all work-groups of the launch are here, and lets each see what the others have written. All of them must
 * be on the device at once. state[0] counts those that have come, state[1] the barriers passed.
 */
static void gridBarrier(__global uint* state) {
  barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
  if (ITEM == 0) {
    uint passed, come, now;
    asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(passed) : "l"(state + 1) : "memory");
    asm volatile("fence.acq_rel.gpu;" ::: "memory");
    asm volatile("atom.global.inc.u32 %0, [%1], %2;" : "=r"(come) : "l"(state), "r"(GROUPS - 1) : "memory");
    if (come == (uint)GROUPS - 1) {
      asm volatile("st.release.gpu.global.u32 [%0], %1;" ::"l"(state + 1), "r"(passed + 1) : "memory");
    } else {
      do asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(now) : "l"(state + 1) : "memory");
      while (now == passed);
    }
    asm volatile("fence.acq_rel.gpu;" ::: "memory");
  }
  barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
}
