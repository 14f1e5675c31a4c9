/** Every English text of the page, ready for translation: a file for each view, and what several of them share. */
import { counts, deviceTypeNotes, deviceTypes, general, modes, phases, scenarios, states } from './common';
import { devices } from './devices';
import { fpga } from './fpga';
import { inspector } from './inspector';
import { models } from './models';
import { modesView } from './modes';
import { figure, report, results } from './results';
import { run } from './run';
import { sessions } from './sessions';
import { settings } from './settings';
import { firstStart, tour } from './tour';
import { drop, palette, program, rail, status, views } from './window';

export const texts = {
  program,
  views,
  rail,
  drop,
  palette,
  status,
  counts,
  general,
  modes,
  deviceTypes,
  deviceTypeNotes,
  states,
  phases,
  scenarios,
  devices,
  fpga,
  models,
  run,
  results,
  figure,
  report,
  modesView,
  sessions,
  settings,
  inspector,
  firstStart,
  tour,
};
