/*
 * The last layer, in floats: logits = W a + bias, a warp for each image and class. A lane takes 32 inputs at a time, a
 * word of each plane. Weights: [class][bit of the word][word], for inputs in the order of layout.cl.
 */
#define WORDS (QUADS * 4)

static void NAME(layer)(__global const uchar* in, __global const float* weights, __global const float* bias,
                        __global float* logits, int images) {
  for (int index = GROUP * 4 + WARP; index < images * CLASSES; index += GROUPS * 4) {
    const int image = index / CLASSES, class_ = index % CLASSES;
    float sum = 0;
    for (int word = LANE; word < WORDS; word += 32) {
      uint planes[PLANES];
      #pragma unroll
      for (int p = 0; p < PLANES; p++)
        planes[p] = loadSharedWord(in + (((size_t)image * QUADS + (word >> 2)) * PLANES + p) * QUAD + (word & 3) * 4);
      #pragma unroll
      for (int bit = 0; bit < 32; bit++) {
        uint value = 0;
        #pragma unroll
        for (int p = 0; p < PLANES; p++) value |= (planes[p] >> bit & 1) << p;
        sum += weights[((size_t)class_ * 32 + bit) * WORDS + word] * (float)value;
      }
    }
    #pragma unroll
    for (int mask = 16; mask > 0; mask >>= 1) sum += exchangeFloat(sum, mask);
    if (LANE == 0) logits[index] = sum + bias[class_];
  }
}
