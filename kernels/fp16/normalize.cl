/*
 * Raw bytes, [image][row][column][channel], to halves by a table for each channel; where they lie: convolution.cl.
 * A work-item takes a pixel. Global size: columns, rows, images.
 */
__kernel void normalize(__global const uchar* in, __global const ushort* table, __global ushort* out) {
  const size_t x = get_global_id(0), y = get_global_id(1), image = get_global_id(2);
  __global const uchar* from = in + ((image * get_global_size(1) + y) * get_global_size(0) + x) * CHANNELS;
  __global ushort* to = out + image * OUT_IMAGE + OUT_ORIGIN + y * OUT_ROW + x * OUT_CHANNELS;
  #pragma unroll
  for (int c = 0; c < CHANNELS; c++) to[c] = table[c * 256 + from[c]];
}
