import { expect, test } from 'vitest';
import { bytesOf, deviceForEachTest } from './openDevice';

const device = deviceForEachTest();
const source = `
  kernel void scale(global uint* y, uint a) { y[get_global_id(0)] *= a; }
  kernel void shift(global uint* y, ulong a) { y[get_global_id(0)] += (uint)(a >> 32); }
`;

test('a program lists its kernels, and a kernel its arguments', async () => {
  const program = device().own(await device().context.buildProgram(source, '-cl-std=CL1.2'));
  expect(program.kernelNames.sort()).toEqual(['scale', 'shift']);
  const kernel = device().own(program.createKernel('scale'));
  expect(kernel).toMatchObject({ name: 'scale', argumentCount: 2 });
  expect(kernel.workGroup.maxSize).toBeGreaterThan(0);
});

test('a failed build carries the call, the code by name and the build log', async () => {
  const build = device().context.buildProgram('kernel void f() { undeclared = 1; }', '');
  await expect(build).rejects.toMatchObject({
    name: 'OpenClError',
    message: 'clBuildProgram: CL_BUILD_PROGRAM_FAILURE (-11)',
    call: 'clBuildProgram',
    codeName: 'CL_BUILD_PROGRAM_FAILURE',
    code: -11,
    buildLog: expect.stringContaining('undeclared'),
  });
});

test('a program comes back from its binary', async () => {
  const compiled = device().own(await device().context.buildProgram(source, ''));
  const binary = compiled.binary();
  expect(binary.byteLength).toBeGreaterThan(0);
  const loaded = device().own(await device().context.loadProgram(binary, ''));
  expect(loaded.kernelNames).toEqual(compiled.kernelNames);

  const kernel = device().own(loaded.createKernel('scale'));
  const buffer = device().upload(Uint32Array.of(1, 2, 3));
  kernel.setArguments([buffer, { uint: 7 }]);
  await device().queue.run([{ kind: 'kernel', kernel, global: [3] }], { repeats: 1 });
  expect([...device().download(buffer)]).toEqual([7, 14, 21]);
});

test('a binary that is none is refused', async () => {
  const load = device().context.loadProgram(new Uint8Array(64).fill(0x42), '');
  await expect(load).rejects.toMatchObject({ name: 'OpenClError' });
  expect(() => device().context.loadProgram(new Uint8Array(0), '')).toThrow(RangeError);
});

test('a kernel that the program does not have is refused by name', async () => {
  const program = device().own(await device().context.buildProgram(source, ''));
  expect(() => program.createKernel('missing')).toThrow(
    'clCreateKernel: CL_INVALID_KERNEL_NAME (-46): missing',
  );
});

test('all types of arguments arrive as given', async () => {
  const kernel = await device().kernel(
    `kernel void arguments_(global uint* out, int i, uint u, float f, ulong l, local uint* scratch) {
       scratch[0] = as_uint(f);
       out[0] = as_uint(i); out[1] = u; out[2] = scratch[0]; out[3] = (uint)l; out[4] = (uint)(l >> 32);
     }`,
    'arguments_',
  );
  const out = device().upload(new Uint32Array(5));
  kernel.setArguments([
    out,
    { int: -2 },
    { uint: 0xffffffff },
    { float: 0.1 },
    { ulong: 2n ** 64n - 2n },
    { localBytes: 4 },
  ]);
  await device().queue.run([{ kind: 'kernel', kernel, global: [1] }], { repeats: 1 });
  const float = new Uint32Array(bytesOf(Float32Array.of(0.1)).slice().buffer)[0];
  expect([...device().download(out)]).toEqual([0xfffffffe, 0xffffffff, float, 0xfffffffe, 0xffffffff]);
});

test.each([
  [{ int: 2 ** 31 }, RangeError],
  [{ int: 0.5 }, RangeError],
  [{ uint: -1 }, RangeError],
  [{ float: 1e39 }, RangeError],
  [{ ulong: 2n ** 64n }, RangeError],
  [{ ulong: -1n }, RangeError],
  [{ localBytes: 0 }, RangeError],
  [{ int: '1' }, TypeError],
  [{ ulong: 1 }, TypeError],
  [{ double: 1 }, TypeError],
  [7, TypeError],
  [null, TypeError],
])('the argument %o is refused', async (value, error) => {
  const kernel = await device().kernel(source, 'scale');
  // Deliberately of a wrong type: what a caller without TypeScript could pass.
  expect(() => Reflect.apply(kernel.setArgument, kernel, [1, value])).toThrow(error);
});

test('arguments are refused whole: by number, by index', async () => {
  const kernel = await device().kernel(source, 'scale');
  expect(() => kernel.setArguments([{ uint: 1 }])).toThrow('the kernel scale has 2 arguments, not 1');
  expect(() => kernel.setArgument(2, { uint: 1 })).toThrow(RangeError);
  expect(() => kernel.setArgument(-1, { uint: 1 })).toThrow(RangeError);
});

test('an argument of the wrong size is the driver’s to refuse', async () => {
  const kernel = await device().kernel(source, 'scale');
  expect(() => kernel.setArgument(1, { ulong: 1n })).toThrow('clSetKernelArg: CL_INVALID_ARG_SIZE (-51)');
});
