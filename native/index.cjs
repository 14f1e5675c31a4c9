'use strict';
const path = require('node:path');
const { isMainThread } = require('node:worker_threads');

// `Debug` is the build with sanitizers, for the tests.
const configuration = process.env.BNNW_NATIVE_CONFIGURATION ?? 'Release';
const file = path.join(__dirname, 'build', configuration, 'bnnw_opencl.node');

/** @returns {typeof import('./index') & { endBeforeExit: (exitCode: number) => void }} */
function load() {
  try {
    return require(file);
  } catch (error) {
    throw new Error(
      `The OpenCL addon ${file} could not be loaded. ` +
        `Build it with: node ${path.join(__dirname, 'build.mjs')} (needs a C++17 compiler, make and Python 3)`,
      { cause: error },
    );
  }
}

// Name by name, because Node reads from this text what `import { platforms } from …` may take.
const {
  Platform,
  Device,
  Context,
  Buffer,
  Program,
  Kernel,
  Queue,
  HostMemory,
  platforms,
  loaderPath,
  liveHandles,
  nvmlDevices,
  nvmlReading,
  endBeforeExit,
} = load();

// Before C++'s own end of a process: a driver adds to that while it runs, so nothing added there is surely before it.
// A worker's end is the addon's own matter.
if (isMainThread) process.once('exit', endBeforeExit);

module.exports = {
  Platform,
  Device,
  Context,
  Buffer,
  Program,
  Kernel,
  Queue,
  HostMemory,
  platforms,
  loaderPath,
  liveHandles,
  nvmlDevices,
  nvmlReading,
};
