import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { formatSession, parseSession } from '../../../core/session/document';
import { mergeSessions } from '../../../core/session/merge';
import { applicationRoot } from '../../../main/applicationRoot';
import { runCli } from '../../../main/cli/program';
import type { Terminal } from '../../../main/cli/terminal';
import { SessionStore } from '../../../main/host/sessionStore';
import { fakeHost } from '../host/fakeHost';
import { bundle, temporaryFolder } from '../host/programs';

const { folder, remove } = temporaryFolder();
const sessions = join(folder, 'sessions');
let devices: string;
let program: string;
// Every run starts processes, and other tests run beside this file.
vi.setConfig({ testTimeout: 60_000 });

beforeAll(() => {
  // The program looks for its version above itself.
  copyFileSync(join(applicationRoot(), 'package.json'), join(folder, 'package.json'));
  devices = bundle(join(__dirname, '../host/fakeDeviceProcess.ts'), folder);
  program = bundle(join(__dirname, 'fakeCli.ts'), folder);
});
afterAll(remove);

class Collected extends Writable {
  text = '';

  override _write(piece: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += piece.toString();
    done();
  }
}

/** Runs a command line inside this process. */
async function cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const stdout = new Collected();
  const stderr = new Collected();
  const terminal: Terminal = { stdout, stderr, interactive: false, onInterrupt: () => () => undefined };
  const code = await runCli(args, fakeHost(devices, sessions).host, terminal);
  return { code, out: stdout.text, err: stderr.text };
}

const run = (...args: string[]) => cli('run', '--model', 'fake-model', '--batch', '16', ...args);

describe('bnnw sessions', () => {
  it('lists what is kept, with the id that other commands take', async () => {
    const { out: document } = await run('--device', 'good', '--samples', '10', '--json', '-', '--quiet');
    const { id, name } = parseSession(document, 'standard output');
    const { code, out } = await cli('sessions');
    const line = out.split('\n').find((each) => each.startsWith(id));
    expect(line).toContain(name);
    expect(line).toMatch(/Z +1 +0\b/);
    expect(code).toBe(0);
  });
});

describe('bnnw run --help', () => {
  it('shows the default of a list as it is typed', async () => {
    const { out } = await cli('run', '--help');
    expect(out).toMatch(/--precision .*\(default: fp32\)/);
  });
});

describe('bnnw rerun', () => {
  it('repeats a session and tells for each run whether answers and time are the same', async () => {
    const path = join(folder, 'before.json');
    await run('--device', 'good', '--samples', '10', '--seed', '5', '--json', path, '--quiet');
    const { code, out } = await cli('rerun', path, '--quiet');
    expect(out).toMatch(/^fake-model +Fake good.* +fp32 +16 +the same +too few batches/m);
    expect(code).toBe(0);
  });

  it('fails where an answer is another one', async () => {
    const path = join(folder, 'other.json');
    await run('--device', 'good', '--json', path, '--quiet');
    const session = JSON.parse(readFileSync(path, 'utf8'));
    const [first] = session.runs;
    first.predictions[3] = (first.predictions[3] + 1) % 3;
    first.accuracy.correct = first.predictions.filter((p: number, i: number) => p === first.labels[i]).length;
    writeFileSync(path, JSON.stringify(session));
    const { code, out } = await cli('rerun', path, '--quiet');
    expect(out).toContain('1 changed');
    expect(code).toBe(1);
  });

  it('names the parts of a merged session, which no single command repeats', async () => {
    const { out: text } = await run('--device', 'good', '--samples', '10', '--json', '-', '--quiet');
    const part = parseSession(text, 'standard output');
    const merged = mergeSessions([part, part], { ...part, id: 'both', name: 'both' });
    const path = join(folder, 'merged.json');
    writeFileSync(path, formatSession(merged));
    const { code, err } = await cli('rerun', path, '--quiet');
    expect(err).toContain(`bnnw rerun ${part.id}`);
    expect(code).toBe(2);
  });
});

describe('bnnw run', () => {
  it('prints a table, and tells where the session lies', async () => {
    const { code, out, err } = await run('--device', 'fake good');
    expect(code).toBe(0);
    expect(out).toMatch(/^model +device +precision/);
    expect(out).toMatch(/^fake-model +Fake good.* quick$/m);
    const path = /session: (.*)\n/.exec(err)?.[1];
    expect(existsSync(path!)).toBe(true);
  });

  it('with --json - prints the session document and nothing else', async () => {
    const { out } = await run('--device', 'good', '--samples', '10', '--json', '-');
    const session = parseSession(out, 'stdout');
    expect(session.runs[0]).toMatchObject({ dataset: { samples: 10, seed: 1 }, batchSize: 16 });
  });

  it('with --json FILE writes it there', async () => {
    const path = join(folder, 'session.json');
    await run('--device', 'good', '--json', path, '--quiet');
    expect(parseSession(readFileSync(path, 'utf8'), path).runs).toHaveLength(1);
  });

  it('that fails tells what, where and what to do, and ends with 1', async () => {
    const { code, out, err } = await run('--device', 'wrong', '--quiet');
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toContain('Fake wrong failed its self-test');
    expect(err).toContain('to do: Update its driver');
    expect(err).toContain('--verbose');
    expect((await run('--device', 'wrong', '--quiet', '--verbose')).err).toContain('the reference gives');
  });
});

describe('bnnw import', () => {
  it('replaces no file unless told so', async () => {
    const output = join(folder, 'mine.safetensors');
    writeFileSync(output, 'mine');
    const source = join(folder, 'none.pt');
    const refused = await cli('import', source, '--output', output);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('There is a file of this name already.');
    expect(refused.err).toContain(`where: ${output}`);
    // With the word it goes on, to a source that is not there.
    expect((await cli('import', source, '--output', output, '--force')).err).toContain(source);
    expect(readFileSync(output, 'utf8')).toBe('mine');
  });
});

describe('wrong use', () => {
  it.each([
    [['run', '--device', 'good', '--model', 'fake-modell'], 'Did you mean fake-model?'],
    [['run', '--device', 'goood', '--model', 'fake-model'], 'Did you mean'],
    [['run', '--device', 'fake', '--model', 'fake-model'], 'fits 9 devices'],
    [['run', '--device', 'good', '--modell', 'fake-model'], 'Did you mean --model?'],
    [['run', '--device', 'good'], '--model is missing'],
    [['run', '--device', 'good', '--model', 'fake-model', '--precision', 'fp31'], 'Did you mean fp32?'],
    [['run', '--device', 'good', '--model', 'fake-model', '--batch', '0'], 'from 1 to 65536'],
    [['run', '--device', 'good', '--model', 'fake-model', '--samples', '1e3'], 'whole number'],
    [['rum'], 'Did you mean run?'],
    [['report', 'nothing', '-o', 'x.doc'], 'must end in one of .html, .pdf, .md, .tex, .csv, .json'],
    [['report', 'nothing', '-o', 'x.md'], 'There is no session nothing'],
    [['install', 'imagenet'], 'nothing called imagenet'],
  ])('%j ends with 2 and says: %s', async (args, said) => {
    const { code, out, err } = await cli(...args);
    expect(err).toContain(said);
    expect(out).toBe('');
    expect(code).toBe(2);
  });

  it('is not asking for help or the version', async () => {
    expect(await cli('--help')).toMatchObject({ code: 0, out: expect.stringContaining('Exit codes') });
    expect(await cli('--version')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });
});

describe('bnnw report', () => {
  it('writes the format that the ending names, of a session by id or by path', async () => {
    const { err } = await run('--device', 'good', '--quiet');
    const path = /session: (.*)\n/.exec(err)![1]!;
    const id = path.split('/').at(-2)!;
    for (const [source, name, start] of [
      [id, 'a.md', '# fake-model on Fake good'],
      [path, 'a.csv', 'session,machine_cpu,started_at,'],
      [join(sessions, id), 'a.json', '{'],
      [id, 'a.html', '<!doctype html>'],
      [join(folder, 'a.html'), 'a.tex', '\\documentclass'],
    ] as const) {
      const target = join(folder, name);
      expect((await cli('report', source, '-o', target)).code).toBe(0);
      expect(readFileSync(target, 'utf8').startsWith(start)).toBe(true);
    }
  });

  it('refuses a file that is no session, with 1', async () => {
    const path = join(folder, 'broken.json');
    writeFileSync(path, '{"format": 1}');
    const { code, err } = await cli('report', path, '-o', join(folder, 'b.md'));
    expect(code).toBe(1);
    expect(err).toContain(path);
  });
});

describe('lists', () => {
  it('of devices and models are tables or JSON', async () => {
    expect((await cli('devices')).out).toMatch(/^opencl:fake:good +Fake good +Fake platform +cpu/m);
    expect(JSON.parse((await cli('devices', '--json')).out).devices).toHaveLength(9);
    expect((await cli('models')).out).toMatch(/^fake-model +none +fake-data/m);
    expect(JSON.parse((await cli('models', '--json')).out)[0]).toMatchObject({ id: 'fake-model' });
  });
});

describe('bnnw evaluate', () => {
  it('prints a line for each model that begins with its id', async () => {
    const { code, out, err } = await cli('evaluate', '--samples', '50');
    expect(code).toBe(0);
    expect(out).toMatch(/^fake-model +\d+\.\d\d % of 50 images correct/);
    expect(err).toMatch(/bnnw report \S+ -o report.md/);
  });
});

describe('the program', () => {
  const start = (home: string, ...args: string[]) => {
    const run = ['run', '--model', 'fake-model', '--batch', '16', ...args];
    // Its own group, as a shell gives it one.
    return spawn(process.execPath, [program, join(folder, home), devices, ...run], { detached: true });
  };
  const text = (child: ChildProcess) => {
    const said = { out: '', err: '' };
    child.stdout?.on('data', (piece) => {
      said.out += piece;
    });
    child.stderr?.on('data', (piece) => {
      said.err += piece;
    });
    return said;
  };
  const end = (child: ChildProcess) =>
    new Promise<{ code: number | null; signal: string | null }>((resolve) => {
      child.on('close', (code, signal) => resolve({ code, signal }));
    });
  const seconds = { timeout: 15_000 };

  // All reach every process of the group: from a terminal, a supervisor, and a window that is closed.
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'keeps what is finished at %s, and ends with 130',
    async (signal) => {
      const child = start(`interrupted by ${signal}`, '--device', 'good,slow', '--json', '-');
      const said = text(child);
      const ended = end(child);
      await expect.poll(() => said.err, seconds).toMatch(/Fake slow.*: running/);
      process.kill(-child.pid!, signal);
      expect(await ended).toEqual({ code: 130, signal: null });
      const session = parseSession(said.out, 'stdout');
      expect(session.runs.map(({ device }) => device.name)).toEqual(['Fake good']);
      expect(session.failures[0]?.error.kind).toBe('cancelled');
      expect(said.err).toContain('session: ');
    },
  );

  it('that is killed leaves a journal that can be read, and no process', async () => {
    const child = start('killed', '--device', 'good,slow', '--json', '-');
    const said = text(child);
    await expect.poll(() => said.err, seconds).toMatch(/Fake slow.*: running/);
    const ended = end(child);
    child.kill('SIGKILL');
    // The pipes close when the last process that holds them has ended.
    expect((await ended).signal).toBe('SIGKILL');

    const store = new SessionStore(join(folder, 'killed'));
    const [summary] = await store.list();
    expect(summary).toMatchObject({ runs: 1, failures: 1, open: false });
    const session = await store.open(summary!.id);
    expect(session.runs[0]?.predictions).toHaveLength(100);
    expect(session.failures[0]?.error.message).toContain('ended before');
  });

  it('resumes what was cut off', async () => {
    const host = fakeHost(devices, join(folder, 'killed')).host;
    const stdout = new Collected();
    const stderr = new Collected();
    const terminal: Terminal = { stdout, stderr, interactive: false, onInterrupt: () => () => undefined };
    const [{ id } = { id: '' }] = await host.listSessions();
    await runCli(['sessions'], host, terminal);
    expect(stdout.text).toContain(`1 left to run: npx bnnw resume ${id}`);

    expect(await runCli(['resume', id], host, terminal)).toBe(0);
    expect(stderr.text).toContain('[1/1]');
    const { runs, failures } = await host.openSession(id);
    expect(runs.map(({ device }) => device.name)).toEqual(['Fake good', 'Fake slow']);
    expect(failures).toEqual([]);
    expect(await runCli(['resume', id], host, terminal)).toBe(2);
  });
});

describe('bnnw tune', () => {
  const tune = (device: string, ...args: string[]) =>
    cli('tune', '--device', device, '--model', 'fake-model', '--precision', 'a4', '--batch', '256', ...args);

  it('prints each candidate, its time an image and the choice', async () => {
    const { code, out, err } = await tune('fake good');
    expect(err).toBe('fake-model on Fake good, a4, batch 256\n');
    expect(code).toBe(0);
    expect(out).toMatch(/^table +4.*$/m);
    expect(out).toMatch(/^vector +3.* chosen$/m);
    expect(out).toMatch(/^broken +wrong answer/m);
  });

  it('measures again when told so', async () => {
    expect((await tune('fake good', '--again')).out).toMatch(/^table +2.* chosen$/m);
  });

  it('says so where there is nothing to choose', async () => {
    const { code, err } = await tune('fake slow');
    expect(code).toBe(1);
    expect(err).toContain('nothing to choose');
  });
});
