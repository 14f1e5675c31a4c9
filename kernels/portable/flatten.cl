/*
 * Flatten: y[n][(c * height + i) * width + j] = x[n][i][j][c], because a trained network counts the elements of
 * a flat vector channels first, and activations lie channels last.
 *
 *   x  [ a0 b0 c0 ][ a1 b1 c1 ] ...    ->    y  a0 a1 ... b0 b1 ... c0 c1 ...
 *
 * One work-item: one number; neighbours read neighbouring channels. Global size: WIDTH * CHANNELS, HEIGHT,
 * images.
 *
 * Constants from the host: CHANNELS, HEIGHT, WIDTH, and ROW, IMAGE, ORIGIN of both sides (see convolution.cl);
 * the output is one pixel of CHANNELS * HEIGHT * WIDTH channels.
 */
kernel void flatten(global const float *input, global float *output)
{
    const size_t x = get_global_id(0);
    const size_t y = get_global_id(1);
    const size_t image = get_global_id(2);
    const size_t element = (x % CHANNELS * HEIGHT + y) * WIDTH + x / CHANNELS;
    output[image * OUTPUT_IMAGE + OUTPUT_ORIGIN + element]
        = input[image * INPUT_IMAGE + INPUT_ORIGIN + y * INPUT_ROW + x];
}
