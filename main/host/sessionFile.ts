/** Sessions that a person names: one of this machine, or a file from anywhere. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkbenchHost } from '../../core/contract/host';
import { WorkbenchError } from '../../core/errors';
import { parseSession } from '../../core/session/document';
import { placeOfSession } from '../../core/session/embedded';
import type { SessionDocument } from '../../core/session/schema';
import { readBounded, requirePlainStructure } from '../storage/readText';

/** An HTML page begins with its first tag, after blanks at most. */
const HEAD_BYTES = 1024;

/**
 * A session document, or an HTML report that holds one.
 * @throws WorkbenchError `refused-file`, `storage`
 */
export async function readSessionFile(path: string): Promise<SessionDocument> {
  return parseSession(await readSessionText(path), path);
}

/** Of the bytes, so that a page and its session do not lie in memory as texts too. */
async function readSessionText(path: string): Promise<string> {
  const json = sessionIn(await readBounded(path));
  if (json === null) {
    throw new WorkbenchError('refused-file', 'The page holds no session.', {
      where: path,
      remedy: 'Open an HTML report of BNN Workbench, or a session.json.',
    });
  }
  requirePlainStructure(json, path);
  return json.toString('utf8');
}

/** The JSON of a session: the file itself, or what an HTML report holds. Null for HTML without a session. */
function sessionIn(bytes: Buffer): Buffer | null {
  if (!bytes.toString('utf8', 0, HEAD_BYTES).trimStart().startsWith('<')) return bytes;
  const place = placeOfSession(bytes);
  return place && bytes.subarray(place.start, place.end);
}

/**
 * @param name an id, a session document, the folder of one, or an HTML report
 * @returns at least one
 * @throws WorkbenchError `unknown-name`, `refused-file`, `storage`
 */
export async function findSession(
  host: Pick<WorkbenchHost, 'openSession'>,
  name: string,
): Promise<SessionDocument> {
  if (!existsSync(name)) return host.openSession(name);
  const path = statSync(name).isDirectory() ? join(name, 'session.json') : name;
  return readSessionFile(path);
}
