/*
 * A max pool that follows no convolution: y[n][i][j][c] = max over dy, dx < SIZE of
 * x[n][i * STRIDE + dy][j * STRIDE + dx][c].
 *
 * Both sides are [image][row][column][channel], each with the border of the next layer's zero padding.
 *
 *   x  +-----+-----+--      y  +---+---
 *      | . . | . . |           | m | m
 *      | . . | . . |   ->      +---+---
 *      +-----+-----+--
 *
 * One work-item: one number; neighbours differ in channel, then in column. Global size: output width *
 * CHANNELS, output height, images.
 *
 * Constants from the host: CHANNELS, SIZE, STRIDE, and ROW, IMAGE, ORIGIN of both sides (see convolution.cl).
 */
kernel void maxPool(global const float *input, global float *output)
{
    const size_t x = get_global_id(0);
    const size_t y = get_global_id(1);
    const size_t image = get_global_id(2);
    global const float *window = input + image * INPUT_IMAGE + INPUT_ORIGIN + y * STRIDE * INPUT_ROW
        + x / CHANNELS * STRIDE * CHANNELS + x % CHANNELS;
    float largest = -INFINITY;
    for (uint dy = 0; dy < SIZE; dy++)
        for (uint dx = 0; dx < SIZE; dx++)
            largest = fmax(largest, window[dy * INPUT_ROW + dx * CHANNELS]);
    output[image * OUTPUT_IMAGE + OUTPUT_ORIGIN + y * OUTPUT_ROW + x] = largest;
}
