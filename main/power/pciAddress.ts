/**
 * Whether two texts name one place on the PCI bus. Domain, bus, device and function are written in many ways:
 * `00000000:3B:00.0` by NVML, `0000:3b:00.0` by Linux, `0000:3B:00:0` by `fpgainfo`.
 */
export function samePciAddress(a: string, b: string): boolean {
  const [first, second] = [partsOf(a), partsOf(b)];
  return first !== null && second !== null && first.every((part, i) => part === second[i]);
}

function partsOf(address: string): number[] | null {
  const match = /^([0-9a-f]{4,8}):([0-9a-f]{2}):([0-9a-f]{2})[.:]([0-7])$/i.exec(address);
  return match === null ? null : match.slice(1).map((part) => Number.parseInt(part, 16));
}
