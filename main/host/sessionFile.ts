/** A session that a person names: one of this machine, or a file from anywhere. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseSession } from '../../core/session/document';
import type { SessionDocument } from '../../core/session/schema';
import { readText } from '../storage/readText';
import type { Host } from './host';

/**
 * @param name an id, a session document, or the folder of one
 * @throws WorkbenchError `unknown-name`, `refused-file`, `storage`
 */
export async function findSession(host: Host, name: string): Promise<SessionDocument> {
  if (!existsSync(name)) return host.openSession(name);
  const path = statSync(name).isDirectory() ? join(name, 'session.json') : name;
  return parseSession(await readText(path), path);
}
