/** Writes the generated kernels into a folder and compiles them where the vendor's compiler is installed. */
import { readdir, readFile, rmdir, stat, unlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { WorkbenchError } from '../../core/errors';
import { MANIFEST_SUFFIX } from '../../core/fpga/image';
import { disk } from '../storage/fileOperations';
import { makeFolders } from '../storage/makeFolders';
import { withStorage } from '../storage/storageErrors';
import { writeAtomic } from '../storage/writeAtomic';
import { type CompilerPlan, type CompilerRun, commandText, IMAGE_FILES } from './compiler';
import { imageHash, withImage } from './imageFile';
import { HASH_SUFFIX, type ImagePlan, manifestFrom, PLAN_FILE, requirePlaceFor } from './imagePlan';
import { readImageFrom } from './readImage';
import { type CompilerSurroundings, programPath, runCompiler, versionOf } from './runCompiler';

/** Its folder is made where it is not there. */
export interface BuildOptions extends CompilerSurroundings {
  files: ReadonlyMap<string, string>;
  compiler: CompilerPlan;
  plan: ImagePlan;
}

export interface BuildResult {
  /** The commands, as a shell takes them in the folder. */
  commands: string[];
  /** Programs that are not installed; unless it is empty, only the sources were written. */
  missing: string[];
  /** Path of the finished image; null where there is none. */
  image: string | null;
  /** Name in the folder of what the compiler reports; null where it wrote nothing. */
  report: string | null;
}

/**
 * @throws WorkbenchError `usage` where the folder holds another build's image, or its sources change; `storage`; `device-failed` where the
 *   compiler fails, with its last lines; `refused-file` where what it wrote is no image; `cancelled`
 */
export async function buildImage(options: BuildOptions): Promise<BuildResult> {
  const { folder, files, compiler } = options;
  // A report writes the plan and the sources anew, too.
  for (const name of IMAGE_FILES) {
    await clearLeftover(join(folder, name));
    await requirePlaceFor(options.plan, join(folder, name));
  }
  await withStorage('The kernels could not be written', folder, async () => {
    await makeFolders(folder);
    for (const [name, text] of files) await writeFile(join(folder, name), text);
    await writeFile(join(folder, 'build.sh'), script(compiler));
    await writeFile(join(folder, PLAN_FILE), `${JSON.stringify(options.plan, null, 2)}\n`);
  });
  const commands = commandsOf(compiler);
  const missing = await missingPrograms(compiler);
  if (missing.length > 0) return { commands, missing, image: null, report: null };
  const sdkVersion = await versionOf(compiler.version, options.signal);
  const reports = compiler.report === null ? null : join(folder, compiler.report);
  const reportsBefore = reports === null ? null : await stampOf(reports);
  const image = compiler.image === null ? null : join(folder, compiler.image);
  if (image !== null) await makeImage(image, options);
  else for (const run of compiler.runs) await runCompiler(run, options);
  const isReported = reports !== null && (await stampOf(reports)) !== reportsBefore;
  if (image === null && !isReported) throw nothingWritten(reports ?? folder, compiler.runs.at(-1)!);
  if (image !== null) await writeManifest(image, sdkVersion, options.plan);
  return { commands, missing, image, report: isReported ? compiler.report : null };
}

async function missingPrograms({ runs }: CompilerPlan): Promise<string[]> {
  const programs = [...new Set(runs.map(({ program }) => program))];
  const paths = await Promise.all(programs.map(programPath));
  return programs.filter((_, i) => paths[i] === null);
}

/**
 * What an earlier build left in the folder is not this one's, and what a failed one left is nobody's.
 * @throws WorkbenchError as {@link runCompiler}; `device-failed` where it was content and wrote nothing
 */
async function makeImage(image: string, options: BuildOptions): Promise<void> {
  const { runs } = options.compiler;
  const before = await stampOf(image);
  const isWritten = async () => ![null, before].includes(await stampOf(image));
  try {
    for (const run of runs) await runCompiler(run, options);
    await requireSameSources(options);
  } catch (thrown) {
    if (await isWritten()) for (const path of filesOf(image)) await disk.remove(path).catch(() => undefined);
    throw thrown;
  }
  if (!(await isWritten())) throw nothingWritten(image, runs.at(-1)!);
}

/**
 * A compiler reads the sources when it likes: what it made of others is another network's image.
 * @throws WorkbenchError `usage`
 */
async function requireSameSources({ folder, files }: BuildOptions): Promise<void> {
  for (const [name, text] of files) {
    const found = await readFile(join(folder, name), 'utf8').catch(() => null);
    if (found === text) continue;
    throw new WorkbenchError('usage', `${name} changed while the compiler ran.`, {
      where: join(folder, name),
      remedy: 'Build again, and let nothing else write into the folder meanwhile.',
    });
  }
}

/** An image and what tells of it: only together they are of use. */
function filesOf(image: string): string[] {
  return [image, image + MANIFEST_SUFFIX, image + HASH_SUFFIX];
}

/**
 * Removes what a compiler that failed leaves where its image was to be: an empty file or folder.
 * @throws WorkbenchError `usage` where something stands there that is neither, nor an image
 */
async function clearLeftover(image: string): Promise<void> {
  const found = await stat(image).catch(() => null);
  if (found?.isFile()) {
    if (found.size === 0) await withStorage('The kernels could not be written', image, () => unlink(image));
    return;
  }
  if (found === null || (found.isDirectory() && (await rmdir(image).then(isTrue, isFalse)))) return;
  throw new WorkbenchError('usage', `${basename(image)} stands where the image is to be, and is no file.`, {
    where: image,
    remedy: 'Move it away, or choose another folder with --output.',
  });
}

const isTrue = () => true;
const isFalse = () => false;

/**
 * An earlier image is removed first: were it left where the compiler fails, its hash would make it this build's. The
 * hash is taken where it was compiled: later nobody could tell a byte that was lost on the way.
 */
function commandsOf({ runs, image }: CompilerPlan): string[] {
  const compiling = runs.map(commandText);
  if (image === null) return compiling;
  return [`rm -f ${filesOf(image).join(' ')}`, ...compiling, `sha256sum ${image} > ${image}${HASH_SUFFIX}`];
}

function script(plan: CompilerPlan): string {
  return ['#!/bin/sh', 'set -e', 'cd "$(dirname "$0")"', ...commandsOf(plan), ''].join('\n');
}

/** Changes whenever a file is written, or one in the folder; null where there is nothing. */
async function stampOf(path: string): Promise<string | null> {
  const stats = await stat(path, { bigint: true }).catch(() => null);
  if (stats === null) return null;
  const names = stats.isDirectory() ? (await readdir(path).catch(() => [])).sort() : [];
  const inside = await Promise.all(names.map((name) => stampOf(join(path, name))));
  return [stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs, ...inside].join(' ');
}

function nothingWritten(path: string, { program }: CompilerRun): WorkbenchError {
  return new WorkbenchError(
    'device-failed',
    `${program} ended without an error and did not write ${basename(path)}.`,
    {
      where: path,
      remedy: `Read what it printed, and whether ${program} is the vendor's: \`command -v ${program}\`.`,
    },
  );
}

async function writeManifest(file: string, sdkVersion: string, plan: ImagePlan): Promise<void> {
  const { contents, bytes } = await withImage(file, async (opened) => {
    return { contents: await readImageFrom(opened), bytes: opened.size };
  });
  const image = { sha256: await imageHash(file), bytes, contents, sdkVersion };
  const manifest = await manifestFrom(plan, file, image);
  await writeAtomic(file + MANIFEST_SUFFIX, `${JSON.stringify(manifest, null, 2)}\n`);
}
