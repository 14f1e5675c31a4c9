import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as openCl from '../../native/index.cjs';
import { figure } from '../figures';
import { noHandles, OpenDevice } from './openDevice';

const CYCLES = process.env.BNNW_TEST_LONG ? 10_000 : 100;
/** The driver's caches and the allocator's pools are full after this share. */
const WARM_UP = 0.3;
/** What the rest may add. A context or a queue that was kept each time would add far more. */
const MOST_GROWTH_BYTES = 32 * 2 ** 20;

const source = 'kernel void add(global uint* y, uint a) { y[get_global_id(0)] += a; }';

function residentBytes(): number {
  const [, pages = '0'] = readFileSync('/proc/self/statm', 'utf8').split(' ');
  return Number(pages) * 4096;
}

async function cycle(i: number): Promise<void> {
  const device = new OpenDevice({ profiling: i % 2 === 0 });
  try {
    const kernel = await device.kernel(source, 'add');
    const buffer = device.upload(Uint32Array.of(i));
    kernel.setArguments([buffer, { uint: 1 }]);
    await device.queue.run([{ kind: 'kernel', kernel, global: [1] }], { repeats: 1 });
    expect([...device.download(buffer)]).toEqual([i + 1]);
  } finally {
    device.release();
  }
}

it.runIf(process.platform === 'linux')(
  'opening a device, running and closing it again and again keeps no memory',
  { timeout: 60 * 60_000 },
  async () => {
    for (let i = 0; i < CYCLES * WARM_UP; i++) await cycle(i);
    const before = residentBytes();
    for (let i = CYCLES * WARM_UP; i < CYCLES; i++) await cycle(i);
    expect(openCl.liveHandles()).toEqual(noHandles);
    const growth = residentBytes() - before;
    const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
    figure(
      process.env.BNNW_NATIVE_CONFIGURATION === 'Debug' ? 'addon under AddressSanitizer' : 'addon',
      `${CYCLES} times open, run, close; ${mib(before)} after ${CYCLES * WARM_UP}, ${mib(growth)} more at the end`,
    );
    expect(growth).toBeLessThan(MOST_GROWTH_BYTES);
  },
);
