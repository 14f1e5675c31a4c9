import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../../../main/cli/program';
import type { Terminal } from '../../../main/cli/terminal';
import { listBundledModels } from '../../../main/models';
import { aocx, manifestOf } from '../fpga/images';
import { fakeHost } from '../host/fakeHost';

let folder: string;
let path: string | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bnnw-fpga-cli-'));
  path = process.env.PATH;
  // No compiler of a vendor is to be found.
  process.env.PATH = folder;
});
afterEach(async () => {
  process.env.PATH = path;
  await rm(folder, { recursive: true });
});

async function fpga(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const collected = { out: '', err: '' };
  const into = (key: 'out' | 'err') =>
    new Writable({
      write(piece, _encoding, done) {
        collected[key] += piece.toString();
        done();
      },
    });
  const terminal: Terminal = {
    stdout: into('out'),
    stderr: into('err'),
    interactive: false,
    onInterrupt: () => () => undefined,
  };
  const { host } = fakeHost('no device process', join(folder, 'sessions'), { listModels: listBundledModels });
  const code = await runCli(['fpga', ...args], host, terminal);
  return { code, ...collected };
}

describe('bnnw fpga estimate', () => {
  it('says that it is an estimate, and what does not fit', { timeout: 60_000 }, async () => {
    const { code, out } = await fpga(
      'estimate',
      '--board',
      'u250,de10,pynq-z1',
      '--model',
      'cifar10-deterministic',
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^Estimates, computed and not measured/);
    expect(out).toMatch(/images\/s, estimate/);
    expect(out).toMatch(/cifar10-vgg +a4 +u250 +250 +[\d,]+/);
    expect(out).toMatch(/cifar10-vgg +a4 +de10 +100 +\d+/);
    expect(out).toMatch(
      /^cifar10-deterministic on pynq-z1: cifar10-vgg at a4 does not fit: \d+ RAMB36 blocks where 98 of 140 can be used$/m,
    );
  });

  it('of a model that no board can run fails, names the model, and says it once', async () => {
    const reason =
      /^mnist-none on de10, arria10, .*, ultra96: fc0 has real weights; FPGA kernels add one-bit ones$/m;
    const { code, out } = await fpga('estimate', '--model', 'mnist-none');
    expect(code).toBe(1);
    expect(out).toMatch(reason);
    const { code: asJson, out: json, err } = await fpga('estimate', '--model', 'mnist-none', '--json');
    expect(asJson).toBe(1);
    expect(JSON.parse(json)).toEqual([]);
    expect(err).toMatch(reason);
  });

  it('remarks on a clock above the one that a board is planned at', { timeout: 60_000 }, async () => {
    const { out, err } = await fpga(
      ...['estimate', '--board', 'de10,u250', '--model', 'mnist-deterministic', '--clock', '200', '--json'],
    );
    expect(JSON.parse(out)).toHaveLength(2);
    expect(err).toBe(
      'remark: 200 MHz is above the 100 MHz that de10 is planned at: whether a compiler reaches it depends on the design.\n',
    );
  });

  it('shows layers, and all of it as JSON', async () => {
    const { out } = await fpga('estimate', '--board', 'de10', '--model', 'mnist-deterministic', '--layers');
    expect(out).toMatch(/layer +outputs a cycle +inputs a cycle +cycles an image/);
    const { out: json } = await fpga(
      'estimate',
      '--board',
      'de10',
      '--model',
      'mnist-deterministic',
      '--json',
    );
    expect(JSON.parse(json)).toMatchObject([{ kind: 'estimate', boardId: 'de10', clockMHz: 100 }]);
  });

  it('takes another clock', async () => {
    const rate = async (...words: string[]) => {
      const { out } = await fpga(
        'estimate',
        '--board',
        'de10',
        '--model',
        'mnist-deterministic',
        '--json',
        ...words,
      );
      return (JSON.parse(out) as { imagesPerSecond: number }[])[0]!.imagesPerSecond;
    };
    expect(await rate('--clock', '150')).toBeCloseTo(1.5 * (await rate()), 6);
  });

  it.each([
    [['estimate', '--board', 'de9'], /There is no board de9/],
    [['estimate', '--model', 'mnist'], /There is no model mnist/],
    [['estimate', '--precision', 'a5'], /There is no precision a5/],
    [['estimate', '--clock', '999999'], /from 10 to 1000/],
    [['estimate', '--clock', '1e300'], /from 10 to 1000/],
  ])('%j is wrong use', async (words, message) => {
    const { code, err } = await fpga(...words);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});

it('bnnw fpga boards names the source of every size', async () => {
  const { out } = await fpga('boards');
  expect(out.trim().split('\n')).toHaveLength(10);
  expect(out).toMatch(/arria10 .*427,200 ALMs .*2,713 M20K .*683434/);
});

describe('bnnw fpga build', () => {
  const build = (...words: string[]) =>
    fpga('build', '--board', 'de10', '--model', 'mnist-deterministic', '-o', join(folder, 'build'), ...words);

  it('without a compiler writes the kernels and prints the commands', async () => {
    const { code, out } = await build();
    expect(code).toBe(0);
    expect(out).toContain('(an estimate)');
    expect(out).toContain('aoc -board=de10_nano_sharedonly -report network.cl -o network.aocx');
    expect(await readFile(join(folder, 'build', 'network.cl'), 'utf8')).toContain('read_channel_intel');
  });

  it('takes a folding that a person has changed', async () => {
    await build();
    const file = join(folder, 'build', 'folding.json');
    const folding = JSON.parse(await readFile(file, 'utf8')) as { layers: { pe: number }[] };
    folding.layers[0]!.pe = 1;
    await writeFile(join(folder, 'mine.json'), JSON.stringify(folding));
    const { code } = await build('--folding', join(folder, 'mine.json'), '--report');
    expect(code).toBe(0);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(folding);
    folding.layers[0]!.pe = 7;
    await writeFile(join(folder, 'mine.json'), JSON.stringify(folding));
    const { code: wrong, err } = await build('--folding', join(folder, 'mine.json'));
    expect(wrong).toBe(2);
    expect(err).toMatch(/cannot compute 7 outputs a cycle/);
    await writeFile(join(folder, 'mine.json'), '{"layers": 1}');
    const { code: none, err: why } = await build('--folding', join(folder, 'mine.json'));
    expect(none).toBe(2);
    expect(why).toMatch(/is no folding/);
  });

  it('holds a folding against the part, and a channel against what there is', async () => {
    await build();
    const file = join(folder, 'mine.json');
    const text = await readFile(join(folder, 'build', 'folding.json'), 'utf8');
    const changed = async (change: object) => {
      const folding = JSON.parse(text) as { layers: object[] };
      Object.assign(folding.layers[0]!, change);
      await writeFile(file, JSON.stringify(folding));
      return build('--folding', file);
    };
    const { code, err } = await changed({ pe: 1000, simd: 784 });
    expect(code).toBe(1);
    expect(err).toMatch(/does not fit: [\d,]+ DSP blocks where the part has 112, .*\(an estimate\)/);
    expect((await changed({ channelDepth: 100_000 })).err).toMatch(/Possible are 1 to 32768 words/);
    const { code: more, err: warning } = await changed({ pe: 40 });
    expect(more).toBe(0);
    expect(warning).toMatch(
      /warning: by the estimate the folding needs more than is planned for: [\d,]+ \w+( blocks)? where [\d,]+ of [\d,]+ can be used/,
    );
  });

  it('remarks on a clock above the one that the board is planned at', async () => {
    expect((await build('--clock', '300')).err).toMatch(/remark: 300 MHz is above the 100 MHz that de10/);
    expect((await build('--clock', '100')).err).toBe('');
  });

  it('quotes a path for the shell', async () => {
    const output = join(folder, "it's mine");
    await writeFile(join(folder, 'ready.aocx'), aocx());
    await writeFile(join(folder, 'aoc'), `#!/bin/sh\n[ "$1" = -version ] || cp ../ready.aocx network.aocx\n`);
    await chmod(join(folder, 'aoc'), 0o755);
    process.env.PATH = [folder, path].join(delimiter);
    const { out } = await fpga(
      ...['build', '--board', 'de10', '--sdk-board', 'de10_standard_sharedonly', '-o', output],
    );
    expect(out).toContain(`npx bnnw fpga images --add '${folder}/it'\\''s mine/network.aocx'\n`);
  });

  it.each(['--sdk-board', '-o', '--folding', '--model'])('an empty %s is wrong use', async (flag) => {
    const { code, err } = await fpga('build', '--board', 'de10', '-o', join(folder, 'build'), flag, '');
    expect(code).toBe(2);
    expect(err).toMatch(/must not be empty/);
    expect(await readdir(folder)).not.toContain('build');
  });

  it('takes no name of a board that cannot be shown', async () => {
    expect((await build('--sdk-board', 'de10\nnano')).err).toMatch(/characters that cannot be shown/);
    expect((await build('--sdk-board', 'x'.repeat(201))).err).toMatch(/more characters than 200/);
  });

  it('leaves a folder alone where another build is going on', { timeout: 60_000 }, async () => {
    const output = join(folder, 'kernels');
    const compiler = join(folder, 'aoc');
    // The compiler of the first build starts when the second one has ended.
    const waiting = 'while [ ! -e go ]; do /bin/sleep 0.05; done; exit 3';
    await writeFile(compiler, `#!/bin/sh\n[ "$1" = -version ] && exit 0\n: > running\n${waiting}\n`);
    await chmod(compiler, 0o755);
    const build = (precision: string) =>
      fpga('build', '--board', 'de10', '--precision', precision, '-o', output);
    const first = build('a4');
    await expect.poll(() => readdir(output).catch(() => []), { timeout: 30_000 }).toContain('running');
    const second = await build('a8');
    expect(second).toMatchObject({ code: 1, err: expect.stringContaining('Another build is going on') });
    expect(await readFile(join(output, 'plan.json'), 'utf8')).toContain('"a4"');
    await writeFile(join(output, 'go'), '');
    expect((await first).code).toBe(1);
    await rm(compiler);
    expect((await build('a8')).code).toBe(0);
    expect(await readdir(output)).not.toContain('.build.lock');
  });

  it('names what stands in the way of its folder', async () => {
    await writeFile(join(folder, 'file'), '');
    const { err } = await build('-o', join(folder, 'file'));
    expect(err).toMatch(/could not be written: something else stands there already/);
    expect((await build('-o', join(folder, 'x'.repeat(300)))).err).toMatch(/the path is too long/);
  });

  it.each([
    [['--folding', 'none.json'], /none.json/],
    [['--emulator', '--report'], /cannot be used with/],
    [['--precision', 'a4,a8'], /An image has one precision/],
    [['--model', 'mnist-none'], /real weights/],
  ])('%j is refused', async (words, message) => {
    const { code, err } = await build(...words);
    expect(code).not.toBe(0);
    expect(err).toMatch(message);
  });
});

describe('bnnw fpga images', () => {
  it('adds, lists and removes', async () => {
    expect((await fpga('images')).out).toContain('There are no images');
    const file = join(folder, 'network.aocx');
    await writeFile(file, aocx());
    await writeFile(`${file}.json`, JSON.stringify(manifestOf(aocx())));
    const { out, err } = await fpga('images', '--add', file);
    const id = /Added ([0-9a-f]{16})/.exec(err)![1]!;
    expect(out).toMatch(
      new RegExp(`${id} +network.aocx +de10_standard_sharedonly +board +mnist-784.* +a4 +110 +48 %`),
    );
    expect((await fpga('images', '--remove', id)).out).toContain('There are no images');
  });

  it('refuses what is no image', async () => {
    const file = join(folder, 'notes.aocx');
    await writeFile(file, 'notes');
    const { code, err } = await fpga('images', '--add', file);
    expect(code).toBe(1);
    expect(err).toMatch(/notes.aocx is refused: it begins neither like/);
  });
});
