import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import manifest from '../../package.json';
import lock from '../../package-lock.json';
import { projectFolder } from '../../setup/steps.mjs';

const notices = readFileSync(join(projectFolder, 'THIRD-PARTY-NOTICES.md'), 'utf8');
const packages: Record<string, { license?: string }> = lock.packages;

/** The packages that the page imports, by name. */
function pagePackages(): string[] {
  const files = readdirSync(join(projectFolder, 'renderer'), { recursive: true, encoding: 'utf8' });
  const imports = files
    .filter((name) => /\.(ts|vue)$/.test(name))
    .map((name) => readFileSync(join(projectFolder, 'renderer', name), 'utf8'))
    .flatMap((text) => [...text.matchAll(/from '((?:@[^/']+\/)?[^./'][^/']*)/g)])
    .map((match) => match[1]!);
  return [...new Set(imports)];
}

it('every package inside the program is named with its licence', () => {
  const inside = [...Object.keys(manifest.dependencies), ...pagePackages(), 'node-addon-api'];
  const missing = inside.filter(
    (name) => !notices.includes(`| ${name} | ${packages[`node_modules/${name}`]?.license} |`),
  );
  expect(missing).toEqual([]);
});
