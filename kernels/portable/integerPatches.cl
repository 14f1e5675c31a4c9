/*
 * Raw bytes of a batch to the first layer's windows.
 *
 *   patches[(tile * POSITIONS + position) * ROWS + row][k] = integer of a byte + ZERO
 *
 * Image = tile * ROWS + row. k runs over the window, row by row: (ky * KERNEL_WIDTH + kx) * CHANNELS + c; the
 * bytes from KERNEL_HEIGHT * KERNEL_WIDTH * CHANNELS to PATCH are not used, because their weights are 0. Outside
 * the image stands ZERO, the integer 0. One work-item makes one row of positions of one image.
 *
 * The first layer then is a 1 x 1 convolution with PATCH channels.
 */
__kernel void patches(__global const uchar* images, __global const uchar* table, __global uchar* out,
                      int firstImage) {
  const int y = get_global_id(0);
  const int image = get_global_id(1);
  uchar rows[KERNEL_HEIGHT * ROW_BYTES];

  for (int ky = 0; ky < KERNEL_HEIGHT; ky++) {
    const int v = y * STRIDE + ky - PADDING;
    uchar* row = rows + ky * ROW_BYTES;
    if (v < 0 || v >= HEIGHT) {
      for (int i = 0; i < ROW_BYTES; i++) row[i] = ZERO;
      continue;
    }
    __global const uchar* bytes = images + ((long)(firstImage + image) * HEIGHT + v) * WIDTH * CHANNELS;
    for (int i = 0; i < PADDING * CHANNELS; i++) row[i] = row[(PADDING + WIDTH) * CHANNELS + i] = ZERO;
    for (int x = 0; x < WIDTH; x++)
      for (int c = 0; c < CHANNELS; c++)
        row[(PADDING + x) * CHANNELS + c] = table[c * 256 + bytes[x * CHANNELS + c]];
  }

  __global uchar* patch =
      out + (((long)(image / ROWS) * CONVOLVED_HEIGHT + y) * CONVOLVED_WIDTH * ROWS + image % ROWS) * PATCH;
  for (int x = 0; x < CONVOLVED_WIDTH; x++, patch += ROWS * PATCH)
    for (int ky = 0; ky < KERNEL_HEIGHT; ky++)
      for (int i = 0; i < KERNEL_WIDTH * CHANNELS; i++)
        patch[ky * KERNEL_WIDTH * CHANNELS + i] = rows[ky * ROW_BYTES + x * STRIDE * CHANNELS + i];
}
