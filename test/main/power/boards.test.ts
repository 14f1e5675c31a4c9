import { describe, expect, it } from 'vitest';
import { findBoardTools, parseFpgainfo, parseXbutil } from '../../../main/power/boardTools';

/**
 * As `xbutil examine -r electrical -f JSON` writes it; the electrical part is the example in the sources of AMD's
 * xbtest, with one of its rails.
 */
const XBUTIL = `{
  "schema_version": { "schema": "JSON", "creation_date": "Thu Feb 11 20:48:31 2021 GMT" },
  "devices": [
    { "interface_type": "pcie", "device_id": "0000:17:00.1" },
    {
      "interface_type": "pcie",
      "device_id": "0000:65:00.1",
      "electrical": {
        "power_rails": [
          {
            "id": "12v_aux",
            "description": "12 Volts Auxillary",
            "voltage": { "volts": "0.000", "is_present": "false" },
            "current": { "amps": "0.000", "is_present": "false" }
          }
        ],
        "power_consumption_max_watts": "75",
        "power_consumption_watts": "20.989838",
        "power_consumption_warning": "false"
      }
    }
  ]
}`;

/** An N3000, after the sample in the tests of an exporter published by Intel; shortened. Not yet seen on a board here. */
const N3000 = `Board Management Controller, MAX10 NIOS FW version D.2.0.12
Board Management Controller, MAX10 Build version D.2.0.5
//****** BMC SENSORS ******//
Object Id                     : 0xEF00000
PCIe s:b:d.f                  : 0000:1b:00.0
Device Id                     : 0x0b30
Ports Num                     : 01
( 1) Board Power              : 69.24 Watts
( 2) 12V Backplane Current    : 2.75 Amps
( 3) 12V Backplane Voltage    : 12.06 Volts
(12) FPGA Die Temperature     : 61.50 Celsius
(14) QSFP0 Supply Voltage     : N/A
(24) 12V AUX Current          : 3.10 Amps
(25) 12V AUX Voltage          : 11.64 Volts
`;

/** An N6001, after published output: no figure for the board, and the inputs in any order. Not yet seen on a board here. */
const N6001 = `//****** POWER ******//
PCIe s:b:d.f                     : 0000:B1:00.0
Device Id                        : 0xBCCE
( 1) VCCERAM Voltage                                    : 0.90 Volts
( 3) 12v Backplane Voltage                              : 12.17 Volts
( 8) 12v Backplane Current                              : 2.28 Amps
(13) 12v AUX Voltage                                    : 12.14 Volts
(18) 12v AUX Current                                    : 1.19 Amps
(19) QSFP0 Temperature                                  : N/A
`;

describe('xbutil', () => {
  it('tells the power of the board at an address', () => {
    expect(parseXbutil(XBUTIL, '0000:65:00.1')).toBe(20.989838);
  });

  it.each([
    ['another board', XBUTIL, '0000:66:00.1'],
    ['a board without sensors', XBUTIL, '0000:17:00.1'],
    ['a cut report', XBUTIL.slice(0, 300), '0000:65:00.1'],
    ['no number', XBUTIL.replace('20.989838', 'N/A'), '0000:65:00.1'],
    ['another format', '[]', '0000:65:00.1'],
  ])('tells nothing of %s', (_what, text, address) => {
    expect(parseXbutil(text, address)).toBeNull();
  });
});

describe('fpgainfo', () => {
  it('tells the power of the board, among several', () => {
    expect(parseFpgainfo(N6001 + N3000, '0000:1b:00.0')).toBe(69.24);
  });

  it('gives volts times amperes of both inputs where the board tells no power', () => {
    expect(parseFpgainfo(N3000 + N6001, '0000:b1:00.0')).toBeCloseTo(12.17 * 2.28 + 12.14 * 1.19, 9);
    // The N3000's own figure agrees with its inputs.
    expect(parseFpgainfo(N3000.replace('Board Power', 'Other'), '0000:1b:00.0')).toBeCloseTo(69.24, 1);
  });

  it('understands the address with a colon before the function', () => {
    expect(
      parseFpgainfo(N3000.replace('s:b:d.f  ', 's:b:d:f  ').replace('00.0', '00:0'), '0000:1B:00.0'),
    ).toBe(69.24);
  });

  it.each([
    ['another board', N3000, '0000:1c:00.0'],
    ['half of the inputs', N6001.replace('1.19 Amps', 'N/A'), '0000:b1:00.0'],
    ['nothing', '', '0000:1b:00.0'],
  ])('tells nothing of %s', (_what, text, address) => {
    expect(parseFpgainfo(text, address)).toBeNull();
  });
});

describe("the vendors' tools", () => {
  it('are sensors where they know the board, and say nothing when they stop to', async () => {
    let output = N3000;
    const tools = {
      xbutil: async () => Promise.reject(new Error('spawn xbutil ENOENT')),
      fpgainfo: async (address: string) => parseFpgainfo(output, address),
    };
    const { sensors } = await findBoardTools('0000:1b:00.0', tools);
    expect(sensors.map(({ description }) => description.id)).toEqual(['fpgainfo:0000:1b:00.0']);
    expect(await sensors[0]!.read(5)).toEqual({ atMs: 5, value: 69.24 });
    output = '';
    expect(await sensors[0]!.read(6)).toEqual({ atMs: 6, value: null });
  });

  it('are not there on a machine without them', async () => {
    expect((await findBoardTools('0000:ff:00.0')).sensors).toEqual([]);
  });
});
