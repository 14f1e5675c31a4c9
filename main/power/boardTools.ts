import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Reading, SensorDescription } from '../../core/power/readings';
import { samePciAddress } from './pciAddress';
import type { PowerSensor, SensorSearch } from './sensor';

/** The board's controller refreshes its figures about once a second, and a call takes a good part of that. */
const UPDATE_MS = 1000;
const PATIENCE_MS = 5000;

/** XRT writes `N/A` for what a card does not tell; it does not hide the other cards. */
const number = z
  .union([z.string().regex(/^\d+(\.\d+)?$/), z.number().nonnegative()])
  .transform(Number)
  .nullable()
  .catch(null);
const electricalReport = z.object({
  devices: z.array(
    z.object({
      device_id: z.string(),
      electrical: z.object({ power_consumption_watts: number }).partial().optional(),
    }),
  ),
});

/**
 * The board's power in a report of `xbutil examine -r electrical -f JSON`, whose numbers are texts.
 *
 * @returns watts; null where the report has no such board or the board tells no power
 */
export function parseXbutil(json: string, pciAddress: string): number | null {
  let report: unknown;
  try {
    report = JSON.parse(json);
  } catch {
    return null;
  }
  const parsed = electricalReport.safeParse(report);
  if (!parsed.success) return null;
  const board = parsed.data.devices.find(({ device_id }) => samePciAddress(device_id, pciAddress));
  return board?.electrical?.power_consumption_watts ?? null;
}

/**
 * The board's power in what `fpgainfo power` or `fpgainfo bmc` prints: `Board Power` where the board tells it,
 * else its two 12 V inputs, volts times amperes. Boards come one after another, each with its PCI address.
 *
 * @returns watts; null where the text has no such board or one of its figures is missing
 */
export function parseFpgainfo(text: string, pciAddress: string): number | null {
  const boards = text.split(/^\/\/\*+ .* \*+\/\/$/m).slice(1);
  const board = boards.find((each) => {
    const address = /^PCIe s:b:d[:.]f\s*:\s*(\S+)\s*$/m.exec(each)?.[1];
    return address !== undefined && samePciAddress(address, pciAddress);
  });
  if (board === undefined) return null;
  const figure = (name: string, unit: string): number | null => {
    const found = new RegExp(`^\\s*\\(\\s*\\d+\\) ${name}\\s*: (\\d+(?:\\.\\d+)?) ${unit}\\s*$`, 'im').exec(
      board,
    );
    return found === null ? null : Number(found[1]);
  };
  const told = figure('(?:Board Power|Total Input Power)', 'Watts');
  if (told !== null) return told;
  let watts = 0;
  for (const input of ['12v Backplane', '12v AUX']) {
    const volts = figure(`${input} Voltage`, 'Volts');
    const amperes = figure(`${input} Current`, 'Amps');
    if (volts === null || amperes === null) return null;
    watts += volts * amperes;
  }
  return watts;
}

type Ask = (pciAddress: string) => Promise<number | null>;
const run = promisify(execFile);
/** A tool that waits for its board hears no polite request either. */
const PATIENCE = { timeout: PATIENCE_MS, killSignal: 'SIGKILL' } as const;

/** `xbutil` writes its report to a file only. */
const askXbutil: Ask = async (pciAddress) => {
  const folder = await mkdtemp(join(tmpdir(), 'bnnw-xbutil-'));
  try {
    const file = join(folder, 'electrical.json');
    const words = ['examine', '-d', pciAddress, '-r', 'electrical', '-f', 'JSON', '-o', file];
    await run('xbutil', words, PATIENCE);
    return parseXbutil(await readFile(file, 'utf8'), pciAddress);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const askFpgainfo: Ask = async (pciAddress) => {
  const { stdout } = await run('fpgainfo', ['power'], PATIENCE);
  return parseFpgainfo(stdout, pciAddress);
};

class BoardTool implements PowerSensor {
  readonly description: SensorDescription;

  constructor(
    tool: string,
    private readonly pciAddress: string,
    private readonly ask: Ask,
  ) {
    this.description = {
      id: `${tool}:${pciAddress}`,
      source: `${tool} of the board at ${pciAddress}`,
      origin: 'sensor',
      scope: 'board',
      kind: 'power',
      updateMs: UPDATE_MS,
      averagingMs: null,
      duty: 1,
      relativeUncertainty: null,
      wrapJ: null,
    };
  }

  async read(nowMs: number): Promise<Reading> {
    const value = await this.ask(this.pciAddress).catch(() => null);
    return { atMs: nowMs, value };
  }

  close(): void {}
}

/** The vendors' tools that know the board at a PCI address now; AMD's `xbutil`, Intel's `fpgainfo`. */
export async function findBoardTools(
  pciAddress: string,
  tools: Record<string, Ask> = { xbutil: askXbutil, fpgainfo: askFpgainfo },
): Promise<SensorSearch> {
  const sensors: PowerSensor[] = [];
  for (const [tool, ask] of Object.entries(tools)) {
    const sensor = new BoardTool(tool, pciAddress, ask);
    if ((await sensor.read(0)).value !== null) sensors.push(sensor);
  }
  return { sensors, advice: [] };
}
