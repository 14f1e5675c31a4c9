/*
 * A batch norm or ReLU that follows no multiplication: y[n][i][j][c] = relu?(scale[c] * x[n][i][j][c] + shift[c]).
 *
 * Both sides are [image][row][column][channel], each with the border of the next layer's zero padding, which is
 * not touched: scale and shift must not reach it.
 *
 *   x  0 0 [ a b c ][ a b c ] 0 0    ->    y  0 [ a' b' c' ][ a' b' c' ] 0
 *
 * One work-item: one number. Global size: width * CHANNELS, height, images.
 *
 * Constants from the host: CHANNELS, RELU, and ROW, IMAGE, ORIGIN of both sides (see convolution.cl).
 */
kernel void affine(global const float *input, global const float *scale, global const float *shift,
                   global float *output)
{
    const size_t x = get_global_id(0);
    const size_t y = get_global_id(1);
    const size_t image = get_global_id(2);
    const float value = input[image * INPUT_IMAGE + INPUT_ORIGIN + y * INPUT_ROW + x];
    const float result = scale[x % CHANNELS] * value + shift[x % CHANNELS];
    output[image * OUTPUT_IMAGE + OUTPUT_ORIGIN + y * OUTPUT_ROW + x] = RELU ? fmax(result, 0.0f) : result;
}
