/*
 * One layer of the integer precisions in plain OpenCL C 1.2.
 *
 *   D[n][o] = sum over taps and channels of in[n][tap][c] * weights[o][tap][c]
 *   out = clamp((max over the pool of D * multiplier[o] + addend[o]) >> shift, 0, TOP)
 *
 *   in       [image][HEIGHT][WIDTH][CHANNELS]            bytes
 *   weights  [OUTPUTS / 16][tap][CHANNELS][16]           bytes, +1, -1, or 0 where padded
 *   out      [image][OUT_HEIGHT][OUT_WIDTH][OUTPUTS]     OUTPUTS a multiple of 16
 *
 * Work-item (block of 16 outputs, pixel of the output, image). A tap outside the image adds nothing. All sums
 * are exact in 32 bits (core/network/quantization.ts). Input bytes carry + ZERO (integerPatches.cl); the addends take
 * it off again, modulo 2^32, hence the unsigned arithmetic.
 */
static int16 sumWindow(__global const uchar* image, __global const char* weights, int y, int x) {
  int16 sum = 0;
  for (int ky = 0; ky < KERNEL_HEIGHT; ky++) {
    const int v = y * STRIDE + ky - PADDING;
    if (v < 0 || v >= HEIGHT) continue;
    for (int kx = 0; kx < KERNEL_WIDTH; kx++) {
      const int u = x * STRIDE + kx - PADDING;
      if (u < 0 || u >= WIDTH) continue;
      __global const uchar* a = image + ((long)v * WIDTH + u) * CHANNELS;
      __global const char* w = weights + (long)(ky * KERNEL_WIDTH + kx) * CHANNELS * 16;
      for (int c = 0; c < CHANNELS; c++) sum += convert_int16(vload16(c, w)) * (int)a[c];
    }
  }
  return sum;
}

__kernel void layer(__global const uchar* in, __global const char* weights, __global const uint* multiplier,
                    __global const uint* addend, int shift, __global uchar* out, int inImage, int outImage,
                    int images) {
  const int block = get_global_id(0), pixel = get_global_id(1), n = get_global_id(2);
  if (n >= images) return;
  const int y = pixel / OUT_WIDTH * POOL_STRIDE, x = pixel % OUT_WIDTH * POOL_STRIDE;
  __global const uchar* image = in + (long)(inImage + n) * HEIGHT * WIDTH * CHANNELS;
  weights += (long)block * KERNEL_HEIGHT * KERNEL_WIDTH * CHANNELS * 16;
  int16 largest = sumWindow(image, weights, y, x);
  for (int place = 1; place < POOL_SIZE * POOL_SIZE; place++)
    largest = max(largest, sumWindow(image, weights, y + place / POOL_SIZE, x + place % POOL_SIZE));
  /* Bounds as vectors: Oclgrind 21.10 gets those of mixed types wrong. */
  const int16 result =
      as_int16(as_uint16(largest) * vload16(block, multiplier) + vload16(block, addend)) >> shift;
  vstore16(convert_uchar16(clamp(result, (int16)0, (int16)TOP)), 0,
           out + ((long)(outImage + n) * OUT_HEIGHT * OUT_WIDTH + pixel) * OUTPUTS + block * 16);
}
