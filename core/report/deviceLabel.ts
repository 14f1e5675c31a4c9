import type { DeviceRecord } from '../session/schema';

/** Names of platforms as people say them. */
const PLATFORMS: Record<string, string> = {
  'Portable Computing Language': 'PoCL',
  'NVIDIA CUDA': 'CUDA',
  'AMD Accelerated Parallel Processing': 'AMD APP',
  'Intel(R) FPGA Emulation Platform for OpenCL(TM)': 'Intel emulator',
};

/** Without trade mark signs and doubled spaces. */
function plain(text: string): string {
  return text
    .replace(/\((?:R|TM|C)\)/gi, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** A session has few devices and many runs, and labels are asked for at each drawing. */
const processorNames = new Map<string, string>();
const shortNames = new Map<string, string>();
const MOST_NAMES = 1000;

function remembered(names: Map<string, string>, of: string, make: () => string): string {
  const known = names.get(of);
  if (known !== undefined) return known;
  const name = make();
  // Files of other people may hold any number of names.
  if (names.size >= MOST_NAMES) names.clear();
  names.set(of, name);
  return name;
}

type Named = Pick<DeviceRecord, 'name' | 'platform' | 'type'>;

/**
 * The processor alone, without what PoCL puts before its name: its threading and target, as in
 * `pthread-skylake-avx512-Intel(R) …`. The full name stands in the device's record.
 */
export function processorName({ name }: Named): string {
  return remembered(processorNames, name, () =>
    plain(name.replace(/^(?:pthread|cpu)-(?:[a-z0-9._]+-)*(?=[A-Z])/, '')),
  );
}

/** Words that a name can do without where it stands beside others. */
const VENDOR_WORDS =
  /\b(?:NVIDIA|AMD|Intel|Processor|CPU|GPU|Device|with Radeon Graphics|\d+-Core|\d+ ?GB|HBM\d\w*|PCIe)\b|@ ?[\d.]+ ?GHz\b/gi;

/** For a label of a chart: `EPYC 7R13`, `H100`. The whole name where nothing else is left. */
export function shortProcessorName(device: Named): string {
  return remembered(shortNames, device.name, () => {
    const name = processorName(device);
    const short = plain(name.replace(VENDOR_WORDS, ' '));
    return short === '' ? name : short;
  });
}

export function platformName({ platform }: Named): string {
  return PLATFORMS[platform] ?? plain(platform);
}

/** A device's name for tables and charts: `Intel Xeon Processor (PoCL)`. */
export function deviceLabel(device: Named): string {
  const processor = processorName(device);
  // Intel's emulator calls its device the same as its platform: `Intel FPGA Emulation Device`.
  const namesItsPlatform = device.type === 'fpga-emulator' && /\bemulat/i.test(processor);
  return device.type === 'null' || namesItsPlatform ? processor : `${processor} (${platformName(device)})`;
}
