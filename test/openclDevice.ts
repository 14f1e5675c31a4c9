import { type Device, platforms } from '../native';

/**
 * The OpenCL device under test: the first of the platform whose name contains BNNW_TEST_DEVICE, ignoring case;
 * PoCL where that is not set. A device that is not there fails the test, so that nothing is skipped unseen.
 */
export function testDevice(): Device {
  const wanted = process.env.BNNW_TEST_DEVICE ?? 'Portable Computing Language';
  const found = platforms();
  const platform = found.find(({ info }) => info.name.toLowerCase().includes(wanted.toLowerCase()));
  const device = platform?.devices()[0];
  if (device) return device;
  const names = found.map(({ info }) => info.name).join(', ') || 'none';
  throw new Error(`no device on a platform called ${wanted} (BNNW_TEST_DEVICE); platforms: ${names}`);
}
