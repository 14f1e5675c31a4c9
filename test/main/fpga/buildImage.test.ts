/** Building with compilers of our own making: small scripts named aoc and v++ in a folder on PATH. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { imageManifestSchema } from '../../../core/fpga/image';
import { type BuildOptions, buildImage } from '../../../main/fpga/buildImage';
import { type CompilerRequest, commandText, compilerPlan } from '../../../main/fpga/compiler';
import { ImageLibrary } from '../../../main/fpga/imageLibrary';
import { programPath } from '../../../main/fpga/runCompiler';
import { AOCX_SECTIONS, aocx, xclbin } from './images';

const INTEL: CompilerRequest = {
  vendor: 'intel',
  sdkBoard: 'de10_standard_sharedonly',
  target: 'board',
  source: 'network.cl',
  kernels: ['loader', 'layer0_fc0', 'layer1_fc1'],
  clockMHz: null,
  plannedClockMHz: 100,
};
const SOURCE = '__kernel void loader() {}\n';
const AMD: CompilerRequest = {
  ...INTEL,
  vendor: 'amd',
  sdkBoard: 'xilinx_u250_gen3x16_xdma_4_1_202210_1',
  plannedClockMHz: 250,
};
const commands = (request: CompilerRequest) => compilerPlan(request).runs.map(commandText);

describe('the commands', () => {
  it('of Intel make an image, an image for the emulator, or a report', () => {
    expect(commands(INTEL)).toEqual([
      'aoc -board=de10_standard_sharedonly -report network.cl -o network.aocx',
    ]);
    expect(commands({ ...INTEL, target: 'emulator' })).toEqual([
      'aoc -march=emulator network.cl -o network.aocx',
    ]);
    expect(commands({ ...INTEL, target: 'report', clockMHz: 120 })).toEqual([
      'aoc -rtl -report -board=de10_standard_sharedonly -clock=120MHz network.cl -o network.aocr',
    ]);
  });

  it('of AMD compile each kernel and link them, for the clock that is planned or asked for', () => {
    const platform = '--platform xilinx_u250_gen3x16_xdma_4_1_202210_1 --kernel_frequency 250';
    expect(commands({ ...AMD, clockMHz: 300 })[0]).toContain('--kernel_frequency 300 -k loader');
    expect(commands(AMD)).toEqual([
      `v++ -c -t hw ${platform} -k loader network.cl -o loader.xo`,
      `v++ -c -t hw ${platform} -k layer0_fc0 network.cl -o layer0_fc0.xo`,
      `v++ -c -t hw ${platform} -k layer1_fc1 network.cl -o layer1_fc1.xo`,
      `v++ -l -t hw ${platform} loader.xo layer0_fc0.xo layer1_fc1.xo -o network.xclbin`,
    ]);
    expect(commands({ ...AMD, target: 'report' })).toHaveLength(3);
    const emulated = commands({ ...AMD, target: 'emulator' });
    expect(emulated[0]).toBe('emconfigutil --platform xilinx_u250_gen3x16_xdma_4_1_202210_1 --od .');
    expect(emulated[1]).toContain('-t sw_emu');
    expect(emulated.at(-1)).toMatch(/^v\+\+ -l .* -o network\.xclbin$/);
  });

  it('survive a shell', () => {
    expect(commandText({ program: 'aoc', words: ["-board=it's mine", 'a.cl'] })).toBe(
      `aoc '-board=it'\\''s mine' a.cl`,
    );
  });
});

describe('a build', () => {
  let folder: string;
  let path: string | undefined;
  let lines: string[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bnnw-build-'));
    path = process.env.PATH;
    lines = [];
  });
  afterEach(async () => {
    process.env.PATH = path;
    await rm(folder, { recursive: true });
  });

  async function install(program: string, script: string): Promise<void> {
    const file = join(folder, program);
    await writeFile(file, `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
    process.env.PATH = `${folder}${delimiter}${path}`;
  }

  /** An image and its hash, as build.sh leaves them. */
  async function compiledElsewhere(bytes: Buffer): Promise<string> {
    const image = join(folder, 'build', 'network.aocx');
    await writeFile(image, bytes);
    const hash = createHash('sha256').update(bytes).digest('hex');
    await writeFile(`${image}.sha256`, `${hash}  network.aocx\n`);
    return image;
  }

  function options(request: CompilerRequest): BuildOptions {
    return {
      folder: join(folder, 'build'),
      files: new Map([['network.cl', SOURCE]]),
      compiler: compilerPlan(request),
      plan: {
        source: 'network.cl',
        sdkBoard: request.sdkBoard,
        kernels: INTEL.kernels.slice(),
        network: 'mnist-784-1000-500-10',
        networkSha256: createHash('sha256').update(SOURCE).digest('hex'),
        precision: 'a4',
        scalesSha256: null,
        folding: { layers: [{ name: 'fc0', pe: 5, simd: 392, channelDepth: 64 }] },
      },
      onLine: (line) => lines.push(line),
    };
  }

  it('without a compiler writes the sources and the commands', async () => {
    process.env.PATH = folder;
    const result = await buildImage(options(INTEL));
    const clear = 'rm -f network.aocx network.aocx.json network.aocx.sha256';
    const hash = 'sha256sum network.aocx > network.aocx.sha256';
    expect(result).toEqual({
      commands: [clear, ...commands(INTEL), hash],
      missing: ['aoc'],
      image: null,
      report: null,
    });
    expect(await readFile(join(folder, 'build', 'network.cl'), 'utf8')).toContain('loader');
    expect(await readFile(join(folder, 'build', 'build.sh'), 'utf8')).toContain(commands(INTEL)[0]);
  });

  it('writes no other sources beside an image that has no manifest yet', async () => {
    process.env.PATH = folder;
    await buildImage(options(INTEL));
    await compiledElsewhere(aocx());
    await buildImage(options(INTEL));
    const { plan, ...others } = options(INTEL);
    const other = { ...others, plan: { ...plan, precision: 'a8' as const, networkSha256: 'f'.repeat(64) } };
    await expect(buildImage(other)).rejects.toMatchObject({
      kind: 'usage',
      remedy: expect.stringContaining('a4'),
    });
    const report = compilerPlan({ ...INTEL, target: 'report' });
    await expect(buildImage({ ...other, compiler: report })).rejects.toMatchObject({ kind: 'usage' });
    const library = new ImageLibrary(join(folder, 'library'));
    const added = await library.add(join(folder, 'build', 'network.aocx'));
    expect(added.manifest).toMatchObject({ precision: 'a4' });
  });

  it('gives an image whose manifest the library takes', async () => {
    await writeFile(join(folder, 'ready.aocx'), aocx());
    await install(
      'aoc',
      `if [ "$1" = -version ]; then echo 'Intel(R) FPGA SDK for OpenCL(TM), 64-Bit Offline Compiler'; echo 'Version 19.1.0 Build 240'; else echo compiling; cp ${join(folder, 'ready.aocx')} network.aocx; fi`,
    );
    expect(await programPath('aoc')).toBe(join(folder, 'aoc'));
    const { image, missing } = await buildImage(options(INTEL));
    expect(missing).toEqual([]);
    expect(lines).toEqual([`$ ${commands(INTEL)[0]}`, 'compiling']);
    const manifest = imageManifestSchema.parse(JSON.parse(await readFile(`${image}.json`, 'utf8')));
    expect(manifest).toMatchObject({
      sdkVersion: 'Version 19.1.0 Build 240',
      board: 'de10_standard_sharedonly',
      target: 'board',
      precision: 'a4',
    });
    const library = new ImageLibrary(join(folder, 'library'));
    expect(await library.add(image!)).toMatchObject({ manifest });
  });

  it('that a person ran by the printed commands gives an image that the library knows, too', async () => {
    process.env.PATH = folder;
    await buildImage(options(INTEL));
    const image = await compiledElsewhere(aocx());
    const library = new ImageLibrary(join(folder, 'library'));
    const { id, manifest } = await library.add(image);
    expect(manifest).toMatchObject({
      network: 'mnist-784-1000-500-10',
      sdkVersion: '19.1.0.240',
      bytes: aocx().length,
    });
    await library.remove(id);
    // A source that was changed since is another network's.
    await writeFile(join(folder, 'build', 'network.cl'), '__kernel void other() {}\n');
    expect((await library.add(image)).manifest).toBeNull();
  });

  it('that came over with a flipped byte, or without its hash, is refused', async () => {
    process.env.PATH = folder;
    await buildImage(options(INTEL));
    const image = await compiledElsewhere(aocx());
    const library = new ImageLibrary(join(folder, 'library'));
    const bytes = aocx();
    bytes[bytes.indexOf('configuration')]! ^= 1;
    await writeFile(image, bytes);
    await expect(library.add(image)).rejects.toThrow(/bytes are not those of network.aocx.sha256/);
    await rm(`${image}.sha256`);
    await expect(library.add(image)).rejects.toThrow(/network.aocx.sha256 is missing/);
  });

  it('that came over for another board than was asked for is refused', async () => {
    process.env.PATH = folder;
    await buildImage(options({ ...INTEL, sdkBoard: 'de5net_a7' }));
    const image = await compiledElsewhere(aocx());
    const library = new ImageLibrary(join(folder, 'library'));
    await expect(library.add(image)).rejects.toThrow(
      /for the board de10_standard_sharedonly, and the build was for de5net_a7/,
    );
  });

  it('of AMD does the same', async () => {
    await writeFile(join(folder, 'ready.xclbin'), xclbin());
    await install(
      'v++',
      `[ "$1" = -l ] && cp ${join(folder, 'ready.xclbin')} network.xclbin; echo "v++ v2022.1"`,
    );
    const { image } = await buildImage(options(AMD));
    const manifest = imageManifestSchema.parse(JSON.parse(await readFile(`${image}.json`, 'utf8')));
    expect(manifest).toMatchObject({ vendor: 'amd', sdkVersion: 'v++ v2022.1', kernels: INTEL.kernels });
    expect(lines.filter((line) => line.startsWith('$'))).toHaveLength(4);
  });

  it('that fails tells what the compiler said last', async () => {
    await install('aoc', `[ "$1" = -version ] && exit 0; echo 'Error: cannot fit' >&2; exit 3`);
    await expect(buildImage(options(INTEL))).rejects.toMatchObject({
      kind: 'device-failed',
      message: 'aoc ended with code 3.',
      details: 'Error: cannot fit',
    });
  });

  it('whose compiler writes something else is refused', async () => {
    await install('aoc', `[ "$1" = -version ] && exit 0; echo nonsense > network.aocx`);
    await expect(buildImage(options(INTEL))).rejects.toMatchObject({ kind: 'refused-file' });
  });

  it.each(['board', 'report'] as const)('whose compiler writes nothing is told so (%s)', async (target) => {
    await install('aoc', 'exit 0');
    await expect(buildImage(options({ ...INTEL, target }))).rejects.toMatchObject({
      kind: 'device-failed',
      message: expect.stringMatching(
        /aoc ended without an error and did not write (network.aocx|report.html)/,
      ),
    });
  });

  it.each(['board', 'report'] as const)(
    'whose compiler leaves what an earlier build wrote is told so (%s)',
    async (target) => {
      await writeFile(join(folder, 'made.aocx'), aocx());
      const writing = `mkdir -p network/reports && echo > network/reports/report.html && cp ../made.aocx network.aocx`;
      await install('aoc', `[ "$1" = -version ] || { ${writing}; }`);
      const { image } = await buildImage(options(INTEL));
      await install('aoc', 'exit 0');
      const { plan, ...others } = options({ ...INTEL, target });
      const other = { ...others, plan: { ...plan, precision: 'a2' as const, networkSha256: 'f'.repeat(64) } };
      await expect(buildImage(other)).rejects.toMatchObject({ kind: 'device-failed' });
      const manifest = imageManifestSchema.parse(JSON.parse(await readFile(`${image}.json`, 'utf8')));
      expect(manifest.precision).toBe('a4');
    },
  );

  /** The image of an earlier build, finished here, and another build into the same folder. */
  async function otherBuild(): Promise<BuildOptions> {
    await writeFile(join(folder, 'made.aocx'), aocx());
    await install('aoc', '[ "$1" = -version ] || cp ../made.aocx network.aocx');
    await buildImage(options(INTEL));
    const { plan, ...others } = options(INTEL);
    return { ...others, plan: { ...plan, precision: 'a2' as const, networkSha256: 'f'.repeat(64) } };
  }

  it('by the written script leaves nothing of an earlier image beside the new one', async () => {
    await otherBuild();
    await rm(join(folder, 'aoc'));
    await buildImage(options(INTEL));
    const changed = aocx({ ...AOCX_SECTIONS, '.acl.version': '20.1' });
    await writeFile(join(folder, 'made.aocx'), changed);
    await install('aoc', 'cp ../made.aocx network.aocx');
    const image = join(folder, 'build', 'network.aocx');
    execFileSync('sh', [join(folder, 'build', 'build.sh')]);
    const library = new ImageLibrary(join(folder, 'library'));
    expect((await library.add(image)).manifest).toMatchObject({ precision: 'a4', bytes: changed.length });
    await install('aoc', 'exit 1');
    expect(() => execFileSync('sh', [join(folder, 'build', 'build.sh')])).toThrow();
    expect(await readdir(join(folder, 'build'))).not.toContain('network.aocx');
  });

  it.each([
    ['an empty file', 'touch network.aocx'],
    ['a half of an image', 'echo half > network.aocx'],
    ['an empty folder', 'mkdir network.aocx'],
  ])('that failed and left %s does not stand in the way of the next', async (_what, leaving) => {
    await install('aoc', `[ "$1" = -version ] || { rm -rf network.aocx; ${leaving}; exit 1; }`);
    await expect(buildImage(options(INTEL))).rejects.toMatchObject({ kind: 'device-failed' });
    expect((await otherBuild()).plan.precision).toBe('a2');
  });

  it('that failed over an earlier image leaves no manifest of that one', async () => {
    const other = await otherBuild();
    await install('aoc', '[ "$1" = -version ] || { echo half > network.aocx; exit 1; }');
    await expect(buildImage(other)).rejects.toMatchObject({ kind: 'device-failed' });
    const left = await readdir(join(folder, 'build'));
    expect(left.filter((name) => name.startsWith('network.aocx'))).toEqual([]);
  });

  it.each([
    ['an empty file', (path: string) => writeFile(path, '')],
    ['an empty folder', (path: string) => mkdir(path)],
  ])('takes %s where the image is to be for a leftover', async (_what, leave) => {
    const other = await otherBuild();
    await rm(join(folder, 'build', 'network.aocx'));
    await rm(join(folder, 'build', 'network.aocx.json'));
    await leave(join(folder, 'build', 'network.aocx'));
    expect((await buildImage(other)).image).not.toBeNull();
  });

  it('says which folder stands where the image is to be', async () => {
    await mkdir(join(folder, 'build', 'network.aocx', 'mine'), { recursive: true });
    await expect(buildImage(options(INTEL))).rejects.toMatchObject({
      kind: 'usage',
      where: join(folder, 'build', 'network.aocx'),
    });
  });

  it('gives a report that it wrote, and none that an earlier build left', async () => {
    const report = compilerPlan({ ...AMD, target: 'report' });
    const writing = 'mkdir -p _x/reports/loader && echo > _x/reports/loader/times.rpt';
    await install('v++', `[ "$1" = --version ] || { ${writing}; }`);
    expect((await buildImage({ ...options(AMD), compiler: report })).report).toBe('_x/reports');
    expect((await buildImage({ ...options(AMD), compiler: report })).report).toBe('_x/reports');
    await writeFile(join(folder, 'ready.xclbin'), xclbin());
    await install('v++', `[ "$1" = -l ] && cp ../ready.xclbin network.xclbin; exit 0`);
    expect(await buildImage(options(AMD))).toMatchObject({ report: null, image: expect.any(String) });
  });

  it('whose compiler cannot be started says so', async () => {
    await writeFile(join(folder, 'aoc'), '#!/no/such/interpreter\n');
    await chmod(join(folder, 'aoc'), 0o755);
    process.env.PATH = `${folder}${delimiter}${path}`;
    await expect(buildImage(options(INTEL))).rejects.toMatchObject({
      kind: 'device-failed',
      message: 'aoc could not be started (ENOENT).',
      remedy: expect.stringContaining('interpreter'),
    });
  });

  it('whose compiler is killed names the signal', async () => {
    await install('aoc', '[ "$1" = -version ] && exit 0; kill -KILL $$');
    await expect(buildImage(options(INTEL))).rejects.toMatchObject({
      kind: 'device-failed',
      message: 'aoc was ended by SIGKILL.',
      remedy: expect.stringContaining('memory'),
    });
  });

  it('does not take a folder for a compiler', async () => {
    await mkdir(join(folder, 'aoc'));
    process.env.PATH = folder;
    expect(await buildImage(options(INTEL))).toMatchObject({ missing: ['aoc'], image: null });
  });

  it('asks for every program before it starts the first', async () => {
    await install('v++', 'exit 0');
    process.env.PATH = folder;
    const compiler = compilerPlan({ ...AMD, target: 'emulator' });
    expect(await buildImage({ ...options(AMD), compiler })).toMatchObject({
      missing: ['emconfigutil'],
      image: null,
    });
    expect(lines).toEqual([]);
  });

  it('that fails does not wait for what its compiler left running', async () => {
    const script = 'sleep 300 & echo $! > ../left; echo "Error: cannot fit" >&2; exit 3';
    await install('aoc', `[ "$1" = -version ] && exit 0; ${script}`);
    try {
      await expect(buildImage(options(INTEL))).rejects.toMatchObject({
        message: 'aoc ended with code 3.',
        details: 'Error: cannot fit',
      });
    } finally {
      process.kill(Number(await readFile(join(folder, 'left'), 'utf8')));
    }
  });

  it('whose compiler prints without an end of line goes on', async () => {
    const printing = `head -c 3000000 /dev/zero | tr '\\0' x; printf 'tail\\r\\nlast'`;
    await install('aoc', `[ "$1" = -version ] && exit 0; ${printing}; exit 3`);
    let longest = 0;
    const last: string[] = [];
    const onLine = (line: string) => {
      longest = Math.max(longest, line.length);
      last.push(line);
      if (last.length > 2) last.shift();
    };
    await expect(buildImage({ ...options(INTEL), onLine })).rejects.toMatchObject({
      message: 'aoc ended with code 3.',
    });
    expect(longest).toBeLessThanOrEqual(10_000);
    expect(last[0]).toMatch(/tail$/);
    expect(last[1]).toBe('last');
  });

  it('whose sources change while the compiler runs gives no image', async () => {
    await writeFile(join(folder, 'ready.aocx'), aocx());
    await install(
      'aoc',
      `[ "$1" = -version ] && exit 0; echo '// other' >> network.cl; cp ../ready.aocx network.aocx`,
    );
    await expect(buildImage(options(INTEL))).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('changed while the compiler ran'),
    });
    expect(await readdir(join(folder, 'build'))).not.toContain('network.aocx');
  });

  it('that is ended ends what its compiler started, too', async () => {
    const script = 'sleep 300 & echo $! > ../left; echo started; wait';
    await install('aoc', `[ "$1" = -version ] && exit 0; ${script}`);
    const controller = new AbortController();
    const onLine = (line: string) => {
      if (line === 'started') controller.abort();
    };
    await expect(buildImage({ ...options(INTEL), signal: controller.signal, onLine })).rejects.toMatchObject({
      kind: 'cancelled',
    });
    const left = Number(await readFile(join(folder, 'left'), 'utf8'));
    expect(() => process.kill(left, 0)).toThrow('ESRCH');
  });

  it('can be ended while the compiler is asked for its version', async () => {
    await install('aoc', `exec sleep 300`);
    const controller = new AbortController();
    const build = buildImage({ ...options(INTEL), signal: controller.signal });
    setTimeout(() => controller.abort(), 300);
    await expect(build).rejects.toMatchObject({ kind: 'cancelled' });
    expect(lines).toEqual([]);
  });

  it('can be ended', async () => {
    await install('aoc', `[ "$1" = -version ] && exit 0; exec sleep 60`);
    const controller = new AbortController();
    const build = buildImage({
      ...options(INTEL),
      signal: controller.signal,
      onLine: () => controller.abort(),
    });
    await expect(build).rejects.toMatchObject({ kind: 'cancelled' });
  });
});
