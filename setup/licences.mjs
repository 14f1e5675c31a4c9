/**
 * The licences of every package whose code is inside the desktop program, with their texts: what the program imports
 * and what that needs in turn. A package of the program brings no other.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectFolder } from './steps.mjs';

/** What the page is made of: development packages to npm, since vite bundles them. */
const OF_THE_PAGE = [
  '@lucide/vue',
  '@sgratzl/chartjs-chart-boxplot',
  '@tanstack/vue-table',
  '@tanstack/vue-virtual',
  'chart.js',
  'chartjs-chart-error-bars',
  'chartjs-chart-matrix',
  'chartjs-plugin-zoom',
  'pinia',
  'reka-ui',
  'vue',
];
/** Packages for types alone are not in the program. */
const isOfTypes = (/** @type {string} */ name) => name.startsWith('@types/');

/** @param {string} path @returns {{ name: string, version: string, license?: string, dependencies?: Record<string, string>, optionalDependencies?: Record<string, string> }} */
const readManifest = (path) => JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));

/**
 * The folder in which Node would find a package.
 * @param {string} name
 * @param {string} from a folder
 * @returns {string | null}
 */
function folderOf(name, from) {
  for (let folder = from; folder.startsWith(projectFolder); folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name);
    if (existsSync(join(found, 'package.json'))) return found;
  }
  return null;
}

/** @returns {string[]} folders */
function packagesInside() {
  const { dependencies = {} } = readManifest(projectFolder);
  const found = new Set();
  /** @type {[string, string][]} */
  const open = [...Object.keys(dependencies), ...OF_THE_PAGE].map((name) => [name, projectFolder]);
  for (let next = open.pop(); next; next = open.pop()) {
    const folder = folderOf(...next);
    if (folder === null || found.has(folder) || isOfTypes(next[0])) continue;
    found.add(folder);
    const { dependencies: needed = {}, optionalDependencies: optional = {} } = readManifest(folder);
    for (const name of Object.keys({ ...needed, ...optional })) open.push([name, folder]);
  }
  return [...found].sort();
}

/** @param {string} folder */
function licenceText(folder) {
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)/i.test(name));
  return file
    ? readFileSync(join(folder, file), 'utf8').trim()
    : '(Its package holds no text of its licence.)';
}

/**
 * @param {string} path of the text that is written
 * @returns {number} how many packages it names
 */
export function writeLicences(path) {
  const parts = packagesInside().map((folder) => {
    const { name, version, license = 'see its text' } = readManifest(folder);
    return `${name} ${version}\n${license}\n\n${licenceText(folder)}\n`;
  });
  const rule = `\n${'-'.repeat(80)}\n\n`;
  const head =
    'BNN Workbench contains these packages. Electron and Chromium stand in LICENSE.electron.txt and LICENSES.chromium.html.\n';
  writeFileSync(path, [head, ...parts].join(rule));
  return parts.length;
}
