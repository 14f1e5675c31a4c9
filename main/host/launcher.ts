/**
 * Starts a device process. The command line uses {@link forkDeviceProcess}; the desktop has one of its own
 * that uses Electron's utilityProcess. Both run the same script.
 */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { applicationRoot } from '../applicationRoot';

export interface DeviceProcess {
  /** Sends plain data by the structured clone algorithm. Does nothing once the process has ended. */
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once, after the last message. */
  onExit(listener: (exit: { code: number | null; signal: string | null }) => void): void;
  /** At once and for certain, even while a driver hangs. */
  kill(): void;
  /** The end of what the drivers wrote to standard output and error. */
  output(): string;
}

/** @param environment added to that of this process */
export type DeviceProcessLauncher = (environment: Record<string, string>) => DeviceProcess;

export function deviceProcessScript(): string {
  return join(applicationRoot(), 'dist', 'main', 'device-process.cjs');
}

const KEPT_OUTPUT_CHARACTERS = 8192;

/** Keeps the end of a text that arrives in pieces. */
export class OutputTail {
  private text = '';

  add(piece: Buffer | string): void {
    this.text = (this.text + piece.toString()).slice(-KEPT_OUTPUT_CHARACTERS);
  }

  toString(): string {
    return this.text;
  }
}

export function forkDeviceProcess(script: string): DeviceProcessLauncher {
  return (environment) => {
    const child = fork(script, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ...environment },
      execArgv: [],
    });
    const tail = new OutputTail();
    child.stdout?.on('data', (piece: Buffer) => tail.add(piece));
    child.stderr?.on('data', (piece: Buffer) => tail.add(piece));
    // A send to a process that just ended reports here; its end itself is told by 'close'.
    child.on('error', (error) => tail.add(`${error.message}\n`));
    return {
      post: (message) => {
        if (child.connected) child.send(message as object);
      },
      onMessage: (listener) => void child.on('message', listener),
      onExit: (listener) => void child.once('close', (code, signal) => listener({ code, signal })),
      kill: () => void child.kill('SIGKILL'),
      output: () => tail.toString(),
    };
  };
}
