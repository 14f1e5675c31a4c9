/**
 * The script of a device process: a driver that crashes or hangs takes this process with it and nothing else.
 * Started by child_process.fork or by Electron's utilityProcess.
 */
import { loadTestSet } from '../datasets';
import { loadProvider } from '../devices/providers';
import { loadLatent, loadModel } from '../models';
import { serveHost } from './deviceServer';
import { hostPort } from './hostPort';

serveHost(hostPort(), { loadProvider, loadModel, loadLatent, loadTestSet });
