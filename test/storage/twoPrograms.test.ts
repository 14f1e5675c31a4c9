// Two programs on one session, as two windows are: one writes, the other is told so and changes nothing.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SessionStore } from '../../main/host/sessionStore';
import { exampleSession } from '../core/session/exampleSession';
import { bundle, temporaryFolder } from '../main/host/programs';
import { failingFiles } from './failingFiles';

const { folder, remove } = temporaryFolder();
let script: string;
let holder: ChildProcess | null = null;
beforeAll(() => {
  script = bundle(join(__dirname, 'holdingProgram.ts'), folder);
});
afterAll(() => {
  holder?.kill('SIGKILL');
  remove();
});

it('the second program is told whose the session is, reads it, and takes it over once the first was killed', async () => {
  const root = join(folder, 'held');
  holder = spawn(process.execPath, [script, root], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await once(holder.stdout!, 'data');
  const id = String(said).trim();
  const files = () => readdirSync(join(root, id)).map((name) => [name, readFileSync(join(root, id, name))]);
  const before = files();

  const store = new SessionStore(root);
  expect(await store.list()).toMatchObject([{ id, open: true, runs: 1 }]);
  expect((await store.open(id)).runs).toHaveLength(1);
  const told = {
    kind: 'storage',
    where: join(root, id, 'lock'),
    message: 'Another program is writing to this session.',
    remedy: expect.stringContaining(`End process ${holder.pid} `),
  };
  await expect(store.resume(id)).rejects.toMatchObject(told);
  await expect(store.label(id, { note: 'mine' })).rejects.toMatchObject(told);
  await expect(store.delete(id)).rejects.toMatchObject(told);
  // A session that comes from elsewhere under the same name stands beside it.
  expect(await store.adopt({ ...exampleSession, id })).not.toBe(id);
  expect(files()).toEqual(before);

  const ended = once(holder, 'close');
  holder.kill('SIGKILL');
  await ended;
  const writer = await store.resume(id);
  await writer.close();
  expect((await store.open(id)).runs).toHaveLength(1);
});

it('what one window notes is not taken back by the other, which had read the session before', async () => {
  const root = join(folder, 'noted');
  const first = new SessionStore(root);
  const id = await first.adopt(exampleSession);
  let interrupted = false;
  // The second window has asked for its change; before it has the session's lock the first one makes its own.
  const files = failingFiles(() => false);
  const second = new SessionStore(root, {
    ...files,
    open: async (path, flags) => {
      if (!interrupted) {
        interrupted = true;
        await first.label(id, { tags: ['of the first'] });
      }
      return files.open(path, flags);
    },
  });
  await second.label(id, { note: 'of the second' });
  expect(interrupted).toBe(true);
  expect(await first.open(id)).toMatchObject({ tags: ['of the first'], note: 'of the second' });
});
