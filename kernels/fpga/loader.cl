/*
 * From memory into the first stream: WIDTH bytes a cycle, in the order in which they lie.
 *
 *   images  [image][row][column][CHANNELS]   raw bytes, ELEMENTS an image
 *   table   [CHANNELS][256]                  the integer of a byte + 128
 */
SINGLE KERNEL_NAME(int images, __global const uchar* restrict bytes,
              __global const uchar* restrict integers STREAM_OUT(OUT_WORD, OUT)) {
  OPEN(OUT)
  LOCAL_COPY(uchar, table, integers, CHANNELS * 256)
  PIPELINE
  for (int i = 0; i < images * (ELEMENTS / WIDTH); i++) {
    OUT_WORD word;
    UNROLL for (int s = 0; s < WIDTH; s++) {
      const int at = i * WIDTH + s;
      word.v[s] = table[at % CHANNELS * 256 + bytes[at]];
    }
    WRITE(OUT, word);
  }
}
