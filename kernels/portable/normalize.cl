/*
 * Raw bytes to normalized floats: y[n][i][j][c] = table[c][x[n][i][j][c]].
 *
 * The host computes table[c][b] = (b / 255 - mean[c]) / deviation[c] for the 256 bytes, so every device
 * normalizes alike, bit for bit. Both sides are [image][row][column][channel]; the output has the border of
 * the next layer's zero padding.
 *
 *   bytes  r g b r g b r g b ...      ->   floats  0 0 0  r g b r g b r g b ...  0 0 0
 *
 * One work-item: one number. Global size: WIDTH * CHANNELS, height, images.
 *
 * Constants from the host: WIDTH, CHANNELS, OUTPUT_ROW, OUTPUT_IMAGE, OUTPUT_ORIGIN (see convolution.cl).
 */
kernel void normalizeBytes(global const uchar *input, global const float *table, global float *output)
{
    const size_t x = get_global_id(0);
    const size_t y = get_global_id(1);
    const size_t image = get_global_id(2);
    const uchar byte = input[(image * get_global_size(1) + y) * (WIDTH * CHANNELS) + x];
    output[image * OUTPUT_IMAGE + OUTPUT_ORIGIN + y * OUTPUT_ROW + x] = table[x % CHANNELS * 256 + byte];
}
