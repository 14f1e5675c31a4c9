import type { DeviceProvider } from './device';

export const PROVIDER_IDS = ['opencl', 'onnxruntime', 'null'] as const satisfies DeviceProvider['id'][];
export type ProviderId = (typeof PROVIDER_IDS)[number];

/** The provider of a device id, its first part; null where no provider has that name. */
export function providerOf(deviceId: string): ProviderId | null {
  const name = deviceId.split(':', 1)[0];
  return PROVIDER_IDS.find((id) => id === name) ?? null;
}

/** Loads one provider and nothing of the others: its driver may crash the process. */
export async function loadProvider(id: ProviderId): Promise<DeviceProvider> {
  switch (id) {
    case 'opencl':
      return (await import('./opencl/provider')).openClProvider;
    case 'onnxruntime':
      return (await import('./onnxruntime/provider')).onnxRuntimeProvider;
    case 'null':
      return (await import('./null/provider')).nullProvider;
  }
}
