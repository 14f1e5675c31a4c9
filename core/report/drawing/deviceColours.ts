/** Which colour a device has: the same in every session, window and report, as far as six colours go. */
import { DEVICE_COLOURS } from './palette';

/** A device's own place in the palette, by what its identifier says of its kind. */
const OWN_PLACE: [of: RegExp, place: number][] = [
  [/^null:/, 3],
  [/^onnxruntime:/, 1],
  [/fpga|xilinx/i, 4],
  [/cuda|nvidia|gpu/i, 2],
  [/intel/i, 5],
];
/** OpenCL on a CPU. */
const USUAL_PLACE = 0;

function ownPlace(deviceId: string): number {
  return OWN_PLACE.find(([of]) => of.test(deviceId))?.[1] ?? USUAL_PLACE;
}

/**
 * Each device gets the colour of its kind; where an earlier one has that, the next that is free; beyond six, its
 * kind's again.
 * @param deviceIds without repetition, in the order in which they were met
 */
export function deviceColours(deviceIds: readonly string[]): Map<string, string> {
  const taken = new Set<number>();
  const colours = new Map<string, string>();
  for (const id of deviceIds) {
    const own = ownPlace(id);
    const places = DEVICE_COLOURS.map((_, i) => (own + i) % DEVICE_COLOURS.length);
    const place = places.find((each) => !taken.has(each)) ?? own;
    taken.add(place);
    colours.set(id, DEVICE_COLOURS[place]!);
  }
  return colours;
}
