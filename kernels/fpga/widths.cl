/*
 * Between layers of different parallelism: words of FROM activations become words of TO, where one is a multiple
 * of the other. A cycle for each of the narrower words; ELEMENTS activations an image.
 */
SINGLE KERNEL_NAME(int images STREAM_IN(IN_WORD, IN) STREAM_OUT(OUT_WORD, OUT)) {
  OPEN(IN) OPEN(OUT)
#if FROM > TO
  IN_WORD word;
  int part = 0;
  PIPELINE
  for (long i = (long)images * (ELEMENTS / TO); i > 0; i--) {
    if (part == 0) READ(word, IN);
    OUT_WORD narrow;
    UNROLL for (int s = 0; s < TO; s++) narrow.v[s] = word.v[part * TO + s];
    WRITE(OUT, narrow);
    part = part == FROM / TO - 1 ? 0 : part + 1;
  }
#else
  OUT_WORD wide;
  int part = 0;
  PIPELINE
  for (long i = (long)images * (ELEMENTS / FROM); i > 0; i--) {
    IN_WORD word;
    READ(word, IN);
    UNROLL for (int s = 0; s < FROM; s++) wide.v[part * FROM + s] = word.v[s];
    if (part == TO / FROM - 1) WRITE(OUT, wide);
    part = part == TO / FROM - 1 ? 0 : part + 1;
  }
#endif
}
