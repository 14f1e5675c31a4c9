/** A device process over {@link ./fakeSources}. */
import { serveHost } from '../../../main/host/deviceServer';
import { hostPort } from '../../../main/host/hostPort';
import { fakeSources } from './fakeSources';

serveHost(hostPort(), fakeSources);
