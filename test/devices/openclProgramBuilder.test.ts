import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { ProgramBuilder } from '../../main/devices/opencl/programBuilder';
import { ProgramCache } from '../../main/devices/opencl/programCache';
import { Context, liveHandles } from '../../native';
import { testDevice } from '../openclDevice';

const source = 'kernel void answer(global float *x) { x[0] = VALUE; }';
const before = liveHandles();
const folder = mkdtempSync(join(tmpdir(), 'bnnw-programs-'));
const cache = new ProgramCache(folder);
let context: Context;
let builder: ProgramBuilder;

beforeAll(() => {
  context = new Context(testDevice());
});
beforeEach(() => {
  builder = new ProgramBuilder(context, cache);
});
afterAll(() => {
  context.release();
  rmSync(folder, { recursive: true });
  expect(liveHandles()).toEqual(before);
});

/** Builds the program and returns what its kernel answers. */
async function answer(options: string): Promise<number> {
  const program = await builder.build(source, options);
  const kernel = program.createKernel('answer');
  const buffer = context.createBuffer(4);
  const queue = context.createQueue();
  const result = new Float32Array(1);
  kernel.setArguments([buffer]);
  await queue.run([{ kind: 'kernel', kernel, global: [1] }], { repeats: 1 });
  queue.read(buffer, new Uint8Array(result.buffer));
  for (const handle of [queue, buffer, kernel, program]) handle.release();
  return result[0]!;
}

it('compiles a program once and loads it from then on', async () => {
  expect(await answer('-DVALUE=3.0f')).toBe(3);
  expect(await answer('-DVALUE=3.0f')).toBe(3);
  expect(builder.origins).toEqual({ compiled: 1, loaded: 1 });
});

it('keeps programs of other options apart', async () => {
  expect(await answer('-DVALUE=4.0f')).toBe(4);
  expect(await answer('-DVALUE=5.0f')).toBe(5);
  expect(builder.origins).toEqual({ compiled: 2, loaded: 0 });
  expect(builder.account.buildOptions).toBe('-DVALUE=4.0f; -DVALUE=5.0f');
});

it('rebuilds an entry that is damaged, and repairs it', async () => {
  await answer('-DVALUE=6.0f');
  for (const entry of readdirSync(folder)) writeFileSync(join(folder, entry), 'damaged');
  expect(await answer('-DVALUE=6.0f')).toBe(6);
  expect(await answer('-DVALUE=6.0f')).toBe(6);
  expect(builder.origins).toEqual({ compiled: 2, loaded: 1 });
});

it('gives the build log where the compiler refuses', async () => {
  await expect(builder.build(source, '-DVALUE=nothing')).rejects.toMatchObject({
    kind: 'device-failed',
    message: expect.stringContaining('CL_BUILD_PROGRAM_FAILURE'),
    details: expect.stringContaining('nothing'),
  });
});

it('says which folder it cannot write to', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const blocked = new ProgramBuilder(context, new ProgramCache(join(file, 'programs')));
  await expect(blocked.build(source, '-DVALUE=7.0f')).rejects.toMatchObject({
    kind: 'storage',
    where: join(file, 'programs'),
  });
});
