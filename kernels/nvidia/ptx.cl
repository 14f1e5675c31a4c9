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

/* Starts to copy 16 bytes into local memory past the first cache; zeros where not `real`. */
static void startCopy(uint to, __global const uchar* from, bool real) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(real ? 16 : 0) : "memory");
}

/* Waits for the copies that this work-item has started. */
static void finishCopies(void) {
  asm volatile("cp.async.wait_all;" ::: "memory");
}

/* 16 bytes that other work-groups may have written in this launch: past the first cache. */
static uint4 loadShared(__global const uchar* from) {
  uint4 words;
  asm volatile("ld.global.cg.v4.b32 {%0,%1,%2,%3}, [%4];"
               : "=r"(words.x), "=r"(words.y), "=r"(words.z), "=r"(words.w) : "l"(from) : "memory");
  return words;
}

static uint loadSharedWord(__global const uchar* from) {
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
