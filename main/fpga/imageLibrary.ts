/**
 * The images that a user has for their boards. Each lies in a folder of its own, named by the image's hash, with
 * what was read from it when it was added; a folder appears whole or not at all.
 *
 *   fpga-images/1f2e3d4c5b6a7988/image.aocx   or image.xclbin
 *                                record.json
 */
import { randomBytes } from 'node:crypto';
import { copyFile, readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { WorkbenchError } from '../../core/errors';
import {
  type FpgaImageInfo,
  type ImageManifest,
  type ImageNeeds,
  imageManifestSchema,
  imageMismatches,
  shownName,
} from '../../core/fpga/image';
import { disk } from '../storage/fileOperations';
import { readBounded } from '../storage/readText';
import { systemErrorCode, withStorage } from '../storage/storageErrors';
import { writeAtomic } from '../storage/writeAtomic';
import type { ImageContents } from './imageContents';
import { imageHash, imageRefused, withImage } from './imageFile';
import { manifestFrom, readPlan, requireHashBeside } from './imagePlan';
import { manifestRemedy, readManifest, requireManifestOf } from './manifestFile';
import { parseQuartusReport } from './quartusReport';
import { readImage, readImageFrom } from './readImage';
import { parseXclbinInfo } from './xclbinInfo';

const RECORD = 'record.json';
const IMAGE_FILES = ['image.aocx', 'image.xclbin'] as const;
/** Of a folder that is being filled. */
const TEMPORARY = /^\.[0-9a-f]{16}\.[0-9a-f]{12}$/;
const LONGEST_ADDING_MS = 3_600_000;
const ID_LENGTH = 16;
const MOST_REPORT_BYTES = 2 ** 20;
const MOST_RECORD_BYTES = 8 * 2 ** 20;

const usage = z
  .object({ used: z.number().min(0), of: z.number().positive().nullable() })
  .refine(({ used, of }) => of === null || used <= of)
  .nullable();
const recordSchema = z.object({
  version: z.literal(1),
  name: z.string(),
  file: z.enum(IMAGE_FILES),
  bytes: z.number(),
  sha256: z.string(),
  addedAt: z.string(),
  vendor: z.enum(['intel', 'amd']),
  target: z.enum(['board', 'emulator']),
  board: z.string(),
  sdkVersion: z.string().nullable(),
  clockMHz: z.number().nullable(),
  resources: z.object({ logic: usage, memoryBlocks: usage, dspBlocks: usage }).nullable(),
  unreadableLines: z.array(z.string()).default([]),
  manifest: imageManifestSchema.nullable(),
  /** Of the copy when its hash was taken; see {@link stampOf}. */
  stamp: z.string().optional(),
});
type LibraryRecord = z.infer<typeof recordSchema>;

export class ImageLibrary {
  constructor(private readonly folder: string) {}

  /** Newest first. Images that cannot be used are there too, with the reason. @throws WorkbenchError `storage` */
  async list(): Promise<FpgaImageInfo[]> {
    const names = await this.names('The images could not be listed');
    const ids = names.filter((name) => /^[0-9a-f]{16}$/.test(name));
    const images = await Promise.all(ids.map((id) => this.describe(id)));
    return images.flat().sort((a, b) => b.addedAt.localeCompare(a.addedAt));
  }

  /**
   * Takes a copy of an image, with the manifest (or the plan of its build) and the compiler's report beside it.
   * @throws WorkbenchError `refused-file` with the reason, `storage`
   */
  async add(file: string): Promise<FpgaImageInfo> {
    const { contents, bytes } = await withImage(file, async (image) => {
      return { contents: await readImageFrom(image), bytes: image.size };
    });
    const sha256 = await imageHash(file);
    const id = sha256.slice(0, ID_LENGTH);
    const manifest =
      (await readManifest(file)) ??
      (await plannedManifest(file, { sha256, bytes, contents })) ??
      // What is known of these bytes already is not lost where a copy of them comes alone.
      (await this.record(id))?.manifest ??
      null;
    if (manifest) requireManifestOf(file, manifest, { sha256, bytes, contents }, manifestRemedy(file));
    const { names: _names, ...told } = await withReport(file, contents);
    const record: LibraryRecord = {
      version: 1,
      name: shownName(basename(file)),
      file: contents.vendor === 'intel' ? IMAGE_FILES[0] : IMAGE_FILES[1],
      bytes,
      sha256,
      addedAt: new Date().toISOString(),
      ...told,
      sdkVersion: told.sdkVersion ?? manifest?.sdkVersion ?? null,
      manifest,
    };
    await this.place(id, file, record);
    return this.get(id);
  }

  /** @throws WorkbenchError `unknown-name` */
  async get(id: string): Promise<FpgaImageInfo> {
    const found = (await this.list()).find((image) => image.id === id);
    if (found) return found;
    throw new WorkbenchError('unknown-name', `There is no image ${id} in the library.`, {
      where: id,
      remedy: 'See `npx bnnw fpga images`.',
    });
  }

  /** @throws WorkbenchError `unknown-name`, `storage` */
  async remove(id: string): Promise<void> {
    const { path } = await this.get(id);
    await withStorage('The image could not be removed', path, () => disk.remove(join(this.folder, id)));
  }

  /** The images that a run could use, newest first. */
  async serving(needs: ImageNeeds): Promise<FpgaImageInfo[]> {
    const images = await this.list();
    return images.filter(
      ({ manifest, problem }) =>
        problem === null && manifest !== null && imageMismatches(manifest, needs).length === 0,
    );
  }

  private async place(id: string, file: string, record: LibraryRecord): Promise<void> {
    const target = join(this.folder, id);
    const temporary = join(this.folder, `.${id}.${randomBytes(6).toString('hex')}`);
    await withStorage('The image could not be added', this.folder, async () => {
      await this.sweep();
      await disk.makeFolder(temporary, { recursive: true });
      try {
        const copy = join(temporary, record.file);
        await copyFile(file, copy);
        // What was checked is what was copied.
        if ((await imageHash(copy)) !== record.sha256)
          throw imageRefused(file, 'it changed while it was read');
        const stamp = await stampOf(copy);
        await writeAtomic(join(temporary, RECORD), JSON.stringify({ ...record, stamp }, null, 2));
        await disk.remove(target);
        await disk.rename(temporary, target);
        await disk.syncFolder(this.folder);
      } catch (thrown) {
        await disk.remove(temporary).catch(() => undefined);
        throw thrown;
      }
    });
  }

  /** Of what lies in the library; a library that nobody has made yet is empty. */
  private names(what: string): Promise<string[]> {
    return withStorage(what, this.folder, () =>
      readdir(this.folder).catch((thrown: unknown) => {
        if (systemErrorCode(thrown) === 'ENOENT') return [];
        if (systemErrorCode(thrown) !== 'ENOTDIR') throw thrown;
        throw new WorkbenchError('storage', `${what}: the library is no folder.`, {
          where: this.folder,
          remedy: 'Move that file away: the library is made anew with the next image.',
        });
      }),
    );
  }

  /** Removes what an adding that was killed has left. One that goes on is younger. */
  private async sweep(): Promise<void> {
    const names = await this.names('The image could not be added');
    for (const name of names.filter((each) => TEMPORARY.test(each))) {
      const path = join(this.folder, name);
      const stats = await stat(path).catch(() => null);
      if (stats && Date.now() - stats.mtimeMs > LONGEST_ADDING_MS) await disk.remove(path);
    }
  }

  private async record(id: string): Promise<LibraryRecord | null> {
    const bytes = await readBounded(join(this.folder, id, RECORD), MOST_RECORD_BYTES).catch(() => null);
    return bytes && parseRecord(bytes.toString('utf8'));
  }

  /** Nothing for a folder without a record and an image: another program's, or one being removed. */
  private async describe(id: string): Promise<FpgaImageInfo[]> {
    const record = await this.record(id);
    if (record === null) return this.describeWithoutRecord(id);
    const { version: _version, file, stamp: _stamp, ...rest } = record;
    const path = join(this.folder, id, file);
    return [{ ...rest, id, path, problem: await problemOf(path, record) }];
  }

  /** An image whose record is damaged can be seen and removed; what it is, it tells itself as far as it can be read. */
  private async describeWithoutRecord(id: string): Promise<FpgaImageInfo[]> {
    for (const file of IMAGE_FILES) {
      const path = join(this.folder, id, file);
      const stats = await stat(path).catch(() => null);
      if (!stats?.isFile()) continue;
      const contents = await readImage(path).catch(() => null);
      const vendor = file === 'image.aocx' ? 'intel' : 'amd';
      const { names: _names, ...told } = contents ?? { ...UNREADABLE, vendor };
      return [
        {
          ...{ id, path, name: file, bytes: stats.size, sha256: await imageHash(path) },
          addedAt: stats.mtime.toISOString(),
          ...told,
          manifest: null,
          problem: 'Its record is damaged: remove the image and add it again.',
        },
      ];
    }
    return [];
  }
}

const UNREADABLE: Omit<ImageContents, 'vendor'> = {
  ...{ target: 'board', board: 'unknown', sdkVersion: null, clockMHz: null, resources: null },
  unreadableLines: [],
  names: new Set<string>(),
};

/** Of an image that was compiled by the printed commands, from the plan in its folder. */
async function plannedManifest(
  file: string,
  image: { sha256: string; bytes: number; contents: ImageContents },
): Promise<ImageManifest | null> {
  const plan = await readPlan(file);
  if (plan === null) return null;
  await requireHashBeside(file, image.sha256);
  return manifestFrom(plan, file, image);
}

/** Reads all of an image only where somebody has touched it since; a run reads all of it in any case. */
async function problemOf(path: string, { bytes, sha256, stamp }: LibraryRecord): Promise<string | null> {
  const stats = await stat(path).catch(() => null);
  if (stats === null) return 'The file is gone from the library.';
  if (stats.size === bytes && stamp !== undefined && (await stampOf(path)) === stamp) return null;
  const isSame = stats.isFile() && stats.size === bytes && (await imageHash(path)) === sha256;
  return isSame ? null : 'The file in the library has changed.';
}

/** Changes whenever the file is written. */
async function stampOf(path: string): Promise<string> {
  const { size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return [size, mtimeNs, ctimeNs].join(' ');
}

function parseRecord(text: string): LibraryRecord | null {
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** What the compiler's report beside an image adds: aoc writes it into NAME/, v++ as NAME.xclbin.info. */
async function withReport(file: string, contents: ImageContents): Promise<ImageContents> {
  if (contents.vendor === 'amd') {
    const info = await reportText(`${file}.info`);
    if (info === null) return contents;
    const { clockMHz, unreadableLines } = parseXclbinInfo(info);
    return {
      ...contents,
      clockMHz: clockMHz ?? contents.clockMHz,
      unreadableLines: [...contents.unreadableLines, ...unreadableLines],
    };
  }
  if (contents.resources !== null) return contents;
  const project = join(dirname(file), basename(file).replace(/\.aocx$/i, ''));
  const report = await reportText(join(project, 'acl_quartus_report.txt'));
  return report === null ? contents : { ...contents, ...parseQuartusReport(report) };
}

async function reportText(path: string): Promise<string | null> {
  const stats = await stat(path).catch(() => null);
  if (!stats?.isFile() || stats.size > MOST_REPORT_BYTES) return null;
  return readFile(path, 'utf8').catch(() => null);
}
