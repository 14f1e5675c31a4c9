import { utilityProcess } from 'electron';
import { type DeviceProcessLauncher, OutputTail } from '../host/launcher';

/**
 * Starts device processes as Electron's own children, which stay known to its task list and end with it.
 * Electron must be ready.
 */
export function utilityDeviceProcess(script: string): DeviceProcessLauncher {
  return (environment) => {
    const child = utilityProcess.fork(script, [], {
      serviceName: 'BNN Workbench device',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
      execArgv: [],
    });
    const tail = new OutputTail();
    child.stdout?.on('data', (piece: Buffer) => tail.add(piece));
    child.stderr?.on('data', (piece: Buffer) => tail.add(piece));
    let wanted = true;
    let ended = false;
    // A child has no id before it is spawned, and kill() alone asks politely, which a hung driver never hears.
    const end = () => {
      if (child.pid !== undefined && !ended) process.kill(child.pid, 'SIGKILL');
    };
    child.once('spawn', () => {
      if (!wanted) end();
    });
    child.once('exit', () => {
      ended = true;
    });
    return {
      post: (message) => {
        if (!ended) child.postMessage(message);
      },
      onMessage: (listener) => void child.on('message', listener),
      onExit: (listener) => void child.once('exit', (code) => listener({ code, signal: null })),
      kill: () => {
        wanted = false;
        end();
      },
      output: () => tail.toString(),
    };
  };
}
