#!/usr/bin/env node
/** `npm start`: sets up what is missing and opens the window, or evaluates the models where there is no screen. */
import { join } from 'node:path';
import { installDependencies } from './dependencies.mjs';
import { projectFolder, runScript, runVisibly, say } from './steps.mjs';

function hasScreen() {
  if (process.platform !== 'linux') return true;
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

async function openWindow() {
  const { prepareElectron, sandboxObstacle } = await import('./electron.mjs');
  const executable = await prepareElectron();
  const obstacle = await sandboxObstacle(executable);
  if (obstacle) say(`the window runs without Chromium's sandbox: ${obstacle}`);
  const { ELECTRON_RUN_AS_NODE: _, ...environment } = process.env;
  const flags = obstacle ? ['--no-sandbox'] : [];
  return runVisibly(executable, [...flags, projectFolder, ...process.argv.slice(2)], { env: environment });
}

await runScript(async () => {
  await installDependencies();
  const { prepare } = await import('./prepare.mjs');
  await prepare();
  if (hasScreen()) return openWindow();
  say('no screen (neither DISPLAY nor WAYLAND_DISPLAY is set): evaluates the bundled models instead');
  return runVisibly(process.execPath, [
    join(projectFolder, 'dist/main/cli.cjs'),
    'evaluate',
    '--samples',
    '1000',
  ]);
});
