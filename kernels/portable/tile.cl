/*
 * A register tile: ROWS x COLUMNS pixels by VECTOR output channels, kept in the registers of one work-item.
 * Common to convolution.cl and linear.cl, whose source follows this text.
 *
 *   sum[p][v] += sum over k < RUN of  run[offset(p) + k] * weight[k][firstChannel + v]
 *
 *                    firstChannel .. firstChannel + VECTOR - 1
 *                    +---------------------------------+
 *        weights  k  |  one vector load, or one shift  |   k = 0 .. RUN - 1
 *                    +---------------------------------+
 *   pixel 0  x[k] -> |  sum[0]                         |   one multiply-add of VECTOR lanes each,
 *   pixel 1  x[k] -> |  sum[1]                         |   x[k] broadcast
 *   ...              |  ...                            |
 *                    +---------------------------------+
 *
 * A run is a stretch of the activations that lies contiguous in memory: the channels of KERNEL_WIDTH
 * neighbouring pixels, or the whole input of a linear layer. Pixel p of the tile reads the same run, offset by
 * its row and column.
 *
 * Weights lie in groups of GROUP output channels (a multiple of VECTOR; channels behind the last are 0):
 *
 *   real     [output groups][run number][RUN][GROUP]            float
 *   one bit  [output groups][run number][RUN / 32, up][GROUP]   uint: bit 31 - k % 32 of word k / 32 is
 *                                                               set where the weight is -1
 *
 * On a CPU GROUP is VECTOR, so that a work-item streams through its weights; on a GPU neighbouring work-items
 * load neighbouring vectors of one group. A one-bit weight costs a shift and a logical operation: the bit
 * becomes the sign of 1.0f. Products with +-1 are exact.
 *
 * Constants from the host: VECTOR, GROUP, BINARY, ROWS, COLUMNS, ROW_STEP, COLUMN_STEP (floats between
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

inline void multiplyAdd(floatv sum[PIXELS], global const float *activation, floatv weight)
{
#pragma unroll
    for (int p = 0; p < PIXELS; p++)
        sum[p] += activation[PIXEL_OFFSET(p)] * weight;
}

/* Adds one run to the tile. */
inline void addRun(floatv sum[PIXELS], global const float *run, global const weight_t *weights)
{
#if BINARY
    for (uint k = 0; k < RUN; k += 32) {
        uintv bits = loadWords(0, weights + k / 32 * GROUP);
        const uint end = min(k + 32, (uint)RUN);
        for (uint j = k; j < end; j++) {
            multiplyAdd(sum, run + j, asFloats((bits & 0x80000000u) | 0x3f800000u));
            bits <<= 1;
        }
    }
#else
    for (uint k = 0; k < RUN; k++)
        multiplyAdd(sum, run + k, loadFloats(0, weights + (size_t)k * GROUP));
#endif
}

/* scale * sum + shift, rectified if the layer says so, stored at the channels that exist. */
inline void finish(floatv sum, floatv scale, floatv shift, uint firstChannel, global float *output)
{
    floatv y = scale * sum + shift;
#if RELU
    y = fmax(y, (floatv)0.0f);
#endif
#if OUTPUT_CHANNELS % VECTOR == 0
    storeFloats(y, 0, output + firstChannel);
#else
    float lanes[VECTOR];
    storeFloats(y, 0, lanes);
    for (uint v = 0; v < VECTOR && firstChannel + v < OUTPUT_CHANNELS; v++)
        output[firstChannel + v] = lanes[v];
#endif
}
