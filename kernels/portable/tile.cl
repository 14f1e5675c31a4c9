/*
 * A register tile: ROWS x COLUMNS pixels by CHANNELS = VECTORS * VECTOR output channels, kept in the registers of
 * one work-item. Common to convolution.cl and linear.cl, whose source follows this text.
 *
 *   sum[p][c] += sum over k < RUN of  run[offset(p) + k] * weight[k][firstChannel + c]
 *
 *                    firstChannel .. firstChannel + CHANNELS - 1
 *                    +---------------------------------+
 *        weights  k  |  VECTORS loads, or as many      |   k = 0 .. RUN - 1
 *                    |  shifts                         |
 *                    +----------------+----------------+
 *   pixel 0  x[k] -> |  sum[0][0]     |  sum[0][1]     |   a multiply-add of VECTOR lanes each,
 *   pixel 1  x[k] -> |  sum[1][0]     |  sum[1][1]     |   x[k] broadcast
 *   ...              |  ...           |  ...           |
 *                    +----------------+----------------+
 *
 * A processor loads two vectors a cycle and multiplies two: P pixels and V vectors take P + V loads for P * V
 * multiply-adds, so that more than one vector a pixel keeps the multipliers busy.
 *
 * A run is a stretch of the activations that lies contiguous in memory: the channels of KERNEL_WIDTH
 * neighbouring pixels, or the whole input of a linear layer. Pixel p of the tile reads the same run, offset by
 * its row and column.
 *
 * Weights lie in groups of GROUP output channels (a multiple of CHANNELS; channels behind the last are 0):
 *
 *   real     [output groups][run number][RUN][GROUP]            float
 *   one bit  [output groups][run number][RUN / 32, up][GROUP]   uint: bit 31 - k % 32 of word k / 32 is
 *                                                               set where the weight is -1
 *
 * On a CPU GROUP is CHANNELS, so that a work-item streams through its weights; on a GPU neighbouring work-items
 * load neighbouring vectors of one group. A one-bit weight costs a shift and a logical operation: the bit
 * becomes the sign of 1.0f. Products with +-1 are exact.
 *
 * Weights of all runs may not fit the caches. So a work-item makes TILES tiles, run by run: the weights of one run
 * are used for each tile, whose sums wait in memory meanwhile.
 *
 * Constants from the host: VECTOR, VECTORS, GROUP, TILES, BINARY, ROWS, COLUMNS, ROW_STEP, COLUMN_STEP (floats between
 * neighbouring pixels), RUN, OUTPUT_CHANNELS, RELU.
 */
#pragma OPENCL FP_CONTRACT ON

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
typedef JOIN(float, VECTOR) floatv;
typedef JOIN(uint, VECTOR) uintv;
#define loadFloats JOIN(vload, VECTOR)
#define loadWords JOIN(vload, VECTOR)
#define storeFloats JOIN(vstore, VECTOR)
#define asFloats JOIN(as_float, VECTOR)

#define CHANNELS (VECTORS * VECTOR)
#define PIXELS (ROWS * COLUMNS)
#define PIXEL_OFFSET(p) ((p) / COLUMNS * ROW_STEP + (p) % COLUMNS * COLUMN_STEP)

#if BINARY
typedef uint weight_t;
#define WEIGHT_ROWS ((RUN + 31) / 32)
#else
typedef float weight_t;
#define WEIGHT_ROWS RUN
#endif

/* Where the weights of the group of `firstChannel` begin, for kernels of `runs` runs. */
inline global const weight_t *groupWeights(global const weight_t *weights, uint firstChannel, uint runs)
{
    return weights + (size_t)(firstChannel / GROUP) * runs * WEIGHT_ROWS * GROUP + firstChannel % GROUP;
}

inline void clear(floatv sum[PIXELS][VECTORS])
{
#pragma unroll
    for (int p = 0; p < PIXELS; p++)
#pragma unroll
        for (int v = 0; v < VECTORS; v++)
            sum[p][v] = 0.0f;
}

inline void copyTile(floatv to[PIXELS][VECTORS], floatv from[PIXELS][VECTORS])
{
#pragma unroll
    for (int p = 0; p < PIXELS; p++)
#pragma unroll
        for (int v = 0; v < VECTORS; v++)
            to[p][v] = from[p][v];
}

inline void multiplyAdd(floatv sum[PIXELS][VECTORS], global const float *activation, const floatv weight[VECTORS])
{
#pragma unroll
    for (int p = 0; p < PIXELS; p++)
#pragma unroll
        for (int v = 0; v < VECTORS; v++)
            sum[p][v] += activation[PIXEL_OFFSET(p)] * weight[v];
}

/* Adds one run to the tile. */
inline void addRun(floatv tile[PIXELS][VECTORS], global const float *run, global const weight_t *weights)
{
    floatv sum[PIXELS][VECTORS];
    copyTile(sum, tile);
    floatv weight[VECTORS];
#if BINARY
    for (uint k = 0; k < RUN; k += 32) {
        uintv bits[VECTORS];
#pragma unroll
        for (int v = 0; v < VECTORS; v++)
            bits[v] = loadWords(v, weights + k / 32 * GROUP);
        const uint end = min(k + 32, (uint)RUN);
        for (uint j = k; j < end; j++) {
#pragma unroll
            for (int v = 0; v < VECTORS; v++) {
                weight[v] = asFloats((bits[v] & 0x80000000u) | 0x3f800000u);
                bits[v] <<= 1;
            }
            multiplyAdd(sum, run + j, weight);
        }
    }
#else
    for (uint k = 0; k < RUN; k++) {
#pragma unroll
        for (int v = 0; v < VECTORS; v++)
            weight[v] = loadFloats(v, weights + (size_t)k * GROUP);
        multiplyAdd(sum, run + k, weight);
    }
#endif
    copyTile(tile, sum);
}

/* scale * sum + shift, rectified if the layer says so, stored at the channels that exist. */
inline void finish(const floatv sum[VECTORS], global const float *scale, global const float *shift,
                   uint firstChannel, global float *output)
{
#pragma unroll
    for (int v = 0; v < VECTORS; v++) {
        floatv y = loadFloats(v, scale + firstChannel) * sum[v] + loadFloats(v, shift + firstChannel);
#if RELU
        y = fmax(y, (floatv)0.0f);
#endif
#if OUTPUT_CHANNELS % CHANNELS == 0
        storeFloats(y, v, output + firstChannel);
#else
        float lanes[VECTOR];
        storeFloats(y, 0, lanes);
        const uint first = firstChannel + v * VECTOR;
        for (uint i = 0; i < VECTOR && first + i < OUTPUT_CHANNELS; i++)
            output[first + i] = lanes[i];
#endif
    }
}
