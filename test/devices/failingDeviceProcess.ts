/** A device process with the real OpenCL provider, for the small network of {@link ./faultTrial}. */
import { loadProvider } from '../../main/devices/providers';
import { serveHost } from '../../main/host/deviceServer';
import { hostPort } from '../../main/host/hostPort';
import { trialModel, trialTestSet, withoutOverheads } from './faultTrial';

serveHost(hostPort(), {
  loadProvider: async (name) => withoutOverheads(await loadProvider(name)),
  loadModel: async () => trialModel,
  loadLatent: async () => null,
  loadTestSet: async () => trialTestSet,
});
