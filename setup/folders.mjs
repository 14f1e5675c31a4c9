/**
 * Where the program keeps what belongs to the user. BNNW_HOME, if set, replaces all of it (tests use that).
 */
import { join } from 'node:path';
import envPaths from 'env-paths';

const paths = envPaths('bnn-workbench', { suffix: '' });
const home = process.env.BNNW_HOME;

/** Downloads and builds: may be deleted at any time. */
export const cacheFolder = home ? join(home, 'cache') : paths.cache;
/** Sessions and imported models. */
export const dataFolder = home ? join(home, 'data') : paths.data;
/** Settings, window state. */
export const configFolder = home ? join(home, 'config') : paths.config;
