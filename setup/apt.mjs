/** Packages of Debian and Ubuntu, for root only. Everybody else is told their names. */
import { runQuietly, SetupError, say, step } from './steps.mjs';

/** Whether packages can be installed without asking anything. */
export async function canInstallPackages() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  return (await runQuietly('apt-get', ['--version'])).code === 0;
}

/**
 * @param {string} name
 * @returns {Promise<boolean>} whether the package is installed, as far as dpkg knows
 */
export async function isInstalled(name) {
  const { standardOutput } = await runQuietly('dpkg', ['--status', name]);
  return /^Status: install ok installed$/m.test(standardOutput);
}

/**
 * @param {string} name one package, or alternatives `newer|older` of which the first that is known is taken
 * @returns {Promise<string | null>}
 */
async function knownPackage(name) {
  for (const alternative of name.split('|')) {
    const { output } = await runQuietly('apt-cache', ['policy', alternative], {
      environment: { LC_ALL: 'C' },
    });
    if (/Candidate: (?!\(none\))/.test(output)) return alternative;
  }
  return null;
}

/** @param {string[]} names */
async function tryInstall(names) {
  const known = await Promise.all(names.map(knownPackage));
  if (known.includes(null)) return { code: 1, output: `unknown packages among ${names.join(' ')}` };
  const packages = known.filter((name) => name !== null);
  return runQuietly('apt-get', ['install', '-y', '--no-install-recommends', ...packages], {
    environment: { DEBIAN_FRONTEND: 'noninteractive' },
  });
}

/**
 * @param {string} purpose `a compiler`
 * @param {string[]} names `libasound2t64|libasound2` takes the first that this release knows
 */
export async function installPackages(purpose, names) {
  await step(`installs ${purpose} (apt-get: ${names.join(' ')})`, async () => {
    if ((await tryInstall(names)).code === 0) return;
    // A new machine has no package lists yet, and old lists name versions that are gone.
    await runQuietly('apt-get', ['update']);
    const { code, output } = await tryInstall(names);
    if (code !== 0) {
      throw new SetupError(
        `apt-get could not install ${names.join(' ')}\n${output.trimEnd().split('\n').slice(-8).join('\n')}`,
        'Check the network and the package sources in /etc/apt.',
      );
    }
  });
}

/**
 * Installs packages where that is possible, else says what to install.
 * @param {string} purpose
 * @param {string[]} names
 * @returns {Promise<boolean>} whether they were installed
 */
export async function installOrAdvise(purpose, names) {
  if (await canInstallPackages()) {
    await installPackages(purpose, names);
    return true;
  }
  say(`${purpose} is missing. On Debian and Ubuntu: sudo apt-get install ${names.join(' ')}`);
  return false;
}
