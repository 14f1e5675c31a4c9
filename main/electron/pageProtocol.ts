/**
 * The page comes from a scheme of its own instead of file://, so that it has an origin, storage and a content
 * security policy, and can read nothing but the built renderer.
 */
import { isAbsolute, relative, resolve } from 'node:path';
import { protocol } from 'electron';
import { REPORT_STYLE_HASH } from '../../core/report/htmlStyle';

export const PAGE_SCHEME = 'workbench';
export const PAGE_ORIGIN = `${PAGE_SCHEME}://app`;
export const PAGE_URL = `${PAGE_ORIGIN}/index.html`;

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  // The second is the preview's of an HTML report: its frame inherits this policy.
  `style-src 'self' '${REPORT_STYLE_HASH}'`,
  "img-src 'self' data:",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const FILE_NOT_FOUND = -6; // net::ERR_FILE_NOT_FOUND

/** The file of a page address, or null where the address leads out of the folder or to another host. */
export function pageFile(address: string, folder: string): string | null {
  const url = new URL(address);
  if (url.protocol !== `${PAGE_SCHEME}:` || url.host !== 'app') return null;
  let path: string;
  try {
    path = decodeURIComponent(url.pathname);
  } catch {
    return null;
  }
  if (path.includes('\0')) return null;
  const file = resolve(folder, `.${path}`);
  const inside = relative(folder, file);
  return inside === '' || inside.startsWith('..') || isAbsolute(inside) ? null : file;
}

/** Must be called before Electron is ready. */
export function declarePageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: PAGE_SCHEME, privileges: { standard: true, secure: true } },
  ]);
}

/** Serves the folder of the built renderer, and nothing else. */
export function servePage(folder: string): void {
  // The newer protocol.handle is missing in Electron 22; this registration is in every version from 22 to 45.
  protocol.registerFileProtocol(PAGE_SCHEME, (request, callback) => {
    const file = request.method === 'GET' ? pageFile(request.url, folder) : null;
    if (file === null) callback({ error: FILE_NOT_FOUND });
    else
      callback({
        path: file,
        headers: {
          'Content-Security-Policy': CONTENT_SECURITY_POLICY,
          'X-Content-Type-Options': 'nosniff',
        },
      });
  });
}
