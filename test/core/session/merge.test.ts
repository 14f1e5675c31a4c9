import { describe, expect, it } from 'vitest';
import { formatSession, parseSession } from '../../../core/session/document';
import { embedSession } from '../../../core/session/embedded';
import { mergeSessions } from '../../../core/session/merge';
import { exampleSession } from './exampleSession';
import { sessionTextIn } from './sessionText';

const { id: _id, name: _name, createdAt, program } = exampleSession;
const header = { id: 'merged', name: 'Both', createdAt, program };
const elsewhere = {
  ...exampleSession,
  id: 'other',
  name: 'Elsewhere',
  machine: { ...exampleSession.machine, cpu: 'Another CPU' },
};

describe('merged sessions', () => {
  it('hold every run once, each with the session and the machine that it comes from', () => {
    const merged = mergeSessions([exampleSession, elsewhere], header);
    expect(merged.runs.map(({ id }) => id)).toEqual(['run-1', 'run-2', 'run-1-2', 'run-2-2']);
    expect(merged.runs.map(({ origin }) => origin?.machine.cpu)).toEqual([
      'CPU',
      'CPU',
      'Another CPU',
      'Another CPU',
    ]);
    expect(merged.failures).toHaveLength(2);
    expect(parseSession(formatSession(merged), 'merged')).toEqual(merged);
  });

  it('keep where a run was measured when they are merged again', () => {
    const once = mergeSessions([exampleSession, elsewhere], header);
    const twice = mergeSessions([once, { ...exampleSession, id: 'third', runs: [] }], header);
    expect(twice.runs.map(({ origin }) => origin?.sessionName)).toEqual([
      'Example',
      'Example',
      'Elsewhere',
      'Elsewhere',
    ]);
  });

  it('are at least one', () => {
    expect(() => mergeSessions([], header)).toThrow(RangeError);
  });
});

describe('a session inside an HTML report', () => {
  it('is found again, whatever its texts are', () => {
    const session = { ...exampleSession, name: 'a </script><b> & "name"' };
    const page = `<!doctype html><title>x</title>${embedSession(session)}<script>alert(1)</script>`;
    expect(page.match(/<\/script>/g)).toHaveLength(2);
    expect(parseSession(sessionTextIn(page) ?? '', 'page')).toEqual(session);
  });

  it('is missing in any other page', () => {
    expect(sessionTextIn('<html></html>')).toBeNull();
  });
});
