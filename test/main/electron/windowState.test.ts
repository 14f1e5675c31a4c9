import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isReachable, readWindowState, writeWindowState } from '../../../main/electron/windowState';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'window-state-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('window state', () => {
  it('is read as it was written', () => {
    const path = join(folder, 'config', 'window.json');
    const state = { bounds: { x: 10, y: 20, width: 900, height: 600 }, maximized: true };
    writeWindowState(path, state);
    expect(readWindowState(path)).toEqual(state);
  });

  it.each(['', '{', '{"bounds":{"x":1}}', '{"bounds":{"x":0,"y":0,"width":0,"height":9},"maximized":false}'])(
    'is none where the file holds %j',
    (text) => {
      const path = join(folder, 'window.json');
      writeFileSync(path, text);
      expect(readWindowState(path)).toBeNull();
    },
  );

  it('is reachable only on a display that is there', () => {
    const left = { x: 0, y: 0, width: 1920, height: 1080 };
    const right = { x: 1920, y: 0, width: 1920, height: 1080 };
    const window = { x: 2000, y: 100, width: 900, height: 600 };
    expect(isReachable(window, [left, right])).toBe(true);
    expect(isReachable(window, [left])).toBe(false);
    expect(isReachable({ ...window, x: 1900 }, [left])).toBe(false);
    expect(isReachable({ ...window, x: 1000, y: 1079 }, [left])).toBe(false);
  });
});
