import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findHwmon } from '../../../main/power/hwmon';
import { readMeterLog } from '../../../main/power/meterLog';
import { findRapl } from '../../../main/power/rapl';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'bnnw-power-'));
});
afterEach(() => rm(root, { recursive: true }));

/** Lays out a tree of small files, as the kernel shows them. */
async function tree(files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), `${text}\n`);
  }
}

describe('RAPL', () => {
  // The zones of a two-socket server: packages, and the memory of each, which is part of no package here.
  const zones = {
    'intel-rapl:0/name': 'package-0',
    'intel-rapl:0/energy_uj': '123456789',
    'intel-rapl:0/max_energy_range_uj': '262143328850',
    'intel-rapl:0:0/name': 'dram',
    'intel-rapl:0:0/energy_uj': '5',
    'intel-rapl:1/name': 'package-1',
    'intel-rapl:1/energy_uj': '1000000',
    'intel-rapl:1/max_energy_range_uj': '262143328850',
  };

  it('reads the counter of each package in joules, with the value at which it wraps', async () => {
    await tree(zones);
    const { sensors, advice } = await findRapl(root);
    expect(advice).toEqual([]);
    expect(sensors.map((s) => s.description.source)).toEqual(['RAPL package-0', 'RAPL package-1']);
    expect(sensors[0]!.description).toMatchObject({ scope: 'package', kind: 'counter', wrapJ: 262143.32885 });
    expect(await sensors[0]!.read(7)).toEqual({ atMs: 7, value: 123.456789 });
  });

  it('tells how to be allowed to read it', async () => {
    await tree(zones);
    const forbidden = join(root, 'intel-rapl:0/energy_uj');
    const { sensors, advice } = await findRapl(root, async (path) => {
      if (path === forbidden) throw Object.assign(new Error(`EACCES: ${path}`), { code: 'EACCES' });
      return readFile(path, 'utf8');
    });
    expect(sensors.map((s) => s.description.source)).toEqual(['RAPL package-1']);
    expect(advice[0]!.remedy).toContain('udevadm');
  });

  it('says nothing, not zero, when the counter is gone or unreadable', async () => {
    await tree(zones);
    const { sensors } = await findRapl(root);
    await rm(join(root, 'intel-rapl:0'), { recursive: true });
    await writeFile(join(root, 'intel-rapl:1/energy_uj'), 'garbage');
    expect((await sensors[0]!.read(1)).value).toBeNull();
    expect((await sensors[1]!.read(1)).value).toBeNull();
  });

  it('finds nothing where there is no such tree', async () => {
    expect(await findRapl(join(root, 'none'))).toEqual({ sensors: [], advice: [] });
  });
});

describe('hardware monitoring', () => {
  it('reads microwatts with their label, and how often they change', async () => {
    await tree({
      'hwmon2/name': 'amdgpu',
      'hwmon2/power1_average': '35000000',
      'hwmon2/power1_label': 'PPT',
      'hwmon2/update_interval': '100',
      'hwmon0/name': 'nvme',
      'hwmon0/temp1_input': '40000',
    });
    const { sensors } = await findHwmon(root);
    expect(sensors.map((s) => s.description)).toMatchObject([
      { source: 'amdgpu PPT', scope: 'chip', updateMs: 100 },
    ]);
    expect((await sensors[0]!.read(0)).value).toBeCloseTo(35, 9);
  });

  it("reads an Alveo U280's power, as published", async () => {
    // One line of Paderborn Center for Parallel Computing's guide (Power Measurements): power1_input 58360411.
    await tree({ 'hwmon7/name': 'xilinx_u280', 'hwmon7/power1_input': '58360411' });
    const { sensors } = await findHwmon(root);
    expect(await sensors[0]!.read(3)).toEqual({ atMs: 3, value: expect.closeTo(58.360411, 9) });
  });

  it("adds the two inputs of a card, named as Linux's driver of Intel's boards names them", async () => {
    // Labels of Documentation/hwmon/intel-m10-bmc-hwmon.rst without its Board Power; the numbers of a PAC D5005
    // (see boards.test.ts) in millivolts and milliamperes.
    await tree({
      'hwmon3/name': 'd5005bmc',
      'hwmon3/in2_label': 'FPGA Core Voltage',
      'hwmon3/in2_input': '880',
      'hwmon3/curr1_label': 'FPGA Core Current',
      'hwmon3/curr1_input': '28200',
      'hwmon3/in3_label': '12V Backplane Voltage',
      'hwmon3/in3_input': '12270',
      'hwmon3/curr2_label': '12V Backplane Current',
      'hwmon3/curr2_input': '3020',
      'hwmon3/in5_label': '12V AUX Voltage',
      'hwmon3/in5_input': '12310',
      'hwmon3/curr3_label': '12V AUX Current',
      'hwmon3/curr3_input': '2460',
    });
    const { sensors } = await findHwmon(root);
    expect(sensors.map(({ description }) => description.source)).toEqual(['d5005bmc 12 V backplane and AUX']);
    expect((await sensors[0]!.read(3)).value).toBeCloseTo(12.27 * 3.02 + 12.31 * 2.46, 9);
    await rm(join(root, 'hwmon3/curr3_input'));
    expect(await sensors[0]!.read(4)).toEqual({ atMs: 4, value: null });
  });

  it('multiplies the voltage and the current of one rail where a board gives no power', async () => {
    await tree({
      'hwmon1/name': 'ina3221',
      'hwmon1/in1_input': '12000',
      'hwmon1/in1_label': 'VCCINT',
      'hwmon1/in2_input': '3300',
      'hwmon1/in2_label': 'VCC3V3',
      'hwmon1/curr1_input': '2500',
      'hwmon1/curr1_label': 'VCCINT',
    });
    const { sensors } = await findHwmon(root);
    expect(sensors).toHaveLength(1);
    expect((await sensors[0]!.read(0)).value).toBeCloseTo(30, 9);
  });
});

describe("an external meter's log", () => {
  const log = async (text: string) => {
    await writeFile(join(root, 'meter.csv'), text);
    return join(root, 'meter.csv');
  };

  it('is put on the clock of this machine', async () => {
    const path = await log('time,watts\n2026-01-01T00:00:00Z,50\n2026-01-01T00:00:01Z,60.5\n');
    const { readings, description } = await readMeterLog(path, 'wall', 250);
    expect(readings[0]).toEqual({ atMs: Date.UTC(2026, 0, 1) - 250, value: 50 });
    expect(description).toMatchObject({ origin: 'meter-log', scope: 'wall', updateMs: 1000 });
  });

  it('may come with semicolons and seconds', async () => {
    const { readings } = await readMeterLog(
      await log('Watts;Time\r\n7;1700000000\r\n8;1700000000.5\r\n'),
      'wall',
      0,
    );
    expect(readings).toEqual([
      { atMs: 1_700_000_000_000, value: 7 },
      { atMs: 1_700_000_000_500, value: 8 },
    ]);
  });

  it.runIf(process.platform === 'linux')('is no pipe, no device and no folder', async () => {
    const pipe = join(root, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const path of [pipe, '/dev/zero', root]) {
      await expect(readMeterLog(path, 'wall', 0)).rejects.toThrow(/no regular file/);
    }
  });

  it.each([
    ['a line without an end', `time,watts\n${'1'.repeat(10_000)}`, /line 2/],
    ['a power beyond all numbers', `time,watts\n10,${'9'.repeat(400)}\n`, /line 2/],
    ['no such columns', 'a,b\n1,2\n', /line 1/],
    ['a time without zone', 'time,watts\n2026-01-01T00:00:00,5\n', /line 2/],
    ['a time that goes back', 'time,watts\n10,5\n9,5\n', /line 3/],
    ['no number', 'time,watts\n10,5\n11,NaN\n', /line 3/],
    ['a negative power', 'time,watts\n10,5\n11,-3\n', /line 3/],
    ['one reading only', 'time,watts\n10,5\n', /line/],
  ])('is refused with %s', async (_why, text, where) => {
    await expect(readMeterLog(await log(text), 'wall', 0)).rejects.toMatchObject({
      kind: 'refused-file',
      where: expect.stringMatching(where),
    });
  });
});
