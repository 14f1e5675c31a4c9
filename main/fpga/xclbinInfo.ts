/**
 * `NAME.xclbin.info`, the text that `v++` (or `xclbinutil --info`) writes about an image: headings, and lines of
 * `Key: value`. The clock that a build reached stands in it and not in the image where the shell's clocks are fixed.
 */

/** MHz that the kernels' clock reached, or that it was set to; null where the text tells neither. */
export function parseXclbinInfo(text: string): number | null {
  const blocks = text.slice(0, 2 ** 20).split(/\r?\n\s*\r?\n/);
  const fields = blocks.map((block) => {
    const pairs = [...block.matchAll(/^\s*([A-Za-z ]{1,40}):\s+(\S.{0,200}?)\s*$/gm)];
    return new Map(pairs.map(([, key, value]) => [key!.trim(), value!]));
  });
  const reached = fields.flatMap((each) => megahertz(each.get('Achieved Freq')));
  if (reached.length > 0) return Math.max(...reached);
  return (
    fields
      .filter((each) => each.get('Type') === 'DATA')
      .flatMap((each) => megahertz(each.get('Frequency')))[0] ?? null
  );
}

function megahertz(value: string | undefined): number[] {
  const match = /^(\d+(?:\.\d+)?) MHz$/.exec(value ?? '');
  const number = Number(match?.[1]);
  return number > 0 ? [number] : [];
}
