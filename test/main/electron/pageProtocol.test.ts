import { resolve } from 'node:path';
import { describe, expect, it, vi } from 'vitest';

// Electron's module is a path to its program outside of it; these tests need only what stands beside it.
vi.mock('electron', () => ({ protocol: {}, ipcMain: {} }));

const { pageFile } = await import('../../../main/electron/pageProtocol');
const { isTrusted } = await import('../../../main/electron/ipc');
const folder = resolve('/srv/page');

describe('pageFile', () => {
  it('finds the files of the page', () => {
    expect(pageFile('workbench://app/index.html', folder)).toBe(resolve(folder, 'index.html'));
    expect(pageFile('workbench://app/assets/a%20b.js?x#y', folder)).toBe(resolve(folder, 'assets/a b.js'));
  });

  it.each([
    'workbench://app/',
    'workbench://app/../secret',
    'workbench://app/..%2f..%2fetc/passwd',
    'workbench://app/%2e%2e/%2e%2e/etc/passwd',
    'workbench://app/%00',
    'workbench://app/%ff',
    'workbench://other/index.html',
    'file:///etc/passwd',
  ])('serves nothing for %s', (address) => {
    const file = pageFile(address, folder);
    expect(file === null || file.startsWith(`${folder}/`)).toBe(true);
    expect(file).not.toBe('/etc/passwd');
  });
});

describe('isTrusted', () => {
  it('takes the main frame of the own page only', () => {
    expect(isTrusted({ url: 'workbench://app/index.html#/run', isMainFrame: true })).toBe(true);
    expect(isTrusted({ url: 'workbench://app/index.html', isMainFrame: false })).toBe(false);
    expect(isTrusted({ url: 'workbench://apple/index.html', isMainFrame: true })).toBe(false);
    expect(isTrusted({ url: 'https://example.org/', isMainFrame: true })).toBe(false);
    expect(isTrusted({ url: '', isMainFrame: true })).toBe(false);
  });
});
