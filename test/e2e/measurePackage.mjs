#!/usr/bin/env node
/**
 * Starts the packaged program (dist/packages, made by `npm run package -- dir`) three times and prints how long it
 * takes from its start to a window with its views, and to one with its devices found; then what share of a core it
 * uses while nothing happens. The inspector is fused off in a package, so the page is reached by its debugging port.
 * Linux only. Needs a screen: xvfb-run -a node test/e2e/measurePackage.mjs
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import WebSocket from 'ws';
import { projectFolder } from '../../setup/steps.mjs';
import { cpuShare } from './cpuShare.mjs';

const executable = join(projectFolder, 'dist/packages/linux-unpacked/bnn-workbench');
const port = 9333;
const IDLE_MS = 10_000;

/** Opens the page's debugging socket as soon as there is one. @returns {Promise<WebSocket>} */
async function connect() {
  for (;;) {
    try {
      const pages = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
      const address = pages.find(
        (/** @type {{ type: string }} */ { type }) => type === 'page',
      )?.webSocketDebuggerUrl;
      if (address) {
        const socket = new WebSocket(address);
        await new Promise((resolve, reject) => {
          socket.once('open', resolve);
          socket.once('error', reject);
        });
        return socket;
      }
    } catch {
      // It is not there yet.
    }
    await wait(20);
  }
}

/** Returns when the expression is true in the page. @param {WebSocket} socket @param {string} expression */
async function until(socket, expression) {
  for (let id = 1; ; id++) {
    const answer = new Promise((resolve) => {
      const hear = (/** @type {Buffer} */ data) => {
        const message = JSON.parse(data.toString());
        if (message.id !== id) return;
        socket.off('message', hear);
        resolve(message.result?.result?.value);
      };
      socket.on('message', hear);
    });
    socket.send(JSON.stringify({ id, method: 'Runtime.evaluate', params: { expression } }));
    if ((await answer) === true) return;
    await wait(20);
  }
}

for (let start = 1; start <= 3; start++) {
  const beganMs = performance.now();
  const flags = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const child = spawn(executable, [...flags, `--remote-debugging-port=${port}`], { stdio: 'ignore' });
  const socket = await connect();
  await until(socket, `document.querySelector('nav') !== null && document.querySelector('h1') !== null`);
  const windowMs = performance.now() - beganMs;
  await until(socket, `/\\d devices?$/.test(document.querySelector('footer').textContent.trim())`);
  const devicesMs = performance.now() - beganMs;
  // A debugger that listens keeps the program awake.
  socket.close();
  let line = `start ${start}: window ${windowMs.toFixed(0)} ms, devices ${devicesMs.toFixed(0)} ms`;
  if (start === 3) {
    await wait(3000);
    const share = await cpuShare(child.pid ?? 0, IDLE_MS);
    line += `, idle ${(100 * share).toFixed(2)} % of a core`;
  }
  process.stdout.write(`${line}\n`);
  child.kill();
  await new Promise((resolve) => child.once('exit', resolve));
}
