import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FakeDriver } from './fakeDriver';

const addon = path.resolve(import.meta.dirname, '../../native/index.cjs');

/** Runs a script in a process of its own, with the addon as `openCl`. */
function runScript(script: string, environment: NodeJS.ProcessEnv = {}) {
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    ['-e', `const openCl = require(${JSON.stringify(addon)});\n${script}`],
    { env: { ...process.env, ...environment }, encoding: 'utf8', timeout: 120_000, killSignal: 'SIGKILL' },
  );
  return { status, signal, stdout: stdout.trim(), stderr };
}

/** The script of a run that does not end by itself. */
const startRun = `
  const device = openCl.platforms().flatMap((platform) => platform.devices())[0];
  const context = new openCl.Context(device);
  const queue = context.createQueue();
  async function startRun(source, name) {
    const kernel = (await context.buildProgram(source, '')).createKernel(name);
    return queue.run([{ kind: 'kernel', kernel, global: [1] }], { repeats: 1e9, wait: 'end' });
  }
`;

/** The script of a worker that is stopped once such a run is in progress, which `isRunning` tells. */
function workerThatRuns(source: string, kernel: string, isRunning: string): string {
  const worker = `
    const openCl = require(${JSON.stringify(addon)});
    ${startRun}
    startRun(${JSON.stringify(source)}, ${JSON.stringify(kernel)});
    const { parentPort } = require('node:worker_threads');
    const polling = setInterval(() => {
      if (${isRunning}) parentPort.postMessage(clearInterval(polling));
    }, 10);
  `;
  return `
    const { Worker } = require('node:worker_threads');
    const worker = new Worker(${JSON.stringify(worker)}, { eval: true });
    worker.on('message', async () => {
      await worker.terminate();
      console.log('stopped');
    });
  `;
}

test('without a loader or a driver the addon loads, and says what is missing when asked', () => {
  const { status, stdout } = runScript(
    `try { openCl.platforms(); } catch (error) { console.log(JSON.stringify({ ...error })); }`,
    { BNNW_OPENCL_LOADER: '/nowhere/libOpenCL.so', OCL_ICD_VENDORS: '/nowhere', OCL_ICD_FILENAMES: '' },
  );
  expect(status).toBe(0);
  const error = JSON.parse(stdout);
  expect(['dlopen', 'clGetPlatformIDs']).toContain(error.call); // the second where the machine has a loader
  expect(error).toMatchObject({
    name: 'OpenClError',
    codeName: 'CL_PLATFORM_NOT_FOUND_KHR',
    code: -1001,
    buildLog: null,
  });
});

test('a process can exit in the middle of a run', () => {
  const { status, stderr } = runScript(`${startRun}
    startRun('kernel void nothing() {}', 'nothing');
    setInterval(() => {
      if (openCl.liveHandles().kernels === 1) process.exit(7);
    }, 10);
  `);
  expect({ status, stderr }).toEqual({ status: 7, stderr: '' });
});

test('a worker has classes of its own, and can be stopped in the middle of a run', () => {
  const { status, stdout, stderr } = runScript(
    workerThatRuns('kernel void nothing() {}', 'nothing', 'openCl.liveHandles().kernels === 1'),
  );
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'stopped', stderr: '' });
});

describe.skipIf(process.platform === 'win32')('with a made-up driver', () => {
  let driver: FakeDriver;
  beforeAll(() => {
    driver = new FakeDriver();
  });
  afterAll(() => driver.remove());

  test('a run ends before the driver does, which a process that exits takes down', () => {
    const { status, signal, stderr } = runScript(
      `${startRun}
        startRun('', 'endless');
        setInterval(() => {
          if (!openCl.platforms()[0].info.name.startsWith('commands 0')) process.exit(7);
        }, 10);
      `,
      { BNNW_OPENCL_LOADER: driver.library },
    );
    expect({ status, signal, stderr }).toEqual({ status: 7, signal: null, stderr: '' });
  });

  test('while it hangs timers and files go on, and the process can exit', () => {
    const { status, stdout, stderr } = runScript(
      `${startRun}
        startRun('', 'hang');
        setTimeout(async () => {
          const { readFile } = require('node:fs/promises');
          await Promise.all(Array.from({ length: 8 }, () => readFile(${JSON.stringify(addon)})));
          console.log('read');
          process.exit(7);
        }, 500);
      `,
      { BNNW_OPENCL_LOADER: driver.library },
    );
    expect({ status, stdout, stderr }).toEqual({ status: 7, stdout: 'read', stderr: '' });
  });

  test('a worker that it keeps from stopping ends the process rather than free what the driver uses', () => {
    const script = workerThatRuns('', 'hang', '!openCl.platforms()[0].info.name.startsWith("commands 0")');
    const { status, stdout, stderr } = runScript(script, { BNNW_OPENCL_LOADER: driver.library });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toBe('bnnw-opencl: an OpenCL call does not return; ending the process\n');
  });
});
