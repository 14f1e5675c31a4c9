import { expect, it } from 'vitest';
import { parseQuartusReport } from '../../../main/fpga/quartusReport';
import { parseXclbinInfo } from '../../../main/fpga/xclbinInfo';

/** Of a matrix product on an Arria 10, as the tutorial of T2SP (github.com/IntelLabs/t2sp) prints it, whole. */
const ARRIA_10 = `ALUTs: 188149
Registers: 399,683
Logic utilization: 190,304 / 427,200 ( 45 % )
I/O pins: 310 / 826 ( 38 % )
DSP blocks: 1,299 / 1,518 ( 86 % )
Memory bits: 32,490,792 / 55,562,240 ( 58 % )
RAM blocks: 2,065 / 2,713 ( 76 % )
Actual clock freq: 147
Kernel fmax: 147.73
1x clock fmax: 147.73
2x clock fmax: 10000
Highest non-global fanout: 119237
`;

it("reads aoc's report of a board image", () => {
  expect(parseQuartusReport(ARRIA_10)).toEqual({
    clockMHz: 147,
    resources: {
      logic: { used: 190_304, of: 427_200 },
      memoryBlocks: { used: 2065, of: 2713 },
      dspBlocks: { used: 1299, of: 1518 },
    },
    unreadableLines: [],
  });
});

it('knows the names that other board packages give to memory, and lines without the whole', () => {
  const report = 'M10K blocks: 487 / 553 ( 88 % )\r\nDSP blocks: 12\r\n';
  expect(parseQuartusReport(report)).toEqual({
    clockMHz: null,
    resources: { logic: null, memoryBlocks: { used: 487, of: 553 }, dspBlocks: { used: 12, of: null } },
    unreadableLines: [],
  });
});

it.each(['', 'no report at all', 'Actual clock freq: N/A', ':\n::\n: :'])('tells nothing of %j', (text) => {
  expect(parseQuartusReport(text)).toEqual({ clockMHz: null, resources: null, unreadableLines: [] });
});

it.each([
  'DSP blocks: many',
  'Logic utilization: 5 / 0',
  'Logic utilization: 9,999 / 10',
  'RAM blocks: ,,,',
  'RAM blocks: 1,2 / 30',
  'RAM blocks: 99999999999999999999',
  'Actual clock freq: 1e300',
  'Actual clock freq: 0',
  'Actual clock freq: -5',
  'Actual clock freq: 1000.5',
])('names the line whose figure cannot be right: %s', (line) => {
  const { clockMHz, resources, unreadableLines } = parseQuartusReport(`ALUTs: 5\n${line}\nRegisters: 7\n`);
  expect({ clockMHz, resources, unreadableLines }).toEqual({
    clockMHz: null,
    resources: null,
    unreadableLines: [line],
  });
});

/** In the form that XRT's xclbinutil writes (FormattedOutput.cxx), with numbers of our own. */
const INFO = `Scalable Clocks
---------------
   Name:      DATA_CLK
   Index:     0
   Type:      DATA
   Frequency: 250 MHz

   Name:      KERNEL_CLK
   Index:     1
   Type:      KERNEL
   Frequency: 500 MHz
`;
const SYSTEM = `
System Clocks
------
   Name:           ulp_ucs_aclk_kernel_00
   Type:           SCALABLE
   Default Freq:   300 MHz
   Requested Freq: 300 MHz
   Achieved Freq:  241.5 MHz
`;

it('takes the clock that a build of v++ reached, else the one that kernels are set to', () => {
  expect(parseXclbinInfo(INFO)).toEqual({ clockMHz: 250, unreadableLines: [] });
  expect(parseXclbinInfo(INFO + SYSTEM)).toEqual({ clockMHz: 241.5, unreadableLines: [] });
});

it.each([
  ['   Type: DATA\n   Frequency: fast\n', 'Frequency: fast'],
  ['   Achieved Freq: 99999 MHz\n', 'Achieved Freq: 99999 MHz'],
  ['   Achieved Freq: 0 MHz\n', 'Achieved Freq: 0 MHz'],
])('names the line of v++ whose clock none can have: %j', (text, line) => {
  expect(parseXclbinInfo(text)).toEqual({ clockMHz: null, unreadableLines: [line] });
});
