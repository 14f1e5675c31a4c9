/** A device for the OpenCL addon: PoCL, where no driver that is installed shows one. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canInstallPackages, installPackages, isInstalled } from './apt.mjs';
import { driverEnvironment } from './driverEnvironment.mjs';
import { driverPackages, installDriver } from './driverPackages.mjs';
import { cacheFolder } from './folders.mjs';
import { isFresh, writeStamp } from './sources.mjs';
import { projectFolder, runQuietly, SetupError, say } from './steps.mjs';
import { requireWritable } from './storage.mjs';

const poclPackage = 'pocl-opencl-icd';

/**
 * @typedef {{ id: string, name: string, platform: string }} ListedDevice
 */

/**
 * The OpenCL devices that the program itself finds; it looks into each driver in a process of its own.
 * @returns {Promise<ListedDevice[]>}
 */
export async function openClDevices() {
  const cli = join(projectFolder, 'dist/main/cli.cjs');
  const { code, output, standardOutput } = await runQuietly(process.execPath, [cli, 'devices', '--json'], {
    timeoutMs: 120_000,
  });
  if (code !== 0) throw new SetupError(`the program could not list its devices\n${output}`, 'Report it.');
  /** @type {{ devices: ListedDevice[] }} */
  const { devices } = JSON.parse(standardOutput);
  return devices.filter((device) => device.id.startsWith('opencl:'));
}

/** What changes when a driver is installed or removed. */
function driversPresent() {
  const system = '/etc/OpenCL/vendors';
  const user = join(cacheFolder, 'opencl');
  const names = [
    ...(existsSync(system) ? readdirSync(system).sort() : []),
    ...Object.keys(driverPackages).filter((id) => existsSync(join(user, id, 'driver.json'))),
  ];
  return [process.env.OCL_ICD_VENDORS, process.env.OCL_ICD_FILENAMES, ...names].join(' ');
}

/**
 * PoCL from the system's packages for root, else into the user's cache folder; there too where the package is
 * installed already, for then it shows no device as it is.
 */
export async function installPocl() {
  if ((await canInstallPackages()) && !(await isInstalled(poclPackage))) {
    await installPackages('PoCL, an OpenCL driver for CPUs', [poclPackage, 'ocl-icd-libopencl1']);
    return;
  }
  // PoCL ends the whole process where it finds no linker.
  if ((await runQuietly('ld', ['--version'])).code !== 0) {
    throw new SetupError('PoCL needs a linker', 'On Debian and Ubuntu: sudo apt-get install binutils');
  }
  await installDriver('pocl');
}

/** Brings PoCL itself, whatever other devices there are: the tests run on it. */
export async function preparePocl() {
  const isPocl = (/** @type {ListedDevice} */ device) => device.platform === 'Portable Computing Language';
  if (!(await openClDevices()).some(isPocl)) await installPocl();
}

/** Where the user's own PoCL lies that tests need, or null: the system's goes before it, and two would be confused. */
export function ownPocl() {
  const folder = join(cacheFolder, 'opencl/pocl');
  const isNeeded = !existsSync('/etc/OpenCL/vendors/pocl.icd') && existsSync(join(folder, 'driver.json'));
  return isNeeded ? folder : null;
}

/**
 * What a process needs to see PoCL: nothing where the system has it.
 * @returns {Record<string, string>}
 */
export function poclEnvironment() {
  const folder = ownPocl();
  if (folder === null) return {};
  const description = join(folder, 'driver.json');
  return driverEnvironment(folder, JSON.parse(readFileSync(description, 'utf8')));
}

/** @returns {Promise<boolean>} whether any driver shows a device, PoCL's at the latest */
async function findOrInstall() {
  if ((await openClDevices()).length > 0) return true;
  if (await isInstalled(poclPackage)) {
    say('PoCL is installed and shows no device: `npx bnnw doctor` says why');
    return false;
  }
  try {
    await installPocl();
    return (await openClDevices()).length > 0;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`${error.message}\n${error.remedy}`);
    return false;
  }
}

/** Looks for a device once, and again when the set of drivers has changed. */
export async function prepareOpenCl() {
  const stamp = join(cacheFolder, 'setup/opencl');
  if (isFresh(stamp, `device ${driversPresent()}`)) return;
  requireWritable(cacheFolder);
  const knownAbsent = isFresh(stamp, `none ${driversPresent()}`);
  const found = !knownAbsent && (await findOrInstall());
  if (!found) say('no OpenCL device: goes on with ONNX Runtime. `npx bnnw install pocl` tries again');
  writeStamp(stamp, `${found ? 'device' : 'none'} ${driversPresent()}`);
}
