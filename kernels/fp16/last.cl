/*
 * The last layer: logits = scale W x + shift, with halves x and everything else in floats; after nvidia/ptx.cl and
 * halves.cl. A warp takes a class of an image, a lane 8 inputs at a time. Weights: [class][IN_IMAGE].
 */
__kernel __attribute__((reqd_work_group_size(WORK_ITEMS, 1, 1)))
void last(__global const uint4* in, __global const float8* weights, __global const float2* affine,
          __global float* logits, int images) {
  const int index = GROUP * 4 + WARP, image = index / CLASSES, class_ = index % CLASSES;
  if (image >= images) return;
  float sum = 0;
  for (int k = LANE; k < IN_IMAGE / 8; k += 32) {
    const uint4 words = in[(size_t)image * (IN_IMAGE / 8) + k];
    const float8 w = weights[class_ * (IN_IMAGE / 8) + k];
    const float2 x0 = unpackHalves(words.x), x1 = unpackHalves(words.y), x2 = unpackHalves(words.z);
    const float2 x3 = unpackHalves(words.w);
    sum += x0.x * w.s0 + x0.y * w.s1 + x1.x * w.s2 + x1.y * w.s3;
    sum += x2.x * w.s4 + x2.y * w.s5 + x3.x * w.s6 + x3.y * w.s7;
  }
  #pragma unroll
  for (int mask = 16; mask > 0; mask >>= 1) sum += exchangeFloat(sum, mask);
  if (LANE == 0) logits[index] = affine[class_].x * sum + affine[class_].y;
}
