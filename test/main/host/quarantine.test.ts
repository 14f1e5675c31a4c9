import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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

  it('is not set aside by a damaged file, and a name like __proto__ is a name', async () => {
    const path = join(folder, 'damaged', 'failing-devices.json');
    mkdirSync(join(folder, 'damaged'));
    writeFileSync(path, '{"opencl:p:d": {"failures": 99');
    const quarantine = new Quarantine(path);
    await quarantine.check(device);
    await quarantine.check({ id: '__proto__', name: 'x' });
    await quarantine.failed(device.id, lost);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ [device.id]: { failures: 1 } });
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
