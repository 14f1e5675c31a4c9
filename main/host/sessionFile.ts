/** Sessions that a person names: one of this machine, or a file from anywhere. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkbenchHost } from '../../core/contract/host';
import { WorkbenchError } from '../../core/errors';
import { parseSession } from '../../core/session/document';
import { sessionTextIn } from '../../core/session/embedded';
import type { SessionDocument } from '../../core/session/schema';
import { readBounded, requirePlainStructure } from '../storage/readText';

/**
 * A session document, or an HTML report that holds one.
 * @throws WorkbenchError `refused-file`, `storage`
 */
export async function readSessionFile(path: string): Promise<SessionDocument> {
  const text = sessionTextIn((await readBounded(path)).toString('utf8'));
  if (text === null) {
    throw new WorkbenchError('refused-file', 'The page holds no session.', {
      where: path,
      remedy: 'Open an HTML report of BNN Workbench, or a session.json.',
    });
  }
  requirePlainStructure(Buffer.from(text), path);
  return parseSession(text, path);
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
