/** The Python side of the comparison (peers.py), asked line by line. */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { realValues } from '../../core/network/binaryWeights';
import type { Model } from '../../core/network/model';

export const PEERS = [
  'pytorch fp32',
  'pytorch fp32, signing at each forward',
  'torch.compile fp32',
  'onnxruntime fp32',
  'onnxruntime int8',
] as const;
export type PeerName = (typeof PEERS)[number];

const errorSchema = z.object({ error: z.string() });
const preparedSchema = z.object({ version: z.string(), prepareMs: z.number(), firstRunMs: z.number() });
const classifiedSchema = z.object({ predictions: z.array(z.number().int()) });
const timedSchema = z.object({ ms: z.number() });
export type PreparedPeer = z.infer<typeof preparedSchema>;

/** Writes what peers.py reads: the network with its weights as floats, and raw images. */
export function writePeerFiles(
  folder: string,
  model: Model,
  images: { test: Uint8Array; calibration: Uint8Array },
  threads: number,
): void {
  const tensors = [...model.tensors];
  const spec = {
    topology: model.topology,
    threads,
    tensors: tensors.map(([name, { shape }]) => [name, shape]),
  };
  writeFileSync(join(folder, 'spec.json'), JSON.stringify(spec));
  const values = tensors.map(([, tensor]) => realValues(tensor));
  writeFileSync(
    join(folder, 'tensors.bin'),
    Buffer.concat(values.map((v) => Buffer.from(v.buffer, v.byteOffset, v.byteLength))),
  );
  writeFileSync(join(folder, 'test.bin'), images.test);
  writeFileSync(join(folder, 'calibration.bin'), images.calibration);
}

export class PeerProcess {
  private readonly process: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  constructor(python: string, script: string, folder: string) {
    this.process = spawn(python, [script, folder], { stdio: ['pipe', 'pipe', 'ignore'] });
    this.lines = createInterface({ input: this.process.stdout! })[Symbol.asyncIterator]();
  }

  prepare(peer: PeerName, batch: number): Promise<PreparedPeer> {
    return this.ask({ do: 'prepare', peer, batch }, preparedSchema);
  }

  async classify(peer: PeerName): Promise<number[]> {
    return (await this.ask({ do: 'classify', peer }, classifiedSchema)).predictions;
  }

  /** Milliseconds of batch `index`, after the same batch untimed. */
  async time(peer: PeerName, index: number): Promise<number> {
    return (await this.ask({ do: 'time', peer, index }, timedSchema)).ms;
  }

  close(): void {
    this.process.kill();
  }

  /** @throws Error with the peer's own words */
  private async ask<T>(request: object, schema: z.ZodType<T>): Promise<T> {
    this.process.stdin!.write(`${JSON.stringify(request)}\n`);
    const line = await this.lines.next();
    if (line.done) throw new Error('the Python process ended');
    const answer: unknown = JSON.parse(line.value);
    const failed = errorSchema.safeParse(answer);
    if (failed.success) throw new Error(failed.data.error);
    return schema.parse(answer);
  }
}
