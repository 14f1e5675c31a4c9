/*
 * The last layer, in floats: logits[n][o] = bias[o] + sum over k of weights[o][k] * in[n][k].
 *
 *   in       [tile of ROWS images][POSITIONS][ROWS][CHANNELS]   integers in bytes, CHANNELS a multiple of 16
 *   weights  [CLASSES][POSITIONS][CHANNELS]                     0 where a channel is padding
 *
 * One work-item makes one image's logits; sixteen partial sums each, added in a fixed order, so that a logit
 * does not depend on the batch.
 */
__kernel void lastLayer(__global const uchar* in, __global const float* weights, __global const float* bias,
                        __global float* logits) {
  const int image = get_global_id(0);
  in += ((long)(image / ROWS) * POSITIONS * ROWS + image % ROWS) * CHANNELS;
  for (int o = 0; o < CLASSES; o++) {
    float16 sums = 0;
    for (int position = 0; position < POSITIONS; position++)
      for (int c = 0; c < CHANNELS; c += 16)
        sums += convert_float16(vload16(0, in + (long)position * ROWS * CHANNELS + c)) *
                vload16(0, weights + ((long)o * POSITIONS + position) * CHANNELS + c);
    const float8 eight = sums.lo + sums.hi;
    const float4 four = eight.lo + eight.hi;
    logits[image * CLASSES + o] = bias[o] + ((four.x + four.z) + (four.y + four.w));
  }
}
