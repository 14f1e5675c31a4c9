#!/usr/bin/env node
/**
 * Stands in for fpm where it cannot be fetched: takes the arguments that electron-builder gives it for a deb and has
 * dpkg-deb build the package. Whatever it does not know it refuses.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const text = /** @type {const} */ ({ type: 'string' });
const many = /** @type {const} */ ({ type: 'string', multiple: true });
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'input-type': { ...text, short: 's' },
    'output-type': { ...text, short: 't' },
    force: { type: 'boolean' },
    architecture: text,
    'after-install': text,
    'after-remove': text,
    description: text,
    version: text,
    package: text,
    name: text,
    maintainer: text,
    vendor: text,
    url: text,
    license: text,
    category: text,
    'deb-priority': text,
    'deb-compression': text,
    'deb-recommends': many,
    depends: { ...many, short: 'd' },
  },
});
if (values['output-type'] !== 'deb' || !values.package || !values.name)
  throw new Error('only debs are built here');

const scratch = mkdtempSync(join(tmpdir(), 'bnnw-deb-'));
const root = join(scratch, 'root');
try {
  for (const each of positionals) {
    const cut = each.lastIndexOf('=');
    const [from, to] = [each.slice(0, cut), join(root, each.slice(cut + 1))];
    mkdirSync(dirname(to), { recursive: true });
    cpSync(from, to, { recursive: true, verbatimSymlinks: true });
  }
  const control = join(root, 'DEBIAN');
  mkdirSync(control);
  const sizeKiB = Number(execFileSync('du', ['-sk', root], { encoding: 'utf8' }).split(/\s/)[0]);
  const fields = {
    Package: values.name,
    Version: values.version,
    Architecture: values.architecture,
    Maintainer: values.maintainer,
    'Installed-Size': sizeKiB,
    Depends: values.depends?.join(', '),
    Recommends: values['deb-recommends']?.join(', '),
    Section: values.category ?? 'default',
    Priority: values['deb-priority'],
    Homepage: values.url,
    Description: values.description,
  };
  const lines = Object.entries(fields).filter(([, value]) => value !== undefined && value !== '');
  writeFileSync(join(control, 'control'), lines.map(([key, value]) => `${key}: ${value}\n`).join(''));
  const scripts = { postinst: values['after-install'], postrm: values['after-remove'] };
  for (const [script, file] of Object.entries(scripts)) {
    if (file) writeFileSync(join(control, script), readFileSync(file), { mode: 0o755 });
  }
  execFileSync('chmod', ['-R', 'u=rwX,go=rX', root]);
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '-z1', '--build', root, values.package], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (statSync(values.package).size === 0) throw new Error('dpkg-deb wrote nothing');
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
