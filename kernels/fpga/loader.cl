/*
 * From memory into the first stream: WIDTH bytes a cycle, in the order in which they lie.
 *
 *   images  [image][row][column][CHANNELS]   raw bytes, ELEMENTS an image
 *   table   [CHANNELS][256]                  the integer of a byte + 128
 *
 * On the chip the table is there once for each byte of a word, because each looks up another place in a cycle.
 */
SINGLE KERNEL_NAME(int images, __global const uchar* restrict bytes,
              __global const uchar* restrict integers STREAM_OUT(OUT_WORD, OUT)) {
  OPEN(OUT)
#if defined(ON_CHIP)
  MEMORY_IN(__local, uchar, 1, table, CHANNELS * 256, WIDTH, WORD_BANKS)
  PIPELINE for (int i = 0; i < CHANNELS * 256; i++) {
    const uchar integer = integers[i];
    UNROLL for (int s = 0; s < WIDTH; s++) table[i][s] = integer;
  }
#define INTEGER(place, s) table[place][s]
#else
#define INTEGER(place, s) integers[place]
#endif
  PIPELINE
  for (int i = 0; i < images * (ELEMENTS / WIDTH); i++) {
    OUT_WORD word;
    UNROLL for (int s = 0; s < WIDTH; s++) {
      const int at = i * WIDTH + s;
      word.v[s] = INTEGER(at % CHANNELS * 256 + bytes[at], s);
    }
    WRITE(OUT, word);
  }
}
