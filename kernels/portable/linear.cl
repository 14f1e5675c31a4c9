/*
 * Linear layer, scale and shift, ReLU, in one pass:
 *
 *   y[n][o] = relu?(scale[o] * (sum over i of x[n][i] * w[o][i]) + shift[o])
 *
 * A tile is COLUMNS images by CHANNELS outputs; its only run is the whole input. See tile.cl. One work-item: TILES
 * tiles. Images read behind the last one lie in the spare space behind the buffer; what they give is not stored.
 *
 * Global size: outputs / CHANNELS, images / COLUMNS / TILES, both rounded up.
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
    const uint firstChannel = get_global_id(0) * CHANNELS;
    const uint first = get_global_id(1) * COLUMNS * TILES;
    const uint tiles = min((uint)TILES, (images - first + COLUMNS - 1) / COLUMNS);

    floatv sum[TILES][PIXELS][VECTORS];
    for (uint i = 0; i < tiles; i++)
        clear(sum[i]);

    global const weight_t *group = groupWeights(weights, firstChannel, 1);
    for (uint i = 0; i < tiles; i++)
        addRun(sum[i], input + (size_t)(first + i * COLUMNS) * COLUMN_STEP, group);

    for (uint i = 0; i < tiles; i++)
#pragma unroll
        for (uint p = 0; p < COLUMNS; p++) {
            const uint image = first + i * COLUMNS + p;
            if (image < images)
                finish(sum[i][p], scale, shift, firstChannel, output + OUTPUT_ORIGIN + (size_t)image * OUTPUT_IMAGE);
        }
}
