/*
 * Raw bytes to a vector of eight planes, before a first layer that reads the whole input: the integer that the table of
 * the byte's channel gives, plus 128. INPUTS bytes an image, [y][x][c].
 *
 * A work-item takes 64 inputs of an image, a word of bytes at a time where images start at words.
 */
#define GROUPS_OF_64 ((INPUTS + 63) / 64)
#define BYTES_AT_ONCE (INPUTS % 16 == 0 ? 16 : INPUTS % 4 == 0 ? 4 : 1)
#define OUT_PLANE_QUADS ((size_t)OUT_QUADS * ROUNDED_IMAGES)

enum { NAME(localBytes) = CHANNELS * 256 };

static void NAME(load)(__global const uchar* image, int first, uchar bytes[64]) {
  #pragma unroll
  for (int i = 0; i < 64; i += BYTES_AT_ONCE) {
    const int from = min(first + i, INPUTS - BYTES_AT_ONCE);
    uint words[4];
    if (BYTES_AT_ONCE == 16) {
      const uint4 four = *(__global const uint4*)(image + from);
      words[0] = four.x, words[1] = four.y, words[2] = four.z, words[3] = four.w;
    } else {
      words[0] = BYTES_AT_ONCE == 4 ? *(__global const uint*)(image + from) : image[from];
    }
    #pragma unroll
    for (int b = 0; b < BYTES_AT_ONCE; b++) bytes[i + b] = (uchar)(words[b >> 2] >> (8 * (b & 3)));
  }
}

static ALWAYS_INLINE void NAME(layer)(__global const uchar* in, __global const uchar* table, __global uchar* out,
                        __global ushort* outSums, int images, __local uchar* local_) {
  for (int i = ITEM; i < CHANNELS * 256; i += WORK_ITEMS) local_[i] = table[i] ^ 128;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int index = GROUP * WORK_ITEMS + ITEM; index < images * GROUPS_OF_64; index += GROUPS * WORK_ITEMS) {
    const int image = index % images, group = index / images, first = group * 64;
    uchar bytes[64];
    NAME(load)(in + (size_t)image * INPUTS, first, bytes);
    uint sum = 0;
    uint planes[8][2];
    #pragma unroll
    for (int g = 0; g < 8; g++) {
      int y[8];
      #pragma unroll
      for (int i = 0; i < 8; i++) {
        const int k = 8 * i + g;
        y[i] = first + k < INPUTS ? local_[(first + k) % CHANNELS * 256 + bytes[k]] : 0;
        sum += y[i];
      }
      #pragma unroll
      for (int part = 0; part < 2; part++) {
        uint nibbles = 0;
        #pragma unroll
        for (int i = 3; i >= 0; i--)
          nibbles = packPair(y[i] >> 4 * part & 15, y[i + 4] >> 4 * part & 15, nibbles);
        const uint four = planesOf(nibbles);
        #pragma unroll
        for (int p = 0; p < 4; p++) {
          const uint moved = (four >> (8 * p) & 255) << (8 * (g & 3));
          planes[4 * part + p][g >> 2] = (g & 3) ? planes[4 * part + p][g >> 2] | moved : moved;
        }
      }
    }
    const size_t place = (size_t)(group >> 1) * ROUNDED_IMAGES + image;
    #pragma unroll
    for (int p = 0; p < 8; p++)
      *(__global uint2*)(out + (place + p * OUT_PLANE_QUADS) * QUAD + (group & 1) * 8) = (uint2)(planes[p][0], planes[p][1]);
    outSums[((size_t)image * OUT_QUADS + (group >> 1)) * 2 + (group & 1)] = (ushort)sum;
  }
}
