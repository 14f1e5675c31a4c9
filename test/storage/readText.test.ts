import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { describeError } from '../../core/errors';
import { readText } from '../../main/storage/readText';
import { temporaryFolder } from '../main/host/programs';

const { folder, remove } = temporaryFolder();
afterAll(remove);

async function read(json: string): Promise<string> {
  const path = join(folder, 'session.json');
  writeFileSync(path, json);
  return readText(path);
}

const many = (count: number, each: string) => `[${Array.from({ length: count }, () => each).join(',')}]`;

describe('readText', () => {
  it('gives the text of a document within the limits', async () => {
    const text = `{"a": ${many(10_000, '{}')}, "b": "an escaped \\" and [ { ,"}`;
    expect(await read(text)).toBe(text);
  });

  it.each([
    ['a list of too many objects', many(10_001, '{}'), '10,000 lists and objects in one'],
    ['too many objects in all', many(100, many(3000, '[]')), '300,000 lists and objects'],
    ['too many texts', many(20_001, '"t"'), '20,000 texts in one'],
    [
      'an object of too many keys',
      `{${Array.from({ length: 20_001 }, (_, i) => `"${i}":0`).join(',')}}`,
      '20,000 texts in one',
    ],
    ['too many numbers', `[${'0,'.repeat(25_000_001)}0]`, '25,000,000 values'],
    ['levels too deep', `${'['.repeat(65)}${']'.repeat(65)}`, 'more than 64 deep'],
  ])('refuses %s before anything is made of it', async (_, json, reason) => {
    // Not the text itself, which a failure would print.
    const refusal = await read(json).then(() => null, describeError);
    expect(refusal).toMatchObject({ kind: 'refused-file', message: expect.stringContaining(reason) });
  });

  it('ends a string that never ends', async () => {
    expect(await read('["\\')).toBe('["\\');
  });
});
