#!/usr/bin/env node
/** `npx bnnw …`: sets up what is missing, then hands over to the command line in dist/. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { installDependencies } from './dependencies.mjs';
import { projectFolder, runScript, say } from './steps.mjs';

/**
 * `bnnw install` for what is no data set; data sets are fetched by the program itself.
 * @param {string | undefined} name
 * @returns {Promise<boolean>} whether it was one of ours
 */
async function install(name) {
  const { installPocl } = await import('./opencl.mjs');
  const { installDriver } = await import('./driverPackages.mjs');
  switch (name) {
    case 'pocl':
      await installPocl();
      say('`npx bnnw devices` shows it');
      return true;
    case 'intel-cpu':
    case 'fpga-emulator':
      await installDriver(name);
      say('`npx bnnw devices` shows it');
      return true;
    case 'electron': {
      const { installElectron, prepareElectron } = await import('./electron.mjs');
      await installElectron();
      await prepareElectron();
      return true;
    }
    default:
      return false;
  }
}

await runScript(async () => {
  await installDependencies();
  const [command, name] = process.argv.slice(2);
  if (command === 'install' && (await install(name))) return 0;
  const { prepare } = await import('./prepare.mjs');
  await prepare(command ?? 'help');
  createRequire(import.meta.url)(join(projectFolder, 'dist/main/cli.cjs'));
  return undefined; // the program sets the exit code when its work has ended
});
