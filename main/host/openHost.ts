import { join } from 'node:path';
import { configFolder, dataFolder } from '../../setup/folders.mjs';
import { DATASETS, isPresent } from '../datasets';
import { openClDrivers } from '../devices/opencl/drivers';
import { openImageLibrary } from '../fpga/openImageLibrary';
import { listBundledModels } from '../models';
import { findSensors } from '../power';
import type { PdfPrinter } from '../report/index';
import { type Driver, driverProblems } from './deviceListing';
import { Host } from './host';
import type { DeviceProcessLauncher } from './launcher';
import { openClAdvice } from './openClAdvice';
import { Quarantine } from './quarantine';
import { SessionStore } from './sessionStore';

/** The host over the real devices, models, data sets and the user's sessions. */
/** @param printPdf how PDF is made here */
export function openHost(launch: DeviceProcessLauncher, printPdf: PdfPrinter): Host {
  return new Host({
    launch,
    printPdf,
    store: new SessionStore(join(dataFolder, 'sessions')),
    quarantine: new Quarantine(join(configFolder, 'failing-devices.json')),
    drivers: installedDrivers,
    advise: (answers) => [...driverProblems(answers), ...openClAdvice(answers, process.env)],
    listModels: listBundledModels,
    modelsFolder: join(dataFolder, 'models'),
    images: openImageLibrary(),
    findSensors: (device) => findSensors(device),
    listDatasets: () =>
      Promise.all(
        DATASETS.map(async ({ id, name, splits }) => {
          return { id, name, testImages: splits.test.images, present: await isPresent(id) };
        }),
      ),
  });
}

function installedDrivers(): Driver[] {
  return [
    ...openClDrivers().map(({ apart, ...driver }) => {
      const provider = 'opencl' as const;
      return { ...driver, provider, apart: apart.map((part) => ({ ...part, provider })) };
    }),
    { id: 'onnxruntime', provider: 'onnxruntime', environment: {} },
    { id: 'null', provider: 'null', environment: {} },
  ];
}
