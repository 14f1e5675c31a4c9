import { defineStore } from 'pinia';
import { computed, watch } from 'vue';
import { bestDevice } from '../../core/evaluation/bestDevice';
import { deviceLabel } from '../../core/report/deviceLabel';
import { NOT_MEASURED } from '../../core/report/format';
import { useClient } from '../client';
import { useResource } from '../composables/useResource';
import { useSettings } from './settings';

/** What this machine has to offer: devices with the doctor's advice, models and data sets. */
export const useCatalog = defineStore('catalog', () => {
  const client = useClient();
  const settings = useSettings();
  const listing = useResource(() => client.ask('listDevices', {}));
  const modelList = useResource(() => client.ask('listModels', {}));
  const problemList = useResource(() => client.ask('modelProblems', {}));
  const datasetList = useResource(() => client.ask('listDatasets', {}));

  const devices = computed(() => listing.value.value?.devices ?? []);
  const conditions = computed(() => listing.value.value?.conditions ?? {});
  const advice = computed(() => listing.value.value?.advice ?? []);
  const models = computed(() => modelList.value.value ?? []);
  const datasets = computed(() => datasetList.value.value ?? []);
  const bundledModels = computed(() => models.value.filter((model) => model.bundled));
  const best = computed(() => bestDevice(devices.value));
  watch(devices, (found) => settings.meetDevices(found.map((device) => device.id)));

  /** The label of the device with this name; the name itself where it fits several, or none any more. */
  function labelOf(deviceName: string): string {
    const [device, other] = devices.value.filter(({ name }) => name === deviceName);
    return device !== undefined && other === undefined ? deviceLabel(device) : deviceName;
  }

  /** Whether it is the null device, whose answers mean nothing. */
  function classifiesNothing(deviceName: string): boolean {
    return devices.value.some(({ name, type }) => name === deviceName && type === 'null');
  }

  function datasetName(id: string | null): string {
    return datasets.value.find((dataset) => dataset.id === id)?.name ?? id ?? NOT_MEASURED;
  }

  /** Uses a device again that was set aside. */
  async function restoreDevice(deviceId: string): Promise<void> {
    await client.ask('restoreDevice', { deviceId });
    await listing.load();
  }

  async function loadModels(): Promise<void> {
    await Promise.all([modelList.load(), problemList.load()]);
  }

  async function load(): Promise<void> {
    await Promise.all([listing.load(), loadModels(), datasetList.load()]);
  }

  return {
    devices,
    conditions,
    advice,
    models,
    datasets,
    bundledModels,
    best,
    searching: listing.loading,
    devicesError: listing.error,
    modelsError: modelList.error,
    labelOf,
    classifiesNothing,
    datasetName,
    modelProblems: computed(() => problemList.value.value ?? []),
    restoreDevice,
    loadModels,
    load,
    findDevices: listing.load,
  };
});
