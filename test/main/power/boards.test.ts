import { describe, expect, it } from 'vitest';
import { findBoardTools, parseFpgainfo, parseXbutil } from '../../../main/power/boardTools';

/**
 * `xbutil examine -r electrical -f JSON`: the form is that of XRT's own writers (core/common/sensor.cpp, read at
 * commit 963c58e; `N/A` for what a card does not tell), the second card's electrical part the example in a comment
 * of AMD's xbtest, with one of its rails.
 */
const XBUTIL = `{
  "schema_version": { "schema": "JSON", "creation_date": "Thu Feb 11 20:48:31 2021 GMT" },
  "devices": [
    { "interface_type": "pcie", "device_id": "0000:17:00.1" },
    {
      "interface_type": "pcie",
      "device_id": "0000:04:00.1",
      "electrical": {
        "power_rails": [],
        "power_consumption_max_watts": "N/A",
        "power_consumption_watts": "N/A",
        "power_consumption_warning": "N/A"
      }
    },
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

/**
 * `fpgainfo power` of a PAC D5005 (Acceleration Stack 2.0), as Georgia Tech's CRNCH Rogues Gallery prints it whole
 * in its guide to power measurement (gt-crnch-rg.readthedocs.io, reconfig/fpga_power_measurement).
 */
const D5005 = `Board Management Controller, microcontroller FW version 2.0.12, RTL version 2.0.6
//****** POWER ******//
Object Id                           : 0xEC00000
PCIe s:b:d:f                        : 0000:89:00:0
Device Id                           : 0x0B2B
Ports Num                           : 01
Bitstream Id                        : 0x202000200000237
Bitstream Version                   : 2.0.2
Pr Interface Id                     : 9346116d-a52d-5ca8-b06a-a9a389ef7c8d
MAC address                         : 64:4c:36:11:cc:f8
( 2) 12v Backplane Current          : 3.02 Amps
( 3) 12v Backplane Voltage          : 12.27 Volts
( 6) 1.8v Voltage                   : 1.80 Volts
( 7) 1.8v Current                   : 8.06 Amps
( 8) 3.3v Voltage                   : 3.30 Volts
( 9) 3.3v Current                   : 2.37 Amps
(10) FPGA Core Voltage              : 0.88 Volts
(11) FPGA Core Current              : 28.20 Amps
(18) VCCR Voltage                   : 1.12 Volts
(19) VCCT Voltage                   : 1.12 Volts
(20) VCCR Current                   : 7.54 Amps
(21) VCCT Current                   : 2.50 Amps
(24) 12v AUX Current                : 2.46 Amps
(25) 12v AUX Voltage                : 12.31 Volts
(30) VCCERAM Current                : 3.06 Amps
(31) VCCERAM Voltage                : 0.90 Volts
`;

/**
 * `fpgainfo bmc` of a PAC D5005 (Open FPGA Stack), from its quick start guide (github.com/OFS/ofs.github.io,
 * docs/hw/d5005/user_guides/ug_qs_ofs_d5005, commit 0477524); the lines 20 to 35 are left out.
 */
const D5005_OFS = `Open FPGA Stack Platform
Board Management Controller, MAX10 NIOS FW version: 2.0.13
Board Management Controller, MAX10 Build version: 2.0.8
//****** BMC SENSORS ******//
Object Id                        : 0xF000000
PCIe s:b:d.f                     : 0000:3B:00.0
Vendor Id                        : 0x8086
Device Id                        : 0xBCCE
SubVendor Id                     : 0x8086
SubDevice Id                     : 0x138D
Socket Id                        : 0x00
Ports Num                        : 01
Bitstream Id                     : 0x401000287428628
Bitstream Version                : 4.0.1
Pr Interface Id                  : d51533ad-aee6-5dab-80fb-a44bbf579b68
( 1) VCCERAM Voltage                                    : 0.90 Volts
( 2) VCCT Temperature                                   : 29.00 Celsius
( 3) 12v Backplane Voltage                              : 12.17 Volts
( 4) VCCERAM Current                                    : 0.18 Amps
( 5) FPGA Transceiver Temperature                       : 36.50 Celsius
( 6) QSFP1 Supply Voltage                               : 0.00 Volts
( 7) 3.3v Temperature                                   : 29.00 Celsius
( 8) 12v Backplane Current                              : 2.28 Amps
( 9) RDIMM3 Temperature                                 : 25.50 Celsius
(10) VCCR Voltage                                       : 1.12 Volts
(11) Board Inlet Air Temperature                        : 24.50 Celsius
(12) 1.8v Temperature                                   : 27.50 Celsius
(13) 12v AUX Voltage                                    : 12.14 Volts
(14) VCCR Current                                       : 0.55 Amps
(15) RDIMM0 Temperature                                 : 24.50 Celsius
(16) FPGA Core Voltage                                  : 0.88 Volts
(17) VCCERAM Temperature                                : 27.50 Celsius
(18) 12v AUX Current                                    : 1.19 Amps
(19) QSFP0 Temperature                                  : N/A
`;

/**
 * No output of a PAC N3000 with its board power was found published whole. The name of the line is that of its
 * sensor table (Intel 683260, Board Management Controller Overview); the numbers are ours.
 */
const N3000 = `//****** BMC SENSORS ******//
Object Id                     : 0xEF00000
PCIe s:b:d.f                  : 0000:1b:00.0
Device Id                     : 0x0b30
( 1) Board Power              : 69.24 Watts
( 2) 12V Backplane Current    : 2.75 Amps
( 3) 12V Backplane Voltage    : 12.06 Volts
`;

describe('xbutil', () => {
  it('tells the power of the board at an address', () => {
    expect(parseXbutil(XBUTIL, '0000:65:00.1')).toBe(20.989838);
  });

  it.each([
    ['another board', XBUTIL, '0000:66:00.1'],
    ['a board without sensors', XBUTIL, '0000:17:00.1'],
    ['a board that tells no power', XBUTIL, '0000:04:00.1'],
    ['a cut report', XBUTIL.slice(0, 300), '0000:65:00.1'],
    ['no number', XBUTIL.replace('20.989838', 'N/A'), '0000:65:00.1'],
    ['another format', '[]', '0000:65:00.1'],
  ])('tells nothing of %s', (_what, text, address) => {
    expect(parseXbutil(text, address)).toBeNull();
  });
});

describe('fpgainfo', () => {
  it('gives volts times amperes of both inputs where the board tells no power, among several boards', () => {
    const all = D5005 + N3000 + D5005_OFS;
    expect(parseFpgainfo(all, '0000:89:00.0')).toBeCloseTo(12.27 * 3.02 + 12.31 * 2.46, 9);
    expect(parseFpgainfo(all, '0000:3b:00.0')).toBeCloseTo(12.17 * 2.28 + 12.14 * 1.19, 9);
  });

  it("tells the board's own figure where there is one", () => {
    expect(parseFpgainfo(D5005 + N3000, '0000:1b:00.0')).toBe(69.24);
  });

  it.each([
    ['another board', D5005, '0000:1c:00.0'],
    ['half of the inputs', D5005_OFS.replace('1.19 Amps', 'N/A'), '0000:3b:00.0'],
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
