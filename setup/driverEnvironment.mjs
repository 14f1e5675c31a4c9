/** How a process must be started to see one of the OpenCL drivers in the user's cache folder. */
import { join } from 'node:path';

/**
 * What `bnnw install` writes as driver.json beside a driver's files. Paths are relative to its folder.
 * @typedef {object} DriverDescription
 * @property {string} id
 * @property {string} version
 * @property {string} library
 * @property {string} loader libOpenCL
 * @property {Record<string, string>} environment what this driver needs besides
 */

/**
 * @param {string} folder the driver's
 * @param {DriverDescription} description
 * @returns {Record<string, string>} to be added to the process's environment
 */
export function driverEnvironment(folder, description) {
  const library = join(folder, description.library);
  return {
    BNNW_OPENCL_LOADER: join(folder, description.loader),
    // Debian's loader reads the first, Khronos's the second. Either then leaves the system's drivers alone.
    OCL_ICD_VENDORS: library,
    OCL_ICD_FILENAMES: library,
    // The loader out of the wheel of pyopencl crashes without it.
    PYOPENCL_HOME: folder,
    ...description.environment,
  };
}
