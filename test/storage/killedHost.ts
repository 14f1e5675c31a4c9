/**
 * A host that is there to be killed: FOLDER DEVICE-PROCESS. Runs one job and prints each run as it is
 * acknowledged, at once, by a call that returns when the line is in the pipe.
 */
import { writeSync } from 'node:fs';
import { fakeHost } from '../main/host/fakeHost';

const [folder, script] = process.argv.slice(2);
const { host, runJob } = fakeHost(script!, folder!);
const say = (...words: string[]) => writeSync(1, `${words.join(' ')}\n`);
host.onEvent((event) => {
  if (event.kind === 'job-started') say('session', event.sessionId);
  if (event.kind === 'run-finished') say('finished', event.run.id);
  if (event.kind === 'run-progress' && event.phase === 'running') {
    say('answered', String(event.runIndex), String(event.doneImages));
  }
});
void runJob({ deviceIds: ['opencl:fake:good'], batchSizes: [50, 25, 20, 10] }).then(() => host.close());
