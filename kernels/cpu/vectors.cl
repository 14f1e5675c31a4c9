/*
 * Vectors of VECTOR_BYTES (32: AVX2, 64: AVX-512BW) and the x86 instructions on them that OpenCL C cannot say.
 * Clang's builtins where the driver's target has them; assembly for VNNI, which it may not know of.
 */
#define LANES (VECTOR_BYTES / 4)

typedef char Bytes __attribute__((vector_size(VECTOR_BYTES)));
typedef char Table __attribute__((vector_size(16)));
typedef short Shorts __attribute__((vector_size(VECTOR_BYTES)));
typedef unsigned short UnsignedShorts __attribute__((vector_size(VECTOR_BYTES)));
typedef int Ints __attribute__((vector_size(VECTOR_BYTES)));
typedef unsigned int UnsignedInts __attribute__((vector_size(VECTOR_BYTES)));
typedef long Longs __attribute__((vector_size(VECTOR_BYTES)));

#define EIGHT(x) x, x, x, x, x, x, x, x
#if VECTOR_BYTES == 64
#define INTS(x) ((Ints){EIGHT(x), EIGHT(x)})
#define SHORTS(x) ((Shorts){EIGHT(x), EIGHT(x), EIGHT(x), EIGHT(x)})
#define SHUFFLE __builtin_ia32_pshufb512
#define MULTIPLY_BYTES __builtin_ia32_pmaddubsw512
#define ADD_PAIRS __builtin_ia32_pmaddwd512
#define FOUR_TIMES(t)                                                                                        \
  __builtin_shufflevector(t, t, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7, \
                          8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, \
                          0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
#else
#define INTS(x) ((Ints){EIGHT(x)})
#define SHORTS(x) ((Shorts){EIGHT(x), EIGHT(x)})
#define SHUFFLE __builtin_ia32_pshufb256
#define MULTIPLY_BYTES __builtin_ia32_pmaddubsw256
#define ADD_PAIRS __builtin_ia32_pmaddwd256
#define FOUR_TIMES(t)                                                                                        \
  __builtin_shufflevector(t, t, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7, \
                          8, 9, 10, 11, 12, 13, 14, 15)
#endif

/* The same 16 bytes in every 128-bit lane. */
#define BROADCAST(table) ({ Table table_ = (table); FOUR_TIMES(table_); })

static Ints largerOf(Ints a, Ints b) {
  const Ints mask = a > b;
  return (a & mask) | (b & ~mask);
}

static Shorts largerShort(Shorts a, Shorts b) {
  const Shorts mask = a > b;
  return (a & mask) | (b & ~mask);
}

static Ints smallerOf(Ints a, Ints b) {
  const Ints mask = a < b;
  return (a & mask) | (b & ~mask);
}

/* clamp((sum * multiplier + addend) >> shift, 0, TOP), modulo 2^32 up to the shift. */
static Ints requantized(Ints sum, Ints multiplier, Ints addend, int shift) {
  const Ints y = (Ints)((UnsignedInts)sum * (UnsignedInts)multiplier + (UnsignedInts)addend) >> shift;
  return smallerOf(largerOf(y, INTS(0)), INTS(TOP));
}
