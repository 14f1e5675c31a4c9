/*
 * The last layer, in floats: logits = W a + bias. A warp takes CLASSES_AT_ONCE classes of an image, so that bits are
 * turned into numbers once for all of them; a lane takes 32 inputs at a time, a word of each plane.
 * Weights: [class][bit of the word][word], for inputs in the order of layout.cl.
 */
#define WORDS (CHUNKS * 4)
#define PLANE_QUADS ((size_t)CHUNKS * ROUNDED_IMAGES)
#define PARTS ((CLASSES + CLASSES_AT_ONCE - 1) / CLASSES_AT_ONCE)

static ALWAYS_INLINE void NAME(layer)(__global const uchar* in, __global const float* weights, __global const float* bias,
                        __global float* logits, int images) {
  for (int index = GROUP * 4 + WARP; index < images * PARTS; index += GROUPS * 4) {
    const int image = index / PARTS, first = index % PARTS * CLASSES_AT_ONCE;
    float sums[CLASSES_AT_ONCE];
    #pragma unroll
    for (int i = 0; i < CLASSES_AT_ONCE; i++) sums[i] = 0;
    for (int word = LANE; word < WORDS; word += 32) {
      uint planes[IN_PLANES];
      #pragma unroll
      for (int p = 0; p < IN_PLANES; p++)
        planes[p] = loadSharedWord(
            (__global const uint*)(in + (p * PLANE_QUADS + (size_t)(word >> 2) * ROUNDED_IMAGES + image) * QUAD) + (word & 3));
      #pragma unroll
      for (int bit = 0; bit < 32; bit++) {
        uint value = 0;
        #pragma unroll
        for (int p = 0; p < IN_PLANES; p++) value |= (planes[p] >> bit & 1) << p;
        #pragma unroll
        for (int i = 0; i < CLASSES_AT_ONCE; i++)
          sums[i] += weights[((size_t)min(first + i, CLASSES - 1) * 32 + bit) * WORDS + word] * (float)value;
      }
    }
    #pragma unroll
    for (int i = 0; i < CLASSES_AT_ONCE; i++) {
      float sum = sums[i];
      #pragma unroll
      for (int mask = 16; mask > 0; mask >>= 1) sum += exchangeFloat(sum, mask);
      if (LANE == 0 && first + i < CLASSES) logits[(size_t)image * CLASSES + first + i] = sum + bias[first + i];
    }
  }
}
