/** Why OpenCL drivers that are installed may show no device, as far as files tell. */
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Advice } from '../../core/contract/host';
import { describeError } from '../../core/errors';
import type { DriverAnswer } from './deviceListing';

/** Where the loaders of Linux look for the files that name a driver's library. */
const VENDORS = '/etc/OpenCL/vendors';

/** For the drivers that answered and gave no device. */
export function openClAdvice(
  answers: DriverAnswer[],
  environment: NodeJS.ProcessEnv,
  vendors = VENDORS,
): Advice[] {
  const advice: Advice[] = [];
  const silent = answers.filter(
    ({ driver, devices }) => driver.provider === 'opencl' && devices.length === 0,
  );
  for (const { driver, problem } of silent) {
    // A problem is told as it is. The system's loader without any driver is no problem of a driver.
    if (problem || driver.id === 'system') continue;
    const remedy = `Run \`bnnw install ${driver.id}\` again.`;
    advice.push({ subject: driver.id, problem: 'It is installed and shows no device.', remedy });
  }
  const system = answers.find(({ driver }) => driver.id === 'system');
  if (system) advice.push(...vendorAdvice(environment.OCL_ICD_VENDORS ?? vendors, system.devices.length > 0));
  const pocl = silent.find(({ driver }) => driver.id === 'pocl') ?? silent.find(() => namesPocl(vendors));
  if (pocl) advice.push(...poclAdvice({ ...environment, ...pocl.driver.environment }));
  if (!answers.some(({ driver, devices }) => driver.provider === 'opencl' && devices.length > 0)) {
    advice.push({
      subject: 'OpenCL',
      problem: 'No OpenCL driver shows a device.',
      remedy: 'Run `bnnw install pocl` for this CPU, or install the OpenCL driver of your device.',
    });
  }
  return advice;
}

/** Each .icd file names a library; one that is gone, or shows nothing, is told. */
function vendorAdvice(vendors: string, systemShowsDevices: boolean): Advice[] {
  return vendorFiles(vendors).flatMap((path): Advice[] => {
    const library = readFileSync(path, 'utf8').trim();
    if (isAbsolute(library) && !existsSync(library)) {
      const remedy = 'Install the package of the driver again, or remove the file.';
      return [{ subject: path, problem: `It names ${library}, which does not exist.`, remedy }];
    }
    if (systemShowsDevices) return [];
    const remedy = 'Install the package of the driver again; a driver of a device needs the device too.';
    return [{ subject: path, problem: `The driver ${library} shows no device.`, remedy }];
  });
}

function vendorFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.icd'))
      .map((name) => join(folder, name));
  } catch {
    // No folder, or the variable names a file: then there is nothing to say about its files.
    return [];
  }
}

function namesPocl(vendors: string): boolean {
  return vendorFiles(vendors).some((path) => readFileSync(path, 'utf8').includes('pocl'));
}

/** PoCL shows no device where its cache cannot be written, and ends the process where it finds no linker. */
function poclAdvice(environment: NodeJS.ProcessEnv): Advice[] {
  const advice: Advice[] = [];
  const cache = environment.POCL_CACHE_DIR;
  if (cache) {
    try {
      mkdirSync(cache, { recursive: true });
      accessSync(cache, constants.W_OK);
    } catch (thrown) {
      const problem = `Its cache folder ${cache} cannot be written: ${describeError(thrown).message}`;
      advice.push({ subject: 'pocl', problem, remedy: 'Change its permissions, or set POCL_CACHE_DIR.' });
    }
  }
  if (process.platform === 'linux' && !isOnPath('ld', environment.PATH ?? '')) {
    const remedy = 'Install a linker. On Debian and Ubuntu: apt-get install binutils';
    advice.push({ subject: 'pocl', problem: 'It needs the linker ld, which is not on the PATH.', remedy });
  }
  return advice;
}

function isOnPath(program: string, path: string): boolean {
  return path.split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, program)));
}
