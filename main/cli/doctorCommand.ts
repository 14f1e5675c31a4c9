/** `bnnw doctor`: what is here, what is missing, and what to do about it. */
import { formatCount } from '../../core/report/format';
import { findElectron } from '../host/electronPresence';
import type { Host } from '../host/host';
import { programVersion } from '../host/provenance';
import type { CommandLine } from './commandLine';
import { EXIT_DONE } from './failure';
import { adviceText } from './listCommands';
import { printable, type Terminal } from './terminal';

export async function doctorCommand(host: Host, terminal: Terminal): Promise<number> {
  const say = (text: string) => terminal.stdout.write(printable(text));
  say(`BNN Workbench ${programVersion()} on Node ${process.versions.node}\n`);
  say(`sessions: ${host.sessionsFolder}${(await host.canStore()) ? '' : ', which cannot be written'}\n`);

  const { devices, advice } = await host.listDevices();
  say('\ndevices\n');
  for (const { name, platform, type, driver } of devices) say(`  ${name}: ${type}, ${platform}, ${driver}\n`);
  if (advice.length > 0) say('\nto look at\n');
  for (const each of advice) say(adviceText(each).replace(/^/gm, '  ').trimEnd().concat('\n'));

  say('\nmodels\n');
  for (const { id, parameters } of await host.listModels())
    say(`  ${id}: ${formatCount(parameters)} parameters\n`);

  say('\ndata sets\n');
  for (const { id, name, present } of await host.listDatasets()) {
    say(
      `  ${name}: ${present ? 'here' : `not here yet; fetched when first used, or by \`npx bnnw install ${id}\``}\n`,
    );
  }

  const electron = findElectron();
  say('\nwindow\n');
  say(
    `  ${electron ? `Electron: ${electron}` : 'no Electron; fetched by `npm start`, or by `npx bnnw install electron`'}\n`,
  );
  return EXIT_DONE;
}

export function addDoctorCommand({ command, host, terminal, end }: CommandLine): void {
  command('doctor', 'tell what is installed, what is missing, and what to do').action(async () =>
    end(await doctorCommand(host, terminal)),
  );
}
