/*
 * Instructions on halves behind names; after nvidia/ptx.cl, whose head tells what each lane holds of an operand: 32 bytes
 * are here 16 halves, and sums are floats. A half is named by its bits, so that no extension of OpenCL is asked for.
 */

/* sums[0 .. 3] += a b, 16 halves a row and a column. From sm_80 on. */
static ALWAYS_INLINE void multiplyHalves(uint4 a, uint2 b, float* sums) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
      : "r"(a.x), "r"(a.y), "r"(a.z), "r"(a.w), "r"(b.x), "r"(b.y));
}

#define FOUR_FLOATS(sums, i) "+f"((sums)[i]), "+f"((sums)[i + 1]), "+f"((sums)[i + 2]), "+f"((sums)[i + 3])

/* startProduct of ptx.cl for halves: sums[0 .. 31] += a b, or = a b where `added` is 0. From sm_90a on. */
#define startHalfProduct(a, b, columns, sums, added)                                                                 \
  asm volatile(                                                                                                      \
      "//WG { .reg .pred p; .reg .b64 d; setp.ne.b32 p, %38, 0; mov.b64 d, {%36, %37}; "                             \
      "wgmma.mma_async.sync.aligned.m64n64k16.f32.f16.f16 "                                                          \
      "{%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15,%16,%17,%18,%19,%20,%21,%22,%23,%24,%25,%26,%27,%28,"  \
      "%29,%30,%31}, {%32,%33,%34,%35}, d, p, 1, 1, 0; }"                                                            \
      : FOUR_FLOATS(sums, 0), FOUR_FLOATS(sums, 4), FOUR_FLOATS(sums, 8), FOUR_FLOATS(sums, 12),                     \
        FOUR_FLOATS(sums, 16), FOUR_FLOATS(sums, 20), FOUR_FLOATS(sums, 24), FOUR_FLOATS(sums, 28)                   \
      : "r"((a).x), "r"((a).y), "r"((a).z), "r"((a).w), "r"(b), "r"(columns), "r"(added))

/* Keeps the compiler from reading sums before awaitProducts. */
static ALWAYS_INLINE void pinFloats(float* sums) {
  asm volatile("" : FOUR_FLOATS(sums, 0), FOUR_FLOATS(sums, 4), FOUR_FLOATS(sums, 8), FOUR_FLOATS(sums, 12),
               FOUR_FLOATS(sums, 16), FOUR_FLOATS(sums, 20), FOUR_FLOATS(sums, 24), FOUR_FLOATS(sums, 28)::"memory");
}

/* Keeps words in their registers up to here: a product that runs on its own may still read them. */
static ALWAYS_INLINE void keepWords(uint4 words) {
  asm volatile("" ::"r"(words.x), "r"(words.y), "r"(words.z), "r"(words.w) : "memory");
}

/* Two floats to a word of halves, `low` first, each to the nearest. */
static uint packHalves(float low, float high) {
  uint word;
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(high), "f"(low));
  return word;
}

static float2 unpackHalves(uint word) {
  float2 floats;
  asm("{ .reg .b16 low, high; mov.b32 {low, high}, %2; cvt.f32.f16 %0, low; cvt.f32.f16 %1, high; }"
      : "=f"(floats.x), "=f"(floats.y) : "r"(word));
  return floats;
}

/* relu?(scale sum + shift) of two neighbouring outputs, with {scale, shift} of both in `affine`, as a word. */
static uint finishPair(float first, float second, float4 affine) {
  float2 y = (float2)(affine.x * first + affine.y, affine.z * second + affine.w);
#if RELU
  y = fmax(y, (float2)(0.0f));
#endif
  return packHalves(y.x, y.y);
}
