/** Why OpenCL drivers that are installed may show no device, as far as files tell. */
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Advice } from '../../core/contract/host';
import { describeError } from '../../core/errors';
import { VENDORS_FOLDER, type VendorFile, vendorFiles } from '../devices/opencl/vendorFiles';
import { makeFoldersSync } from '../storage/makeFolders';
import type { DriverAnswer } from './deviceListing';

/** For the drivers that answered and gave no device. */
export function openClAdvice(
  answers: DriverAnswer[],
  environment: NodeJS.ProcessEnv,
  vendors = VENDORS_FOLDER,
): Advice[] {
  const files = vendorFiles(environment.OCL_ICD_VENDORS ?? vendors);
  const isSystems = ({ driver }: DriverAnswer) =>
    driver.id === 'system' || files.some(({ path }) => path === driver.id);
  const advice: Advice[] = [];
  const silent = answers.filter(
    ({ driver, devices }) => driver.provider === 'opencl' && devices.length === 0,
  );
  for (const answer of silent) {
    // A problem is told as it is. The system's loader without any driver is no problem of a driver.
    if (answer.problem || isSystems(answer)) continue;
    const { id } = answer.driver;
    const remedy = `Run \`npx bnnw install ${id}\` again.`;
    advice.push({ subject: id, problem: 'It is installed and shows no device.', remedy });
  }
  const systems = answers.filter(isSystems);
  if (systems.length > 0) advice.push(...files.flatMap((file) => vendorAdvice(file, systems)));
  const systemIsSilent = systems.every(({ devices }) => devices.length === 0);
  const namesPocl = files.some(({ library }) => library.includes('pocl'));
  const pocl =
    silent.find(({ driver }) => driver.id === 'pocl') ??
    (systemIsSilent && namesPocl ? systems[0] : undefined);
  if (pocl) advice.push(...poclAdvice({ ...environment, ...pocl.driver.environment }));
  if (!answers.some(({ driver, devices }) => driver.provider === 'opencl' && devices.length > 0)) {
    advice.push({
      subject: 'OpenCL',
      problem: 'No OpenCL driver shows a device.',
      remedy: 'Run `npx bnnw install pocl` for this CPU, or install the OpenCL driver of your device.',
    });
  }
  return advice;
}

/** A library that is gone, or shows nothing although nothing crashed, is told. */
function vendorAdvice({ path, library }: VendorFile, systems: DriverAnswer[]): Advice[] {
  if (isAbsolute(library) && !existsSync(library)) {
    const remedy = 'Install the package of the driver again, or remove the file.';
    return [{ subject: path, problem: `It names ${library}, which does not exist.`, remedy }];
  }
  const alone = systems.find(({ driver }) => driver.id === path);
  const asked = alone ? [alone] : systems;
  if (asked.some(({ devices, problem }) => devices.length > 0 || problem !== null)) return [];
  const remedy = 'Install the package of the driver again; a driver of a device needs the device too.';
  return [{ subject: path, problem: `The driver ${library} shows no device.`, remedy }];
}

/** PoCL shows no device where its cache cannot be written, and ends the process where it finds no linker. */
function poclAdvice(environment: NodeJS.ProcessEnv): Advice[] {
  const advice: Advice[] = [];
  const cache = environment.POCL_CACHE_DIR;
  if (cache) {
    try {
      makeFoldersSync(cache);
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
