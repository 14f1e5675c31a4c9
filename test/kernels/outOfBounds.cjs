/** A kernel with a fault, to see that the checker finds it: writes one number behind its buffer. */
const { Context, platforms } = require('../../native/index.cjs');

async function main() {
  const context = new Context(platforms()[0].devices()[0]);
  const queue = context.createQueue();
  const buffer = context.createBuffer(16);
  const source = 'kernel void fault(global float *x) { x[get_global_id(0)] = 1.0f; }';
  const program = await context.buildProgram(source, '');
  const kernel = program.createKernel('fault');
  kernel.setArguments([buffer]);
  await queue.run([{ kind: 'kernel', kernel, global: [5] }], { repeats: 1 });
  for (const handle of [kernel, program, buffer, queue, context]) handle.release();
}

main();
