/*
 * Convolution, max pool, scale and shift, ReLU, in one pass:
 *
 *   y[n][i][j][o] = relu?(scale[o] * max over the pool window of s[n][pi][pj][o] + shift[o])
 *   s[n][pi][pj][o] = sum over ky, kx, c of
 *                     x[n][pi * stride + ky][pj * stride + kx][c] * w[o][ky][kx][c]
 *
 * Activations are [image][row][column][channel]. Zero padding lies in memory, as a border around each image
 * that is cleared once and never written, so no loop asks where the image ends. What a last tile reads behind
 * its row belongs to the next row, or to spare space behind the buffer; what comes of it is not stored.
 *
 *    input row, border included                    output row, with the next layer's border
 *   +-------------------------------+             +-------------------------+
 *   | 0   0   0   0   0   0   0   0 |             | 0   0   0   0   0   0   |
 *   | 0 [ ROWS x COLUMNS  ]       0 |    pool     | 0 [ TILE  ]         0   |
 *   | 0 [ convolved pixels]       0 |   ------>   | 0                   0   |
 *   | 0                           0 |             | 0   0   0   0   0   0   |
 *
 * One work-item: TILE neighbouring outputs of a row, VECTOR channels. In registers it convolves the
 * ROWS x COLUMNS pixels under its pool windows (one row of TILE pixels where nothing is pooled); see tile.cl. A
 * run is one row of the kernel: KERNEL_WIDTH pixels of all channels; there are KERNEL_HEIGHT of them.
 *
 * Global size: output channels / VECTOR (rounded up), tiles of an image, images.
 *
 * More constants from the host: INPUT_ROW and INPUT_IMAGE, OUTPUT_ROW and OUTPUT_IMAGE (floats from row to row
 * and image to image), OUTPUT_ORIGIN (floats before the first output pixel), OUTPUT_WIDTH, TILE, KERNEL_HEIGHT,
 * POOL_SIZE and POOL_STRIDE (1 and 1 where nothing is pooled).
 */
#define TILES_PER_ROW ((OUTPUT_WIDTH + TILE - 1) / TILE)

kernel void convolution(global const float *input, global const weight_t *weights,
                        global const float *scale, global const float *shift, global float *output)
{
    const uint firstChannel = get_global_id(0) * VECTOR;
    const uint y = get_global_id(1) / TILES_PER_ROW;
    const uint x = get_global_id(1) % TILES_PER_ROW * TILE;
    const size_t image = get_global_id(2);

    floatv sum[PIXELS];
    for (int p = 0; p < PIXELS; p++)
        sum[p] = 0.0f;

    global const float *corner = input + image * INPUT_IMAGE + y * POOL_STRIDE * ROW_STEP
        + x * POOL_STRIDE * COLUMN_STEP;
    global const weight_t *group = groupWeights(weights, firstChannel, KERNEL_HEIGHT);
    for (uint ky = 0; ky < KERNEL_HEIGHT; ky++)
        addRun(sum, corner + ky * INPUT_ROW, group + (size_t)ky * WEIGHT_ROWS * GROUP);

    const floatv channelScale = loadFloats(0, scale + firstChannel);
    const floatv channelShift = loadFloats(0, shift + firstChannel);
    global float *pixel = output + image * OUTPUT_IMAGE + OUTPUT_ORIGIN + y * OUTPUT_ROW
        + x * OUTPUT_CHANNELS;
#pragma unroll
    for (int t = 0; t < TILE; t++) {
        floatv largest = sum[t * POOL_STRIDE];
#pragma unroll
        for (int p = 1; p < POOL_SIZE * POOL_SIZE; p++)
            largest = fmax(largest, sum[p / POOL_SIZE * COLUMNS + p % POOL_SIZE + t * POOL_STRIDE]);
        if (x + t < OUTPUT_WIDTH)
            finish(largest, channelScale, channelShift, firstChannel, pixel + t * OUTPUT_CHANNELS);
    }
}
