import type { Reading, SensorDescription } from '../../core/power/readings';
import type { NvmlReadings } from '../../native/index.cjs';
import { samePciAddress } from './pciAddress';
import type { PowerSensor, SensorSearch } from './sensor';

/** The part of the addon that is used here; tests give one of their own. */
export interface NvmlLibrary {
  nvmlDevices(): { name: string; uuid: string; pciAddress: string }[];
  nvmlReading(uuid: string, name: keyof NvmlReadings): number | null;
}

/**
 * On GA100 and GH100 the power sensor looks at 25 ms of every 100 ms. "Part-time Power Measurements:
 * nvidia-smi's Lack of Attention" (arXiv 2312.02741).
 */
const PART_TIME_CHIPS = /\b(A100|A30|A800|H100|H200|H800|GH200|H20)\b/;
const PART_TIME_DUTY = 0.25;
/** The energy counter's period. */
const COUNTER_MS = 100;
const INSTANT_MS = 100;
const AVERAGE_MS = 1000;
/** The error that the same paper found against an external meter, as a share of the reading. */
const RELATIVE_UNCERTAINTY = 0.05;

type Field = 'energyJ' | 'instantW' | 'averageW' | 'powerW';

/** Best first: a counter misses nothing between two readings, an average hides short loads. */
const FIELDS: [Field, name: string, Pick<SensorDescription, 'kind' | 'updateMs' | 'averagingMs'>][] = [
  ['energyJ', 'energy counter', { kind: 'counter', updateMs: COUNTER_MS, averagingMs: null }],
  ['instantW', 'instant power', { kind: 'power', updateMs: INSTANT_MS, averagingMs: null }],
  ['averageW', 'power averaged over 1 s', { kind: 'power', updateMs: INSTANT_MS, averagingMs: AVERAGE_MS }],
  // Averaged on some chips and not on others, which the driver does not say.
  ['powerW', 'power', { kind: 'power', updateMs: INSTANT_MS, averagingMs: AVERAGE_MS }],
];

class NvmlSensor implements PowerSensor {
  constructor(
    readonly description: SensorDescription,
    private readonly library: NvmlLibrary,
    private readonly uuid: string,
    private readonly field: Field,
  ) {}

  async read(nowMs: number): Promise<Reading> {
    try {
      return { atMs: nowMs, value: this.library.nvmlReading(this.uuid, this.field) };
    } catch {
      return { atMs: nowMs, value: null };
    }
  }

  close(): void {}
}

/**
 * What NVIDIA's driver offers for the GPU at a PCI address, the best sensor first. They cover the board. The
 * plain power is left out where the driver tells instant or averaged power.
 */
export async function findNvml(pciAddress: string, library: NvmlLibrary): Promise<SensorSearch> {
  const advice: SensorSearch['advice'] = [];
  try {
    const device = library.nvmlDevices().find((each) => samePciAddress(each.pciAddress, pciAddress));
    if (device === undefined) return { sensors: [], advice };
    const { name, uuid } = device;
    const offered = FIELDS.filter(([field]) => library.nvmlReading(uuid, field) !== null);
    const tellsPower = offered.some(([field]) => field === 'instantW' || field === 'averageW');
    const fields = offered.filter(([field]) => !(field === 'powerW' && tellsPower));
    const sensors = fields.map(
      ([field, text, kind]) =>
        new NvmlSensor(
          {
            id: `nvml:${uuid}:${field}`,
            source: `NVML ${text} of ${name}`,
            origin: 'sensor',
            scope: 'board',
            ...kind,
            duty: PART_TIME_CHIPS.test(name) ? PART_TIME_DUTY : 1,
            relativeUncertainty: RELATIVE_UNCERTAINTY,
            wrapJ: null,
          },
          library,
          uuid,
          field,
        ),
    );
    return { sensors, advice };
  } catch (error) {
    advice.push({
      subject: 'NVML',
      problem: `The GPU's power is not measured: ${error instanceof Error ? error.message : String(error)}`,
      remedy: "Install the driver's management library (libnvidia-ml.so.1, part of NVIDIA's driver).",
    });
    return { sensors: [], advice };
  }
}
