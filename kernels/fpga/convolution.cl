/*
 * A convolution and the max pool behind it: FOLDS x CHUNKS cycles for each pixel of the output before the pool,
 * PE channels times SIMD inputs of the window each (multiply.cl).
 *
 *   weights     [FOLDS][CHUNKS][PE][PARTS] lanes: bit i of lane (f, c, p, q) belongs to output f * PE + p and to
 *               input c * SIMD + q * LANE + i of the window, [ky][kx][CHANNELS]; a row is read a cycle
 *   multiplier, addend   [OUTPUTS]
 *   IN          words of IN_WIDTH channels, WORDS a pixel
 *   OUT         words of PE channels, FOLDS a pixel
 *
 * Pixels shift through KERNEL_HEIGHT rows. The window's registers hold the last KERNEL_WIDTH pixels of each, and
 * between two rows lie WIDTH pixels in memory on the chip, at the pixel's number modulo WIDTH:
 *
 *   next -> window[2][2] -> [2][1] -> [2][0]
 *    +--> rows[1] -> window[1][2] -> [1][1] -> [1][0]
 *           +------> rows[0] -> window[0][2] -> [0][1] -> [0][0]
 *
 * No padding passes through: when the window stands over the edge, the taps outside are taken as PAD, and what lies
 * in them is the other end of a row or the next image. So images follow each other without a gap. The output at
 * (y, x) is computed when the pixel KERNEL - 1 - PADDING rows and columns behind it has arrived, LAG pixels later.
 *
 * One loop, one step a cycle. A round takes one pixel: it shifts the pixel that was read in the last round into the
 * window, reads the next one during its first WORDS steps, and computes during its FOLDS x CHUNKS steps; where the
 * stride has no output, it only reads. Pooled sums wait in `best`, a row of outputs.
 *
 * For a compiler of chips: a place of `rows` is used again after ROWS_DISTANCE steps at the earliest, one of `best`
 * after FOLD_STEPS = FOLDS x CHUNKS; where that is shorter than the way through the memory, the loop starts a step less
 * often than every cycle. Choosing a chunk of the window is a multiplexer with CHUNKS inputs. Nobody has compiled
 * this for a board yet.
 */
#define TAPS (KERNEL_HEIGHT * KERNEL_WIDTH)
#define LAG ((KERNEL_HEIGHT - 1 - PADDING) * WIDTH + KERNEL_WIDTH - 1 - PADDING + 1)
#define ROUND_STEPS (FOLD_STEPS > WORDS ? FOLD_STEPS : WORDS)
#define POOLED_WIDTH (CONVOLVED_WIDTH / POOL)
/* Lanes of a pixel: lane l, plane k at l * BITS + k. */
#define PIXEL (LANES * BITS)

/* Adds a lane of the window, or of the padding, to `planes`, where the mask lets it. */
#define TAKE(windowLane, mask)                                                                               \
  {                                                                                                          \
    const int tap = (windowLane) / LANES, l = (windowLane) % LANES * BITS;                                   \
    const int isInside = inside >> tap & 1;                                                                  \
    UNROLL for (int k = 0; k < BITS; k++) {                                                                  \
      const LANE_TYPE pad = (PAD >> k & 1) ? ALL_ONES : 0;                                                   \
      planes[k] |= (LANE_TYPE)(mask) & (isInside ? window[tap / KERNEL_WIDTH][tap % KERNEL_WIDTH][l + k] : pad); \
    }                                                                                                        \
  }

/* Bit t is set where tap t of the window at (y, x) lies in the image. */
static ulong NAME(insideAt)(int y, int x) {
  ulong inside = 0;
  UNROLL for (int t = 0; t < TAPS; t++) {
    const int v = y - PADDING + t / KERNEL_WIDTH, u = x - PADDING + t % KERNEL_WIDTH;
    inside |= (ulong)(v >= 0 && v < HEIGHT && u >= 0 && u < WIDTH) << t;
  }
  return inside;
}

static int NAME(isOutput)(int y, int x) {
  return y % STRIDE == 0 && x % STRIDE == 0 && y / STRIDE < CONVOLVED_HEIGHT && x / STRIDE < CONVOLVED_WIDTH;
}

SINGLE KERNEL_NAME(int images, int shift, __global const LANE_TYPE* restrict givenWeights,
                   __global const uint* restrict givenMultiplier,
                   __global const uint* restrict givenAddend TAP_PARAMETER STREAM_IN(IN_WORD, IN)
                       STREAM_OUT(OUT_WORD, OUT)) {
  OPEN(IN) OPEN(OUT) OPEN_TAP
  WEIGHTS
  SCALES
  LANE_TYPE next[PIXEL] REGISTERS;
  LANE_TYPE window[KERNEL_HEIGHT][KERNEL_WIDTH][PIXEL] REGISTERS;
#if KERNEL_HEIGHT > 1
  MEMORY(LANE_TYPE, LANE_BYTES, rows, WIDTH, (KERNEL_HEIGHT - 1) * PIXEL, ROWS_BANKS)
#endif
#if POOL > 1
  MEMORY(int, 4, best, POOLED_WIDTH * FOLDS, PE, PE_BANKS)
#endif
  uint sums[PE] REGISTERS;
  uint whole = 0;
  ulong inside = 0;
  /* The pixel that was read last, modulo WIDTH; the place whose output is computed. */
  int column = -1, y = 0, x = -LAG, computes = 0;
  int step = 0, fold = 0, chunk = 0;
  const int pixels = images * HEIGHT * WIDTH;
  int unread = pixels;
  const long outputSteps = (long)images * CONVOLVED_HEIGHT * CONVOLVED_WIDTH;

  PIPELINE
#if KERNEL_HEIGHT > 1 && ROWS_DISTANCE >= SHORTEST_WAY
  NO_DEPENDENCE(rows, ROWS_DISTANCE)
#endif
#if POOL > 1 && FOLD_STEPS >= SHORTEST_WAY
  NO_DEPENDENCE(best, FOLD_STEPS)
#endif
  for (long i = outputSteps * ROUND_STEPS + (pixels + LAG - outputSteps) * WORDS; i > 0; i--) {
    if (step == 0) {
      if (column >= 0) {
        UNROLL for (int ky = 0; ky < KERNEL_HEIGHT; ky++)
          UNROLL for (int kx = 0; kx < KERNEL_WIDTH - 1; kx++)
            UNROLL for (int l = 0; l < PIXEL; l++) window[ky][kx][l] = window[ky][kx + 1][l];
        UNROLL for (int l = 0; l < PIXEL; l++) {
          LANE_TYPE arriving = next[l];
          window[KERNEL_HEIGHT - 1][KERNEL_WIDTH - 1][l] = arriving;
#if KERNEL_HEIGHT > 1
          UNROLL for (int ky = KERNEL_HEIGHT - 2; ky >= 0; ky--) {
            const LANE_TYPE leaving = rows[column][ky * PIXEL + l];
            rows[column][ky * PIXEL + l] = arriving;
            window[ky][KERNEL_WIDTH - 1][l] = arriving = leaving;
          }
#endif
        }
      }
      computes = x >= 0 && NAME(isOutput)(y, x);
      inside = NAME(insideAt)(y, x);
      fold = chunk = 0;
    }

    if (step < WORDS && unread > 0) {
      IN_WORD word;
      READ(word, IN);
      /* Channels step * IN_WIDTH and on of the next pixel, in groups that lie in one lane. */
      UNROLL for (int g = 0; g < IN_WIDTH; g += GROUP) UNROLL for (int k = 0; k < BITS; k++) {
        const int first = step * IN_WIDTH + g, lane = first / LANE, place = first % LANE;
        LANE_TYPE bits = 0;
        UNROLL for (int s = 0; s < GROUP; s++) bits |= (LANE_TYPE)((LANE_TYPE)(word.v[g + s] >> k & 1) << s);
        next[lane * BITS + k] = (place == 0 ? 0 : next[lane * BITS + k]) | (LANE_TYPE)(bits << place);
      }
      if (step == WORDS - 1) unread--;
    }

    if (computes && step < FOLD_STEPS) {
      UNROLL for (int p = 0; p < PE; p++) sums[p] = chunk == 0 ? 0 : sums[p];
      whole = chunk == 0 ? 0 : whole;
      UNROLL for (int q = 0; q < PARTS; q++) {
        LANE_TYPE planes[BITS] REGISTERS;
        UNROLL for (int k = 0; k < BITS; k++) planes[k] = 0;
        /* For a chip every register is read at a place that the compiler knows, and all but one are masked. */
#if defined(UNROLLED)
        UNROLL for (int c = 0; c < CHUNKS; c++) TAKE(c * PARTS + q, c == chunk ? ALL_ONES : 0)
#else
        TAKE(chunk * PARTS + q, ALL_ONES)
#endif
        whole += NAME(picked)(planes, ALL_ONES);
        UNROLL for (int p = 0; p < PE; p++)
          sums[p] += NAME(picked)(planes, WEIGHT(fold * CHUNKS + chunk, p, q));
      }
      if (++chunk == CHUNKS) {
        chunk = 0;
        OUT_WORD word;
#if POOL > 1
        const int row = y / STRIDE, place = x / STRIDE;
        const int isFirst = row % POOL == 0 && place % POOL == 0;
        const int isLast = row % POOL == POOL - 1 && place % POOL == POOL - 1;
        const int isPooled = row / POOL < CONVOLVED_HEIGHT / POOL && place / POOL < POOLED_WIDTH;
#endif
        UNROLL for (int p = 0; p < PE; p++) {
          int d = (int)(2 * sums[p] - whole);
#if POOL > 1
          if (isPooled) {
            if (!isFirst) d = max(d, best[place / POOL * FOLDS + fold][p]);
            best[place / POOL * FOLDS + fold][p] = d;
          }
#endif
          word.v[p] = NAME(requantized)(d, MULTIPLIER(fold, p), ADDEND(fold, p), shift);
        }
#if POOL > 1
        if (isPooled && isLast)
#endif
        {
          TAP(word, PE);
          WRITE(OUT, word);
        }
        fold++;
      }
    }

    if (++step == (computes ? ROUND_STEPS : WORDS)) {
      step = 0;
      column = column == WIDTH - 1 ? 0 : column + 1;
      x++;
      /* Before the first output x counts up from -LAG; then y, x go through image after image. */
      if (x == WIDTH) {
        x = 0;
        y = y == HEIGHT - 1 ? 0 : y + 1;
      }
    }
  }
}
