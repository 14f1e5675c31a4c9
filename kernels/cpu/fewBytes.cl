/*
 * A first layer with few bytes in a window, behind integerPatches.cl (and vectors.cl):
 *
 *   D[pixel][o] = sum over the bytes of the window of in[pixel][c] * weights[o][c]
 *   out = clamp((D * multiplier[o] + addend[o]) >> shift, 0, TOP)
 *
 * A quad of bytes is broadcast and multiplied with the quads of four vectors of outputs, in pairs, whose sums stay
 * in 16 bits: |2 * 255| * 64 quads = 32640. Vector k holds the outputs 4 i + k, so that four requantized vectors
 * make one vector of bytes in their order by shifts alone.
 *
 *   in       [image][PIXELS][CHANNELS]                bytes; CHANNELS a multiple of 4, 256 at most
 *   weights  [OUTPUTS / BLOCK][CHANNELS / 4][4][LANES][4 channels]       output 4 i + k of a block at [k][i]
 *   multiplier, addend  [OUTPUTS / BLOCK][4][LANES]
 *   out      [image][PIXELS][OUTPUTS]                 OUTPUTS a multiple of BLOCK = VECTOR_BYTES
 *
 * Tile: two pixels x four vectors of sums in registers; the weights of a block, CHANNELS * BLOCK bytes, stay in the
 * first cache. A work-item takes UNIT pixels of one image, all outputs.
 */
#define BLOCK VECTOR_BYTES
#define PIXELS (HEIGHT * WIDTH)
#define QUADS (CHANNELS / 4)
#define UNROLL _Pragma("unroll")

__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void layer(
    __global const uchar* in, __global const Bytes* weights, __global const Ints* multiplier,
    __global const Ints* addend, int shift, __global uchar* out, int inImage, int outImage, int images) {
  const int first = get_global_id(0) * UNIT, last = min(first + UNIT, PIXELS);
  in += (long)(inImage + get_global_id(1)) * PIXELS * CHANNELS;
  out += (long)(outImage + get_global_id(1)) * PIXELS * OUTPUTS;
  for (int block = 0; block < OUTPUTS / BLOCK; block++, weights += 4 * QUADS, multiplier += 4, addend += 4)
    for (int pixel = first; pixel < last; pixel += 2) {
      /* The last one of an odd number is done twice. */
      const int pixels[2] = {pixel, min(pixel + 1, last - 1)};
      Shorts sums[2][4];
      UNROLL for (int p = 0; p < 2; p++)
        UNROLL for (int k = 0; k < 4; k++) sums[p][k] = (Shorts)INTS(0);
      UNROLL for (int quad = 0; quad < QUADS; quad++)
        UNROLL for (int p = 0; p < 2; p++) {
          const int bytes = ((__global const int*)(in + (long)pixels[p] * CHANNELS))[quad];
          UNROLL for (int k = 0; k < 4; k++)
            sums[p][k] += (Shorts)MULTIPLY_BYTES((Bytes)INTS(bytes), weights[4 * quad + k]);
        }
      UNROLL for (int p = 0; p < 2; p++) {
        Ints outputs = INTS(0);
        UNROLL for (int k = 0; k < 4; k++)
          outputs |= requantized((Ints)ADD_PAIRS(sums[p][k], SHORTS(1)), multiplier[k], addend[k], shift) << (8 * k);
        *(__global Ints*)(out + (long)pixels[p] * OUTPUTS + block * BLOCK) = outputs;
      }
    }
}
