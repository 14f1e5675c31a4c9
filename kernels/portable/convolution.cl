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
 * A tile is TILE neighbouring outputs of a row, CHANNELS channels: in registers the ROWS x COLUMNS pixels under its
 * pool windows are convolved (one row of TILE pixels where nothing is pooled); see tile.cl. A run is one row of the
 * kernel: KERNEL_WIDTH pixels of all channels; there are KERNEL_HEIGHT of them. One work-item: TILES tiles.
 *
 * Global size: output channels / CHANNELS, tiles of an image / TILES, both rounded up, images.
 *
 * More constants from the host: INPUT_ROW and INPUT_IMAGE, OUTPUT_ROW and OUTPUT_IMAGE (floats from row to row
 * and image to image), OUTPUT_ORIGIN (floats before the first output pixel), OUTPUT_HEIGHT, OUTPUT_WIDTH, TILE,
 * KERNEL_HEIGHT, POOL_SIZE and POOL_STRIDE (1 and 1 where nothing is pooled).
 */
#define TILES_PER_ROW ((OUTPUT_WIDTH + TILE - 1) / TILE)
#define IMAGE_TILES (OUTPUT_HEIGHT * TILES_PER_ROW)

kernel void convolution(global const float *input, global const weight_t *weights,
                        global const float *scale, global const float *shift, global float *output)
{
    const uint firstChannel = get_global_id(0) * CHANNELS;
    const uint firstTile = get_global_id(1) * TILES;
    const uint tiles = min((uint)TILES, IMAGE_TILES - firstTile);
    const size_t image = get_global_id(2);

    floatv sum[TILES][PIXELS][VECTORS];
    for (uint i = 0; i < tiles; i++)
        clear(sum[i]);

    global const weight_t *group = groupWeights(weights, firstChannel, KERNEL_HEIGHT);
    for (uint ky = 0; ky < KERNEL_HEIGHT; ky++)
        for (uint i = 0; i < tiles; i++) {
            const uint y = (firstTile + i) / TILES_PER_ROW, x = (firstTile + i) % TILES_PER_ROW * TILE;
            global const float *corner = input + image * INPUT_IMAGE + y * POOL_STRIDE * ROW_STEP
                + x * POOL_STRIDE * COLUMN_STEP;
            addRun(sum[i], corner + ky * INPUT_ROW, group + (size_t)ky * WEIGHT_ROWS * GROUP);
        }

    for (uint i = 0; i < tiles; i++) {
        const uint y = (firstTile + i) / TILES_PER_ROW, x = (firstTile + i) % TILES_PER_ROW * TILE;
        global float *pixel = output + image * OUTPUT_IMAGE + OUTPUT_ORIGIN + y * OUTPUT_ROW
            + x * OUTPUT_CHANNELS;
#pragma unroll
        for (int t = 0; t < TILE; t++) {
            floatv largest[VECTORS];
#pragma unroll
            for (int v = 0; v < VECTORS; v++) {
                largest[v] = sum[i][t * POOL_STRIDE][v];
#pragma unroll
                for (int p = 1; p < POOL_SIZE * POOL_SIZE; p++)
                    largest[v] = fmax(largest[v],
                                      sum[i][p / POOL_SIZE * COLUMNS + p % POOL_SIZE + t * POOL_STRIDE][v]);
            }
            if (x + t < OUTPUT_WIDTH)
                finish(largest, scale, shift, firstChannel, pixel + t * OUTPUT_CHANNELS);
        }
    }
}
