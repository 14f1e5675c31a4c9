import { readdir, readFile, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Reading, SensorDescription } from '../../core/power/readings';
import { samePciAddress } from './pciAddress';
import type { PowerSensor, SensorSearch } from './sensor';

/** Linux's hardware monitoring tree. */
const HWMON = '/sys/class/hwmon';
/** Drivers refresh their registers about once a second unless `update_interval` says otherwise. */
const DEFAULT_UPDATE_MS = 1000;

async function readText(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    return null;
  }
}

/** A whole number alone in a file, or null. */
async function readCount(path: string): Promise<number | null> {
  const text = await readText(path);
  return text !== null && /^-?\d+$/.test(text) ? Number(text) : null;
}

/**
 * A power rail: `powerN_input` in microwatts, or a voltage in millivolts times a current in milliamperes; or the
 * sum of several.
 */
class HwmonRail implements PowerSensor {
  /** @param products files whose numbers are multiplied; the products are added */
  constructor(
    readonly description: SensorDescription,
    private readonly products: string[][],
    private readonly wattsPerUnit: number,
  ) {}

  async read(nowMs: number): Promise<Reading> {
    let sum = 0;
    for (const factors of this.products) {
      let product = 1;
      for (const path of factors) {
        const value = await readCount(path);
        if (value === null) return { atMs: nowMs, value: null };
        product *= value;
      }
      sum += product;
    }
    return { atMs: nowMs, value: sum * this.wattsPerUnit };
  }

  close(): void {}
}

/** The inputs of a PCIe card: by the slot and by its own plug. Whatever else such a card tells hangs on them. */
const CARD_INPUTS = ['12v backplane', '12v aux'];

/** What a voltage and a current are of: `12V AUX` for `12V AUX Voltage` and `12V AUX Current`. */
function railOf(label: string): string {
  return label.replace(/\s+(voltage|current)$/i, '').toLowerCase();
}

/**
 * Inputs of one chip: `powerN`, and where a board gives no power `inN` with `currN` of the same rail. A card that
 * tells its 12 V inputs has their sum as its one sensor.
 */
async function findRails(folder: string, chip: string, chipFolder: string): Promise<PowerSensor[]> {
  const names = await readdir(folder);
  const updateMs = (await readCount(join(folder, 'update_interval'))) ?? DEFAULT_UPDATE_MS;
  const describe = async (input: string): Promise<SensorDescription> => {
    const label = (await readText(join(folder, `${input}_label`))) ?? input;
    return {
      id: `hwmon:${chip}:${chipFolder}:${input}`,
      source: `${chip} ${label}`,
      origin: 'sensor',
      scope: chip === 'amdgpu' ? 'chip' : 'board',
      kind: 'power',
      updateMs,
      averagingMs: null,
      duty: 1,
      relativeUncertainty: null,
      wrapJ: null,
    };
  };
  const rails: PowerSensor[] = [];
  for (const name of names.sort()) {
    const match = /^(power\d+)_(input|average)$/.exec(name);
    if (match === null || (match[2] === 'average' && names.includes(`${match[1]}_input`))) continue;
    rails.push(new HwmonRail(await describe(match[1]!), [[join(folder, name)]], 1e-6));
  }
  if (rails.length > 0) return rails;
  const pairs = new Map<string, { voltage?: string; current?: string; input: string }>();
  for (const name of names.sort()) {
    const match = /^((in|curr)\d+)_input$/.exec(name);
    const label = match && (await readText(join(folder, `${match[1]}_label`)));
    if (!label) continue;
    const pair = pairs.get(railOf(label)) ?? { input: match[1]! };
    if (match[2] === 'in') pairs.set(railOf(label), { ...pair, voltage: join(folder, name) });
    else pairs.set(railOf(label), { ...pair, current: join(folder, name), input: match[1]! });
  }
  const products = (rail: string): string[] | null => {
    const pair = pairs.get(rail);
    return pair?.voltage && pair.current ? [pair.voltage, pair.current] : null;
  };
  const inputs = CARD_INPUTS.map(products);
  if (inputs.every((each) => each !== null)) {
    const description = await describe('curr');
    const both = { ...description, source: `${chip} 12 V backplane and AUX` };
    return [new HwmonRail(both, inputs, 1e-6)];
  }
  for (const [rail, { input }] of pairs) {
    const product = products(rail);
    if (product) rails.push(new HwmonRail(await describe(input), [product], 1e-6));
  }
  return rails;
}

/**
 * Power rails that the kernel's hardware monitoring shows: graphics cards, FPGA boards, server boards.
 *
 * @param root the hwmon folder; tests give a recorded one
 * @param pciAddress only what belongs to the card there
 */
export async function findHwmon(root: string = HWMON, pciAddress?: string): Promise<SensorSearch> {
  const sensors: PowerSensor[] = [];
  let chips: string[];
  try {
    chips = (await readdir(root)).sort();
  } catch {
    return { sensors, advice: [] };
  }
  for (const chipFolder of chips) {
    const folder = join(root, chipFolder);
    const chip = await readText(join(folder, 'name'));
    if (chip === null || (pciAddress !== undefined && !(await isPartOf(folder, pciAddress)))) continue;
    sensors.push(...(await findRails(folder, chip, chipFolder)));
  }
  return { sensors, advice: [] };
}

/** A chip's `device` leads to its card or to a part of it, whose path then goes through the card's. */
async function isPartOf(folder: string, pciAddress: string): Promise<boolean> {
  const path = await realpath(join(folder, 'device')).catch(() => '');
  return path.split(sep).some((part) => samePciAddress(part, pciAddress));
}
