/**
 * Makes a packaged Electron start any program folder, as an ordinary one does: `electron [flags] FOLDER`.
 * setup/electronDistribution.mjs puts this file into resources/app of the distribution that it makes.
 */
const path = require('node:path');
const { app } = require('electron');

const folder = path.resolve(process.argv.slice(1).find((word) => !word.startsWith('-')) ?? '.');
const manifest = require(path.join(folder, 'package.json'));
app.setAppPath(folder);
app.setName(manifest.productName ?? manifest.name);
app.setVersion(manifest.version);
require(path.join(folder, manifest.main));
