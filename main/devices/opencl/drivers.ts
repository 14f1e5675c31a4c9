/**
 * Which OpenCL drivers there are to look at: the system's, and those that setup put into the cache folder.
 * Each comes with the environment in which a process must be started to see it and no other of ours.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { WorkbenchError } from '../../../core/errors';
import { driverEnvironment } from '../../../setup/driverEnvironment.mjs';
import { cacheFolder } from '../../../setup/folders.mjs';
import { VENDORS_FOLDER, vendorFiles } from './vendorFiles';

/** Those that `bnnw install` fetches. */
const USER_DRIVERS = ['pocl', 'intel-cpu', 'fpga-emulator'] as const;
type UserDriver = (typeof USER_DRIVERS)[number];

export interface OpenClDriver {
  id: 'system' | UserDriver;
  /** To be added to a device process's environment. */
  environment: Record<string, string>;
  /** Drivers that share a process here, each with what it needs to be alone; `id` is the path of its .icd file. */
  apart: { id: string; environment: Record<string, string> }[];
}

const descriptionSchema = z.object({
  id: z.enum(USER_DRIVERS),
  version: z.string(),
  library: z.string(),
  loader: z.string(),
  environment: z.record(z.string(), z.string()),
});

function readDescription(id: UserDriver, path: string) {
  try {
    return descriptionSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new WorkbenchError(
      'refused-file',
      'The description of an installed OpenCL driver cannot be read.',
      {
        where: path,
        remedy: `Run: npx bnnw install ${id}`,
        details: error instanceof Error ? error.message : null,
      },
    );
  }
}

/**
 * The system's drivers first, then the user's. Whether a driver shows a device is for a child process to find
 * out: a driver may crash.
 * @param folder holds a folder for each of the user's drivers
 * @param vendors holds the .icd files of the system's drivers
 * @throws WorkbenchError `refused-file` where a driver's description is damaged
 */
export function openClDrivers(
  folder = join(cacheFolder, 'opencl'),
  vendors = process.env.OCL_ICD_VENDORS ?? VENDORS_FOLDER,
): OpenClDriver[] {
  // PoCL shows no device where it cannot write its cache of compiled kernels.
  const shared = { POCL_CACHE_DIR: process.env.POCL_CACHE_DIR ?? join(folder, 'pocl-kernels') };
  const installed = USER_DRIVERS.filter((id) => existsSync(join(folder, id, 'driver.json')));
  // Debian's loader reads the first variable, Khronos's the second.
  const apart = vendorFiles(vendors).map(({ path, library }) => {
    return { id: path, environment: { ...shared, OCL_ICD_VENDORS: path, OCL_ICD_FILENAMES: library } };
  });
  return [
    { id: 'system', environment: shared, apart },
    ...installed.map((id) => {
      const home = join(folder, id);
      const description = readDescription(id, join(home, 'driver.json'));
      return { id, environment: { ...shared, ...driverEnvironment(home, description) }, apart: [] };
    }),
  ];
}
