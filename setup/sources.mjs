/** Whether what was built still fits the sources: a hash of their contents, kept beside the outcome. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { projectFolder } from './steps.mjs';

/**
 * @param {string} path
 * @returns {string[]} all files below, in the order of their names
 */
function filesBelow(path) {
  const full = resolve(projectFolder, path);
  if (!statSync(full).isDirectory()) return [path];
  return readdirSync(full)
    .sort()
    .flatMap((name) => filesBelow(`${path}/${name}`));
}

/**
 * SHA-256 over the names and contents of all files below the paths.
 * @param {string[]} paths relative to the checkout where they are not absolute
 */
export function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap(filesBelow)) {
    const content = readFileSync(resolve(projectFolder, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/**
 * @param {string} stamp a file, relative to the checkout where it is not absolute
 * @param {string} hash
 */
export function isFresh(stamp, hash) {
  const path = resolve(projectFolder, stamp);
  return existsSync(path) && readFileSync(path, 'utf8') === hash;
}

/**
 * Written last, so that a build that was broken off is done again.
 * @param {string} stamp
 * @param {string} hash
 */
export function writeStamp(stamp, hash) {
  const path = resolve(projectFolder, stamp);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, hash);
}
