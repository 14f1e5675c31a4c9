/** Small images of both vendors, put together byte by byte, and their manifests. */
import { createHash } from 'node:crypto';
import type { ImageManifest } from '../../../core/fpga/image';

/** The parts of an .aocx of kernels for a DE10, as `aoc` names them. */
export const AOCX_SECTIONS: Record<string, string> = {
  '.acl.board': 'de10_standard_sharedonly\0',
  '.acl.version': '19.1.0.240\0',
  '.acl.target': 'fpga\0',
  '.acl.autodiscovery': '23 28 de10_standard_sharedonly 0 loader 0 128 layer0_fc0 1 layer1_fc1 1\0',
  '.acl.quartus_report':
    'ALUTs: 30000\nLogic utilization: 20,000 / 41,910 ( 48 % )\nActual clock freq: 110\n',
  '.acl.fpga.bin': 'configuration',
};

/** An ELF file with these sections: header, contents, names, table. */
export function aocx(sections: Record<string, string> = AOCX_SECTIONS, bits: 32 | 64 = 32): Buffer {
  const wide = bits === 64;
  const [headerBytes, entryBytes] = wide ? [64, 64] : [52, 40];
  const names = ['', ...Object.keys(sections), '.shstrtab'];
  const text = Buffer.from(names.map((name) => `${name}\0`).join(''), 'latin1');
  const nameAt = (index: number) => names.slice(0, index).reduce((sum, name) => sum + name.length + 1, 0);
  const contents = [
    Buffer.alloc(0),
    ...Object.values(sections).map((each) => Buffer.from(each, 'latin1')),
    text,
  ];
  let at = headerBytes;
  const table = contents.map((content, index) => {
    const entry = Buffer.alloc(entryBytes);
    entry.writeUInt32LE(nameAt(index), 0);
    entry.writeUInt32LE(index === 0 ? 0 : 1, 4);
    if (wide) {
      entry.writeBigUInt64LE(BigInt(at), 24);
      entry.writeBigUInt64LE(BigInt(content.length), 32);
    } else {
      entry.writeUInt32LE(at, 16);
      entry.writeUInt32LE(content.length, 20);
    }
    at += content.length;
    return entry;
  });
  const header = Buffer.alloc(headerBytes);
  header.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, 1, 1]);
  if (wide) header.writeBigUInt64LE(BigInt(at), 40);
  else header.writeUInt32LE(at, 32);
  header.writeUInt16LE(entryBytes, wide ? 58 : 46);
  header.writeUInt16LE(contents.length, wide ? 60 : 48);
  header.writeUInt16LE(contents.length - 1, wide ? 62 : 50);
  return Buffer.concat([header, ...contents, ...table]);
}

export interface XclbinParts {
  platform?: string;
  mode?: number;
  kernels?: string[];
  clocks?: { mhz: number; type: number }[];
  metadata?: unknown;
}

/** An .xclbin for an Alveo U250. */
export function xclbin(parts: XclbinParts = {}): Buffer {
  const {
    platform = 'xilinx_u250_gen3x16_xdma_4_1_202210_1',
    mode = 0,
    kernels = ['loader', 'layer0_fc0', 'layer1_fc1'],
    clocks = [
      { mhz: 250, type: 1 },
      { mhz: 500, type: 2 },
    ],
    metadata = { build_metadata: { xclbin: { generated_by: { name: 'v++', version: '2022.1' } } } },
  } = parts;
  const layout = Buffer.alloc(8 + kernels.length * 80);
  layout.writeInt32LE(kernels.length, 0);
  kernels.forEach((name, i) => {
    layout.writeUInt32LE(1, 8 + i * 80);
    layout.write(`${name}:${name}_1`, 8 + i * 80 + 16, 'latin1');
  });
  const topology = Buffer.alloc(2 + clocks.length * 136);
  topology.writeInt16LE(clocks.length, 0);
  clocks.forEach(({ mhz, type }, i) => {
    topology.writeUInt16LE(mhz, 2 + i * 136);
    topology.writeUInt8(type, 2 + i * 136 + 2);
  });
  const sections: [kind: number, content: Buffer][] = [
    [0, Buffer.from('bitstream', 'latin1')],
    [8, layout],
    [11, topology],
    [14, Buffer.from(JSON.stringify(metadata))],
  ];
  let at = 456 + sections.length * 40;
  const table = sections.map(([kind, content]) => {
    const entry = Buffer.alloc(40);
    entry.writeUInt32LE(kind, 0);
    entry.writeBigUInt64LE(BigInt(at), 24);
    entry.writeBigUInt64LE(BigInt(content.length), 32);
    at += content.length;
    return entry;
  });
  const header = Buffer.alloc(456);
  header.write('xclbin2\0', 0, 'latin1');
  header.writeInt32LE(-1, 8);
  header.writeBigUInt64LE(BigInt(at), 304);
  header.writeUInt16LE(mode, 332);
  header.write(platform, 352, 'latin1');
  header.writeUInt32LE(sections.length, 448);
  return Buffer.concat([header, ...table, ...sections.map(([, content]) => content)]);
}

export function manifestOf(image: Buffer, change: Partial<ImageManifest> = {}): ImageManifest {
  return {
    format: 'bnn-workbench-fpga-image',
    version: 1,
    sha256: createHash('sha256').update(image).digest('hex'),
    bytes: image.length,
    vendor: 'intel',
    target: 'board',
    board: 'de10_standard_sharedonly',
    sdkVersion: '19.1.0.240',
    kernels: ['loader', 'layer0_fc0', 'layer1_fc1'],
    network: 'mnist-784-1000-500-10',
    networkSha256: 'a'.repeat(64),
    precision: 'a4',
    scalesSha256: null,
    folding: { layers: [{ name: 'fc0', pe: 5, simd: 392, channelDepth: 64 }] },
    builtAt: '2026-01-02T03:04:05.000Z',
    ...change,
  };
}
