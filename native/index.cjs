'use strict';
const path = require('node:path');

// `Debug` is the build with sanitizers, for the tests.
const configuration = process.env.BNNW_NATIVE_CONFIGURATION ?? 'Release';
const file = path.join(__dirname, 'build', configuration, 'bnnw_opencl.node');

/** @returns {typeof import('./index')} */
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
} = load();

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
