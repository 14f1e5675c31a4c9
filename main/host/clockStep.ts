/** The smallest step of this process's clock, in ns. */
export function clockStepNs(): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 1000; i++) {
    const start = process.hrtime.bigint();
    let end = start;
    while (end === start) end = process.hrtime.bigint();
    least = Math.min(least, Number(end - start));
  }
  return least;
}
