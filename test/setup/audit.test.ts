import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import lock from '../../package-lock.json';
import { auditLines, vulnerabilitiesIn } from '../../setup/audit.mjs';
import { projectFolder } from '../../setup/steps.mjs';

describe('the audit', () => {
  it('tells an answer without faults from no answer', () => {
    expect(vulnerabilitiesIn('{"auditReportVersion": 2, "vulnerabilities": {}}')).toEqual({});
    expect(vulnerabilitiesIn('npm warn audit 405\n{"message": "405 Method Not Allowed"}')).toBeNull();
    expect(vulnerabilitiesIn('network down')).toBeNull();
    expect(vulnerabilitiesIn('{"auditReportVersion": 2, ')).toBeNull();
  });

  it('names package, severity and the fault', () => {
    const via = [{ title: 'Reads too far', url: 'https://example.org/1' }, 'zlib'];
    expect(auditLines({ png: { severity: 'high', via } })).toEqual([
      'high  png: Reads too far https://example.org/1; through zlib',
    ]);
  });
});

interface Locked {
  dev?: boolean;
  license?: string;
  integrity?: string;
  resolved?: string;
  hasInstallScript?: boolean;
}
const packages = Object.entries<Locked>(lock.packages).filter(([folder]) => folder !== '');
const nameOf = (folder: string) => folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);

describe('the packages inside the program', () => {
  const inside = packages.filter(([, { dev }]) => !dev);

  it('stand under licences that a program under Apache-2.0 may bring along', () => {
    const ALLOWED = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0', '0BSD'];
    /** Offered under several licences: the allowed one is taken. */
    const isAllowed = (license: string) =>
      license
        .replace(/[()]/g, '')
        .split(' OR ')
        .some((each) => ALLOWED.includes(each));
    const others = inside.filter(([, { license }]) => !isAllowed(license ?? 'unknown'));
    expect(others.map(([folder, { license }]) => `${nameOf(folder)}: ${license}`)).toEqual([]);
  });
});

describe('every package', () => {
  it('is locked by its content', () => {
    expect(
      packages.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([folder]) => folder),
    ).toEqual([]);
  });

  it('runs no script when it is installed, and those that would are known', () => {
    expect(readFileSync(join(projectFolder, '.npmrc'), 'utf8')).toContain('ignore-scripts=true');
    const scripted = packages
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([folder]) => nameOf(folder));
    // Each was looked at: none of them is needed for what the workbench uses of the package.
    expect([...new Set(scripted)].sort()).toEqual([
      'electron-22-types',
      'electron-winstaller',
      'esbuild',
      'onnxruntime-node',
    ]);
  });
});
