import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Quarantine } from '../../../main/host/quarantine';
import { fakeHost } from './fakeHost';
import { bundle, temporaryFolder } from './programs';

const { folder, remove } = temporaryFolder();
let script: string;

vi.setConfig({ testTimeout: 60_000 });
beforeAll(() => {
  script = bundle(join(__dirname, 'fakeDeviceProcess.ts'), folder);
});
afterAll(remove);

const device = { id: 'opencl:p:d', name: 'Device' };
const lost = {
  kind: 'device-lost',
  message: 'It crashed.',
  where: null,
  remedy: null,
  details: null,
} as const;

describe('a device', () => {
  it('is set aside after three failures in a row, for every program, until it is restored', async () => {
    const path = join(folder, 'counted', 'failing-devices.json');
    const quarantine = new Quarantine(path);
    for (let i = 0; i < 2; i++) await quarantine.failed(device.id, lost);
    await quarantine.check(device);
    expect(await quarantine.health(device.id)).toMatchObject({ failures: { count: 2 }, isSetAside: false });
    await quarantine.failed(device.id, lost);
    expect(await quarantine.health(device.id)).toMatchObject({ failures: { count: 3 }, isSetAside: true });
    const other = new Quarantine(path);
    await expect(other.check(device)).rejects.toMatchObject({
      kind: 'not-available',
      message: expect.stringContaining('set aside'),
      remedy: expect.stringContaining('bnnw devices --restore opencl:p:d'),
    });
    await other.check({ id: 'opencl:p:other', name: 'Other' });
    expect(await other.restore(device.id)).toBe(true);
    expect(await other.restore(device.id)).toBe(false);
    expect(await quarantine.health(device.id)).toEqual({ failures: null, isSetAside: false });
    await quarantine.check(device);
  });

  it('starts anew after a run that succeeded, and is not blamed for what others did', async () => {
    const quarantine = new Quarantine(join(folder, 'anew', 'failing-devices.json'));
    for (let i = 0; i < 2; i++) await quarantine.failed(device.id, lost);
    await quarantine.succeeded(device.id);
    for (let i = 0; i < 2; i++) await quarantine.failed(device.id, lost);
    for (const kind of ['cancelled', 'refused-file', 'unsupported', 'storage', 'usage', 'bug'] as const) {
      await quarantine.failed(device.id, { ...lost, kind });
    }
    await quarantine.check(device);
  });
});

describe('a list of failing devices', () => {
  const good = { failures: 3, lastAt: '2026-01-01T00:00:00.000Z', lastMessage: 'It crashed.' };
  const keptIn = (place: string) =>
    readdirSync(place).filter((name) => name.startsWith('failing-devices.damaged-'));

  it.each([
    ['cut', '{"opencl:p:d": {"failures": 99'],
    ['empty', ''],
    ['of something else', '[]'],
    ['with a count that is none', JSON.stringify({ 'opencl:p:d': { ...good, failures: '3' } })],
    ['nested without end', '['.repeat(100_000)],
  ])('that is %s is told, and kept beside the next one', async (name, text) => {
    const place = join(folder, name);
    const path = join(place, 'failing-devices.json');
    mkdirSync(place);
    writeFileSync(path, text);
    const quarantine = new Quarantine(path);
    await quarantine.check(device);
    expect(await quarantine.doubts()).toMatchObject([
      { subject: path, problem: expect.stringMatching(/damaged.*used again/) },
    ]);
    await expect(quarantine.restore(device.id)).rejects.toMatchObject({ kind: 'storage', where: path });
    expect(readFileSync(path, 'utf8')).toBe(text);

    for (let i = 0; i < 3; i++) await quarantine.failed(device.id, lost);
    await expect(quarantine.check(device)).rejects.toMatchObject({ kind: 'not-available' });
    const [kept, ...more] = keptIn(place);
    expect(more).toEqual([]);
    expect(readFileSync(join(place, kept!), 'utf8')).toBe(text);
    expect(await new Quarantine(path).doubts()).toMatchObject([
      { subject: join(place, kept!), problem: expect.stringMatching(/damaged.*used again/) },
    ]);
    rmSync(join(place, kept!));
    expect(await quarantine.doubts()).toEqual([]);
  });

  it('that is damaged again is kept again', async () => {
    const place = join(folder, 'twice');
    const path = join(place, 'failing-devices.json');
    mkdirSync(place);
    for (const text of ['{', '}', '{']) {
      writeFileSync(path, text);
      await new Quarantine(path).failed(device.id, lost);
    }
    expect(
      keptIn(place)
        .map((name) => readFileSync(join(place, name), 'utf8'))
        .sort(),
    ).toEqual(['{', '}']);
  });

  it('that cannot be read is told, and nothing is written in its place', async () => {
    const path = join(folder, 'unreadable', 'failing-devices.json');
    mkdirSync(path, { recursive: true });
    const quarantine = new Quarantine(path);
    await quarantine.failed(device.id, lost);
    await quarantine.check(device);
    expect(statSync(path).isDirectory()).toBe(true);
    expect(await quarantine.doubts()).toMatchObject([
      { subject: path, problem: expect.stringMatching(/cannot be read.*used again/) },
    ]);
  });
});

describe('a job on a device that is set aside', () => {
  it('starts no process for it, goes on with others, and runs it again once it is restored', async () => {
    const { host, runJob, running } = fakeHost(script, join(folder, 'sessions'));
    const deviceIds = ['opencl:fake:wrong', 'opencl:fake:good'];
    for (let i = 0; i < 3; i++) await runJob({ deviceIds: ['opencl:fake:wrong'], samples: 10 });
    expect((await host.listDevices()).advice).toEqual([
      expect.objectContaining({ subject: 'Fake wrong', problem: expect.stringContaining('set aside') }),
    ]);

    const { sessionId } = await runJob({ deviceIds });
    const session = await host.openSession(sessionId);
    expect(session.failures).toMatchObject([
      {
        deviceName: 'Fake wrong',
        error: { kind: 'not-available', message: expect.stringContaining('set aside') },
      },
    ]);
    expect(session.runs.map((run) => run.device.id)).toEqual(['opencl:fake:good']);

    await host.restoreDevice('opencl:fake:wrong');
    await expect(host.restoreDevice('opencl:fake:wrong')).rejects.toMatchObject({ kind: 'unknown-name' });
    const again = await runJob({ deviceIds });
    expect((await host.openSession(again.sessionId)).failures).toMatchObject([
      { error: { kind: 'wrong-answer' } },
    ]);
    await host.close();
    await expect.poll(() => running.size, { timeout: 5000 }).toBe(0);
  });
});
