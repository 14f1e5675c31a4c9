/**
 * The files of the built page, read once. What is asked for is looked up in this list and never made into a path,
 * so nothing else on the disk can be asked for.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';

export interface PageFile {
  bytes: Buffer;
  type: string;
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

/** @returns by path below the page's address; the empty path is the page itself */
export function readPageFiles(folder: string): Map<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, name);
    const type = TYPES[extname(name)];
    if (type === undefined || !statSync(file).isFile()) continue;
    files.set(name.replaceAll('\\', '/'), { bytes: readFileSync(file), type });
  }
  const page = files.get('index.html');
  if (!page) throw new Error(`${folder} has no index.html`);
  return files.set('', page);
}
