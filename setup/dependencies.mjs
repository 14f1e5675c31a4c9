/**
 * The first step of every script: the packages of package-lock.json. Only Node's own modules here.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder, run, step } from './steps.mjs';

/**
 * @typedef {object} LockedPackage
 * @property {string} [version]
 * @property {string} [integrity]
 * @property {boolean} [optional] for another platform, perhaps
 * @property {boolean} [devOptional]
 */
/** @typedef {{ packages: Record<string, LockedPackage> }} Lock */

/**
 * The packages that the lock file wants and that are not installed in that version.
 * @param {Lock} wanted package-lock.json
 * @param {Lock} installed node_modules/.package-lock.json, which npm writes after each install
 * @returns {string[]} their folders
 */
export function missingPackages(wanted, installed) {
  return Object.entries(wanted.packages)
    .filter(([folder, entry]) => {
      if (folder === '') return false;
      const found = installed.packages[folder];
      if (!found) return !entry.optional && !entry.devOptional;
      return found.version !== entry.version || found.integrity !== entry.integrity;
    })
    .map(([folder]) => folder);
}

/** @param {string} path @returns {Lock} */
function readLock(path) {
  return JSON.parse(readFileSync(join(projectFolder, path), 'utf8'));
}

function upToDate() {
  const wanted = readLock('package-lock.json');
  try {
    return missingPackages(wanted, readLock('node_modules/.package-lock.json')).length === 0;
  } catch {
    return false; // no node_modules yet
  }
}

/** Runs `npm ci` where node_modules is missing or older than package-lock.json. */
export async function installDependencies() {
  if (upToDate()) return;
  await step('installs the packages of package-lock.json (npm ci)', () =>
    run('npm', ['ci', '--ignore-scripts'], 'Check the network and whether npm reaches its registry.'),
  );
}
