/** A program that has a session open: FOLDER. Says the session's id when a run is acknowledged, and waits. */
import { writeSync } from 'node:fs';
import { SessionStore } from '../../main/host/sessionStore';
import { exampleSession } from '../core/session/exampleSession';

const { runs, failures: _failures, format: _f, version: _v, id: _i, ...header } = exampleSession;

async function hold(folder: string): Promise<void> {
  const writer = await new SessionStore(folder).create(header);
  await writer.append({ kind: 'run-finished', run: runs[0]! });
  writeSync(1, `${writer.id}\n`);
  setInterval(() => undefined, 1000);
}

void hold(process.argv[2]!);
