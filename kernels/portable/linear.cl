/*
 * Linear layer, scale and shift, ReLU, in one pass:
 *
 *   y[n][o] = relu?(scale[o] * (sum over i of x[n][i] * w[o][i]) + shift[o])
 *
 * One work-item: COLUMNS images by VECTOR outputs; its only run is the whole input. See tile.cl. Images read
 * behind the last one lie in the spare space behind the buffer; what they give is not stored.
 *
 * Global size: outputs / VECTOR, images / COLUMNS, both rounded up.
 *
 *   x  image 0 [ i0 i1 i2 ...   ]  \                       channels of this item
 *      image 1 [ i0 i1 i2 ...   ]   | COLUMNS images  x  [ weights of i0 ]  ->  y  image 0 .. COLUMNS - 1
 *      ...                         /                     [ weights of i1 ]
 *
 * More constants from the host: OUTPUT_IMAGE, OUTPUT_ORIGIN (see convolution.cl).
 */
kernel void linear(global const float *input, global const weight_t *weights,
                   global const float *scale, global const float *shift, global float *output,
                   const uint images)
{
    const uint firstChannel = get_global_id(0) * VECTOR;
    const uint first = get_global_id(1) * COLUMNS;

    floatv sum[PIXELS];
    for (int p = 0; p < PIXELS; p++)
        sum[p] = 0.0f;

    addRun(sum, input + (size_t)first * COLUMN_STEP, groupWeights(weights, firstChannel, 1));

    const floatv channelScale = loadFloats(0, scale + firstChannel);
    const floatv channelShift = loadFloats(0, shift + firstChannel);
#pragma unroll
    for (int p = 0; p < COLUMNS; p++)
        if (first + p < images)
            finish(sum[p], channelScale, channelShift, firstChannel,
                   output + OUTPUT_ORIGIN + (size_t)(first + p) * OUTPUT_IMAGE);
}
