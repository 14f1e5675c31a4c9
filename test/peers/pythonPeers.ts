/** The Python side of the comparison (peers.py), asked line by line. */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { realValues } from '../../core/network/binaryWeights';
import type { Model } from '../../core/network/model';
import type { Batches, Contestant } from './contestant';

const PEERS = [
  'pytorch fp32',
  'pytorch fp32, signing at each forward',
  'torch.compile fp32',
  'onnxruntime fp32',
  'onnxruntime int8',
] as const;
/** For a model whose weights are not one bit each: nothing to sign, and this engine has no integers for it. */
const REAL_PEERS = ['pytorch fp32', 'torch.compile fp32', 'onnxruntime fp32'] as const;
type PeerName = (typeof PEERS)[number];

const errorSchema = z.object({ error: z.string() });
const preparedSchema = z.object({ version: z.string(), prepareMs: z.number(), firstRunMs: z.number() });
const timedSchema = z.object({ ms: z.array(z.number()), predictions: z.array(z.number().int()) });

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
    this.process = spawn(python, [script, folder], {
      stdio: ['pipe', 'pipe', 'ignore'],
      // Ctrl-C is ours to answer: the turn in progress ends, and what was measured is kept.
      detached: true,
    });
    this.lines = createInterface({ input: this.process.stdout! })[Symbol.asyncIterator]();
  }

  /** Ready to take turns; a peer that does not load is told, with its own words, and left out. */
  async contestants(model: Model, { batchSize }: Batches): Promise<Contestant[]> {
    const ready: Contestant[] = [];
    for (const peer of model.mode === 'none' ? REAL_PEERS : PEERS) {
      try {
        ready.push(await this.contestant(model.id, peer, batchSize));
      } catch (error) {
        console.log(`left out: ${peer}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return ready;
  }

  private async contestant(modelId: string, peer: PeerName, batch: number): Promise<Contestant> {
    const request = { do: 'prepare', peer, batch };
    const { version, prepareMs, firstRunMs } = await this.ask(request, preparedSchema);
    const platform = peer.startsWith('onnx') ? 'ONNX Runtime' : 'PyTorch';
    const id = `peer:${peer.replace(/[^a-z0-9]+/g, '-')}`;
    return {
      device: { id, name: peer, platform, type: 'cpu', driver: version },
      modelId,
      precision: peer.endsWith('int8') ? 'a8' : 'fp32',
      variant: peer,
      ...{ buildMs: prepareMs, loadMs: 0, firstRunMs },
      run: (first, count, warmMs) => this.ask({ do: 'run', peer, first, count, warmMs }, timedSchema),
      dispose: () => {},
    };
  }

  close(): void {
    this.process.kill();
  }

  /** @throws Error with the peer's own words */
  async ask<T>(request: object, schema: z.ZodType<T>): Promise<T> {
    this.process.stdin!.write(`${JSON.stringify(request)}\n`);
    const line = await this.lines.next();
    if (line.done) throw new Error('the Python process ended');
    const answer: unknown = JSON.parse(line.value);
    const failed = errorSchema.safeParse(answer);
    if (failed.success) throw new Error(failed.data.error);
    return schema.parse(answer);
  }
}
