/**
 * The boards that estimates are made for: what a design can have of each, and where the numbers are from.
 *
 * Logic is counted in adder bits: one for a LUT of AMD's parts (a 6-input LUT and its carry), two for an ALM of
 * Intel's. A block memory is listed with the widths that it can be read with, since a narrow deep memory needs
 * other blocks than a wide shallow one.
 *
 * Not all of a part can be used. `usable` is the share that a design is planned with: AMD's advice for closing
 * timing, as FINN keeps it (70 % of the logic, 80 % of memories and DSP), and ten points less where the sizes are
 * those of the whole part, so that the board's shell has room. The clock is a plan, not a promise: what compilers
 * reach depends on the design.
 */

export interface BlockShape {
  depth: number;
  width: number;
}

export interface BlockMemory {
  name: string;
  blocks: number;
  /** Widest first. */
  shapes: readonly BlockShape[];
}

export interface FpgaBoard {
  id: string;
  name: string;
  part: string;
  /** Names of such boards in their packages for the vendor's compiler; the first is taken where none is given. */
  sdkBoards: readonly string[];
  vendor: 'intel' | 'amd';
  logic: { unit: 'ALM' | 'LUT'; count: number; adderBitsEach: 1 | 2 };
  /** Depth and width of a memory made of one adder bit's worth of logic; shallow tables go there. */
  logicMemory: { depth: number; bitsPerAdderBit: number };
  memories: readonly BlockMemory[];
  dspBlocks: number;
  /** DSP blocks of a product of 32 by 32 bits: of 27 by 27 (Intel), 27 or 25 by 18 (AMD). */
  dspBlocksOfProduct: number;
  usable: { logic: number; memory: number; dsp: number };
  /** MHz that the estimate is made at unless another is given. */
  clockMHz: number;
  /** Peak of the way in for images, bytes a second; null where it is not known, so that it bounds nothing. */
  inputBytesPerSecond: number | null;
  /** Peak of the board's memory, which streamed weights come from, bytes a second; null where it is not known. */
  memoryBytesPerSecond: number | null;
  /** Where the sizes are from. */
  source: string;
}

const M20K: readonly BlockShape[] = [
  { depth: 512, width: 40 },
  { depth: 1024, width: 20 },
  { depth: 2048, width: 10 },
  { depth: 4096, width: 5 },
  { depth: 8192, width: 2 },
  { depth: 16384, width: 1 },
];
const M10K: readonly BlockShape[] = [
  { depth: 256, width: 40 },
  { depth: 512, width: 20 },
  { depth: 1024, width: 10 },
  { depth: 2048, width: 5 },
  { depth: 4096, width: 2 },
  { depth: 8192, width: 1 },
];
/** 36 Kb, one port reading and one writing. */
const RAMB36: readonly BlockShape[] = [
  { depth: 512, width: 72 },
  { depth: 1024, width: 36 },
  { depth: 2048, width: 18 },
  { depth: 4096, width: 9 },
  { depth: 8192, width: 4 },
  { depth: 16384, width: 2 },
  { depth: 32768, width: 1 },
];
const URAM: readonly BlockShape[] = [{ depth: 4096, width: 72 }];

/** An MLAB of ten ALMs, twenty adder bits, is 32 words of 20 bits. */
const MLAB = { depth: 32, bitsPerAdderBit: 32 };
/** Four LUTs are 64 words of 3 bits with a port for reading and one for writing. */
const LUTRAM = { depth: 64, bitsPerAdderBit: 48 };

const WHOLE_PART = { logic: 0.6, memory: 0.7, dsp: 0.7 };
const WITHOUT_SHELL = { logic: 0.7, memory: 0.8, dsp: 0.8 };

/** 8 and 16 lanes at 8 GT/s with 128b/130b coding: a bound that no transfer reaches. */
const PCIE3_X8 = 7.877e9;
const PCIE3_X16 = 15.754e9;

/**
 * Memories of the boards, peak by width and rate; a stream of weights reaches less. AMD's are from UG1393 (HBM
 * Configuration and Use): one channel of DDR or of HBM, since v++ puts all buffers of a kernel into one unless it is
 * told otherwise. Those of Intel's boards are assumptions whose source is still to be read: 32 bits of DDR3 at 800 MT/s
 * behind a DE10's ARM processor; on the PAC cards two (Intel 683633) and four channels of 64 bits, at 2133 and 2400.
 */
const DDR3_800_X32 = 3.2e9;
const DDR4_2133 = 17.06e9;
const DDR4_2400 = 19.2e9;
const ALVEO_DDR_CHANNEL = 19.25e9;
const ALVEO_HBM_CHANNEL = 14.375e9;

const SHAPES_INTEL = 'block shapes: Intel, Embedded Memory Configurations (683461, 683440)';
const UG1120 = 'AMD UG1120 (Alveo platforms, resources outside the shell), as quoted in FINN’s platforms.py';

/** What the vendors' documents give of each board; its other fields follow from the family. */
type BoardFigures = Pick<
  FpgaBoard,
  | 'id'
  | 'name'
  | 'part'
  | 'sdkBoards'
  | 'dspBlocks'
  | 'clockMHz'
  | 'inputBytesPerSecond'
  | 'memoryBytesPerSecond'
  | 'source'
>;

function intel(board: BoardFigures & { alms: number; memory: BlockMemory }): FpgaBoard {
  const { alms, memory, ...rest } = board;
  return {
    ...rest,
    vendor: 'intel',
    logic: { unit: 'ALM', count: alms, adderBitsEach: 2 },
    dspBlocksOfProduct: 2,
    logicMemory: MLAB,
    memories: [memory],
    usable: WHOLE_PART,
    source: `${board.source}; ${SHAPES_INTEL}`,
  };
}

function amd(
  board: BoardFigures & Pick<FpgaBoard, 'usable'> & { luts: number; ramb36: number; uram: number },
): FpgaBoard {
  const { luts, ramb36, uram, ...rest } = board;
  const block = { name: 'RAMB36', blocks: ramb36, shapes: RAMB36 };
  return {
    ...rest,
    vendor: 'amd',
    logic: { unit: 'LUT', count: luts, adderBitsEach: 1 },
    dspBlocksOfProduct: 4,
    logicMemory: LUTRAM,
    memories: uram > 0 ? [block, { name: 'URAM', blocks: uram, shapes: URAM }] : [block],
  };
}

export const FPGA_BOARDS: readonly FpgaBoard[] = [
  intel({
    id: 'de10',
    name: 'DE10-Nano, DE10-Standard',
    part: 'Cyclone V SE/SX A6 (5CSEBA6, 5CSXFC6)',
    sdkBoards: ['de10_nano_sharedonly', 'de10_standard_sharedonly'],
    alms: 41_910,
    memory: { name: 'M10K', blocks: 553, shapes: M10K },
    dspBlocks: 112,
    clockMHz: 100,
    inputBytesPerSecond: null,
    memoryBytesPerSecond: DDR3_800_X32,
    source: 'totals in Quartus fitter reports for 5CSEBA6U23I7',
  }),
  intel({
    id: 'arria10',
    name: 'PAC Arria 10, DE5a-Net',
    part: 'Arria 10 GX 1150',
    sdkBoards: ['pac_a10'],
    alms: 427_200,
    memory: { name: 'M20K', blocks: 2713, shapes: M20K },
    dspBlocks: 1518,
    clockMHz: 200,
    inputBytesPerSecond: PCIE3_X8,
    memoryBytesPerSecond: 2 * DDR4_2133,
    source: 'Intel 683434 (ALMs, M20K), Intel 683461 (DSP blocks)',
  }),
  intel({
    id: 'stratix10',
    name: 'PAC D5005, Nallatech 520N',
    part: 'Stratix 10 GX/SX 2800',
    sdkBoards: ['pac_s10'],
    alms: 933_120,
    memory: { name: 'M20K', blocks: 11_721, shapes: M20K },
    dspBlocks: 5760,
    clockMHz: 250,
    inputBytesPerSecond: PCIE3_X16,
    memoryBytesPerSecond: 4 * DDR4_2400,
    source: 'totals in Quartus fitter reports that T2SP publishes (aoc 19.2)',
  }),
  amd({
    id: 'u50',
    name: 'AMD Alveo U50',
    part: 'XCU50',
    sdkBoards: ['xilinx_u50_gen3x16_xdma_5_202210_1'],
    luts: 2 * 365_000,
    ramb36: 2 * 564,
    uram: 2 * 304,
    dspBlocks: 2 * 2580,
    usable: WITHOUT_SHELL,
    clockMHz: 250,
    inputBytesPerSecond: PCIE3_X16,
    memoryBytesPerSecond: ALVEO_HBM_CHANNEL,
    source: UG1120,
  }),
  amd({
    id: 'u200',
    name: 'AMD Alveo U200',
    part: 'XCU200',
    sdkBoards: ['xilinx_u200_gen3x16_xdma_2_202110_1'],
    luts: 354_690 + 159_739 + 354_839,
    ramb36: 638 + 326 + 638,
    uram: 320 + 160 + 320,
    dspBlocks: 2265 + 1317 + 2265,
    usable: WITHOUT_SHELL,
    clockMHz: 250,
    inputBytesPerSecond: PCIE3_X16,
    memoryBytesPerSecond: ALVEO_DDR_CHANNEL,
    source: `AMD UG1393 (Resource Availability, by SLR); URAM: ${UG1120}`,
  }),
  amd({
    id: 'u250',
    name: 'AMD Alveo U250',
    part: 'XCU250',
    sdkBoards: ['xilinx_u250_gen3x16_xdma_4_1_202210_1'],
    luts: 4 * 345_000,
    ramb36: 4 * 500,
    uram: 4 * 320,
    dspBlocks: 4 * 2877,
    usable: WITHOUT_SHELL,
    clockMHz: 250,
    inputBytesPerSecond: PCIE3_X16,
    memoryBytesPerSecond: ALVEO_DDR_CHANNEL,
    source: UG1120,
  }),
  amd({
    id: 'u280',
    name: 'AMD Alveo U280',
    part: 'XCU280',
    sdkBoards: ['xilinx_u280_gen3x16_xdma_1_202211_1'],
    luts: 369_000 + 333_000 + 367_000,
    ramb36: 507 + 468 + 512,
    uram: 3 * 320,
    dspBlocks: 2733 + 2877 + 2880,
    usable: WITHOUT_SHELL,
    clockMHz: 250,
    inputBytesPerSecond: PCIE3_X16,
    memoryBytesPerSecond: ALVEO_HBM_CHANNEL,
    source: UG1120,
  }),
  amd({
    id: 'pynq-z1',
    name: 'PYNQ-Z1, PYNQ-Z2',
    part: 'Zynq-7020 (XC7Z020)',
    sdkBoards: [],
    luts: 53_200,
    ramb36: 140,
    uram: 0,
    dspBlocks: 220,
    usable: WHOLE_PART,
    clockMHz: 100,
    inputBytesPerSecond: null,
    memoryBytesPerSecond: null,
    source: 'FINN’s platforms.py (Zynq7020)',
  }),
  amd({
    id: 'ultra96',
    name: 'Ultra96',
    part: 'Zynq UltraScale+ ZU3EG',
    sdkBoards: [],
    luts: 71_000,
    ramb36: 206,
    uram: 0,
    dspBlocks: 360,
    usable: WHOLE_PART,
    clockMHz: 200,
    inputBytesPerSecond: null,
    memoryBytesPerSecond: null,
    source: 'FINN’s platforms.py (ZU3EG, rounded there)',
  }),
];
