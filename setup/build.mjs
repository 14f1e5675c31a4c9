#!/usr/bin/env node
/** `npm run build`: the addon, the bundles and the page, as far as they are older than their sources. */
import { installDependencies } from './dependencies.mjs';
import { runScript } from './steps.mjs';

await runScript(async () => {
  await installDependencies();
  const { buildAddon } = await import('./addon.mjs');
  const { buildBundles } = await import('./bundles.mjs');
  await buildAddon();
  await buildBundles();
  return 0;
});
