/** Files of one test: written into a folder of their own, which is removed behind it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { WorkbenchError } from '../../../core/errors';
import { type ByteSource, memorySource, openSource } from '../../../main/models/byteSource';
import { MemoryBudget } from '../../../main/models/memoryBudget';

let folder = '';

export function useTestFolder(): void {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bnnw-models-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
}

export function testFolder(): string {
  return folder;
}

export async function written(name: string, bytes: Uint8Array | string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, bytes);
  return file;
}

export function recorded(name: string): string {
  return join(__dirname, 'recorded', name);
}

/** Bytes as if they were a file of this name. */
export function inMemory(file: string, bytes: Uint8Array): ByteSource {
  const budget = new MemoryBudget(file, bytes.length);
  return memorySource(bytes, { file, fileBytes: bytes.length, sha256: '0'.repeat(64), budget });
}

/** Opens a file for as long as `use` runs. */
export async function withSource<Result>(
  file: string,
  use: (source: ByteSource) => Promise<Result>,
): Promise<Result> {
  const source = await openSource(file);
  try {
    return await use(source);
  } finally {
    await source.close();
  }
}

/** The refusal with which `attempt` ends: typed, and naming file, place and reason. */
export async function refusalOf(attempt: Promise<unknown>, file: string): Promise<WorkbenchError> {
  const error = await attempt.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(WorkbenchError);
  if (!(error instanceof WorkbenchError)) throw error;
  expect(error.kind).toBe('refused-file');
  expect(error.where).toMatch(/: ./);
  expect(error.where?.startsWith(file)).toBe(true);
  expect(error.remedy).toBeTruthy();
  return error;
}

export function joined(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return Buffer.concat(parts.map((part) => Uint8Array.from(part)));
}
