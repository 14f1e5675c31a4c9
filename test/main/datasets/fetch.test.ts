import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { isCached, readCached } from '../../../main/datasets/cache';
import type { DatasetDescription } from '../../../main/datasets/catalogue';
import { download } from '../../../main/datasets/download';
import { fetchInto } from '../../../main/datasets/fetch';
import type { DatasetProgress } from '../../../main/datasets/progress';
import type { Source } from '../../../main/datasets/source';
import { splitSha256 } from '../../../main/datasets/split';
import { testRandom } from '../../random';
import { idxFile } from './formats';
import { serve } from './localServer';
import { temporaryFolder } from './temporaryFolder';

const random = testRandom('fetch');
const drawn = (length: number, below: number) => Uint8Array.from({ length }, () => random.below(below));
const test = { images: drawn(2 * 3 * 3, 256), labels: drawn(2, 10) };
const training = { images: drawn(5 * 3 * 3, 256), labels: drawn(5, 10) };

/** MNIST in small: two test and five training images of 3 x 3. */
const tiny: DatasetDescription = {
  id: 'mnist',
  name: 'Tiny',
  classes: 10,
  height: 3,
  width: 3,
  channels: 1,
  splits: {
    test: { images: 2, sha256: splitSha256(test) },
    training: { images: 5, sha256: splitSha256(training) },
  },
  official: [],
  npmPackage: { name: 'none', version: '0', bytes: 0, folder: '' },
};

const good: Source = {
  name: 'good',
  async bring(into, onBytes) {
    writeFileSync(join(into, 't10k-images-idx3-ubyte'), idxFile([2, 3, 3], test.images));
    writeFileSync(join(into, 't10k-labels-idx1-ubyte'), idxFile([2], test.labels));
    onBytes(34, 100);
    writeFileSync(join(into, 'train-images-idx3-ubyte'), idxFile([5, 3, 3], training.images));
    writeFileSync(join(into, 'train-labels-idx1-ubyte'), idxFile([5], training.labels));
    onBytes(100, 100);
    return into;
  },
};
const silent: Source = {
  name: 'silent',
  bring: () => Promise.reject(new Error('no answer within 5 s')),
};
const interrupted: Source = {
  name: 'interrupted',
  async bring(into) {
    writeFileSync(join(into, 't10k-images-idx3-ubyte'), 'the beginning');
    throw new Error('the answer ended after 13 of 34 bytes');
  },
};
const forged: Source = {
  name: 'forged',
  async bring(into, onBytes, signal) {
    const folder = await good.bring(into, onBytes, signal);
    writeFileSync(join(folder, 'train-labels-idx1-ubyte'), idxFile([5], Uint8Array.of(0, 0, 0, 0, 0)));
    return folder;
  },
};

const base = temporaryFolder();
let root: string;
let round = 0;
beforeEach(() => {
  root = join(base, String(round++));
});
const fetchTiny = (sources: Source[], onProgress: (progress: DatasetProgress) => void = () => {}) =>
  fetchInto(root, tiny, sources, onProgress, new AbortController().signal);

describe('fetching a data set', () => {
  it('puts both splits into the cache and leaves nothing else', async () => {
    const seen: DatasetProgress[] = [];
    await fetchTiny([good], (progress) => seen.push(progress));
    expect(readdirSync(root)).toEqual(['mnist']);
    expect(await isCached(join(root, 'mnist'), tiny)).toBe(true);
    expect(await readCached(join(root, 'mnist'), tiny, 'test')).toMatchObject(test);
    expect(await readCached(join(root, 'mnist'), tiny, 'training')).toMatchObject(training);
    expect(seen).toContainEqual(
      expect.objectContaining({ phase: 'downloading', doneBytes: 34, totalBytes: 100 }),
    );
    expect(seen.at(-1)).toMatchObject({ phase: 'checking', source: 'good', doneBytes: 63, totalBytes: 63 });
  });

  it('goes on to the next source where one is silent, breaks off or lies, and says so', async () => {
    let last: DatasetProgress | undefined;
    await fetchTiny([silent, interrupted, forged, good], (progress) => {
      last = progress;
    });
    expect(last?.source).toBe('good');
    expect(last?.failures).toEqual([
      'silent: no answer within 5 s',
      'interrupted: the answer ended after 13 of 34 bytes',
      expect.stringContaining('forged: the training set is not the known one'),
    ]);
    expect(readdirSync(root)).toEqual(['mnist']);
  });

  it('leaves no trace where every source fails, and tells why each did', async () => {
    await expect(fetchTiny([silent, interrupted])).rejects.toMatchObject({
      kind: 'not-available',
      details: 'silent: no answer within 5 s\ninterrupted: the answer ended after 13 of 34 bytes',
    });
    expect(readdirSync(root)).toEqual([]);
  });

  it('leaves no trace when it is cancelled', async () => {
    const controller = new AbortController();
    const cancelling: Source = {
      name: 'cancelling',
      async bring(...more) {
        controller.abort();
        return good.bring(...more);
      },
    };
    const fetching = fetchInto(root, tiny, [cancelling, good], () => {}, controller.signal);
    await expect(fetching).rejects.toMatchObject({ kind: 'cancelled' });
    expect(readdirSync(root)).toEqual([]);
  });

  it('is done by several at once without harm', async () => {
    await Promise.all(Array.from({ length: 8 }, () => fetchTiny([good])));
    expect(readdirSync(root)).toEqual(['mnist']);
    expect(await readCached(join(root, 'mnist'), tiny, 'training')).toMatchObject(training);
  });

  it('replaces a damaged copy', async () => {
    await fetchTiny([good]);
    writeFileSync(join(root, 'mnist', 'test-images.bin'), new Uint8Array(18));
    expect(await readCached(join(root, 'mnist'), tiny, 'test')).toBeNull();
    await fetchTiny([good]);
    expect(await readCached(join(root, 'mnist'), tiny, 'test')).toMatchObject(test);
    expect(readdirSync(root)).toEqual(['mnist']);
  });

  it('removes what a killed program left, and not what a living one is writing', async () => {
    const abandoned = join(root, '.partial-999999999-x');
    const living = join(root, `.partial-${process.pid}-x`);
    for (const folder of [abandoned, living]) mkdirSync(folder, { recursive: true });
    await fetchTiny([good]);
    expect(existsSync(abandoned)).toBe(false);
    expect(existsSync(living)).toBe(true);
  });

  it.each([
    ['ENOSPC', 'the disk is full'],
    ['EROFS', 'read-only'],
    ['EACCES', 'no permission'],
  ])(
    'says that the disk refuses where npm ends with %s, and asks no further source',
    async (code, reason) => {
      const refused: Source = {
        name: 'refused',
        bring: () =>
          Promise.reject(new Error(`npm ended with exit code 1: npm error code ${code}\nnpm error write`)),
      };
      await expect(fetchTiny([refused, good])).rejects.toMatchObject({
        kind: 'storage',
        where: root,
        message: expect.stringContaining(reason),
      });
    },
  );

  it('says so where the cache folder cannot be made', async () => {
    mkdirSync(base, { recursive: true });
    writeFileSync(join(base, 'file'), '');
    root = join(base, 'file', 'below');
    await expect(fetchTiny([good])).rejects.toMatchObject({ kind: 'storage', where: root });
  });
});

describe('a download', () => {
  const file = () => join(base, 'downloaded');
  const get = (address: string, maxBytes = 1000, signal = new AbortController().signal) =>
    download(address, file(), maxBytes, () => {}, signal);

  it('follows redirects and counts the bytes', async () => {
    const address = await serve((request, response) => {
      if (request.url === '/') response.writeHead(302, { location: '/there' }).end();
      else response.end('hello');
    });
    const counts: (number | null)[][] = [];
    await download(address, file(), 1000, (...count) => counts.push(count), new AbortController().signal);
    expect(counts.at(-1)).toEqual([5, 5]);
  });

  it.each<[string, RequestListener, RegExp]>([
    ['is another status', (_, response) => response.writeHead(404).end(), /404 Not Found/],
    ['is too long', (_, response) => response.end(Buffer.alloc(5000)), /more than 1000 bytes/],
    [
      'is cut short',
      (_, response) => {
        response.writeHead(200, { 'content-length': 500 }).write('half');
        setTimeout(() => response.destroy(), 20);
      },
      /aborted/,
    ],
  ])('fails where the answer %s', async (_, listener, reason) => {
    const address = await serve(listener);
    await expect(get(address)).rejects.toThrow(reason);
  });

  it('gives up after five seconds without an answer', { timeout: 15_000 }, async () => {
    const address = await serve(() => {});
    await expect(get(address)).rejects.toThrow('no answer within 5 s');
  });

  it('ends when it is cancelled', async () => {
    const controller = new AbortController();
    const address = await serve((_, response) => {
      response.write('half');
      controller.abort();
    });
    await expect(get(address, 1000, controller.signal)).rejects.toThrow();
  });
});
