import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import type { Job } from '../../core/contract/job';
import { unreachable } from '../../core/errors';
import { hindranceOf } from '../../core/network/hindrance';
import type { Precision } from '../../core/network/precision';
import type { Scenario } from '../../core/session/scenario';
import { texts } from '../texts';
import { useCatalog } from './catalog';
import { useMeasuring } from './measuring';

/** Images of a quick look. */
export const QUICK_SAMPLES = 1000;

/** What the Run view has chosen, and the job that follows from it. */
export const useChoice = defineStore('choice', () => {
  const catalog = useCatalog();
  const measuring = useMeasuring();
  const deviceIds = ref<string[]>([]);
  const modelIds = ref<string[]>([]);
  const datasetId = ref<string | null>(null);
  const precisions = ref<Precision[]>(['fp32']);
  const batchSizesText = ref('256');
  /** Null for all images of the test set. */
  const samples = ref<number | null>(QUICK_SAMPLES);
  const seed = ref(1);
  /** Empty for one made of what is run. */
  const sessionName = ref('');
  const scenario = ref<Scenario>('accuracy');
  const quick = ref(false);
  const layers = ref(false);
  const chosenInterleave = ref<boolean | null>(null);
  /** Until it is chosen, as the host decides: a test set that is classified once is finished before the next. */
  const interleave = computed({
    get: () => chosenInterleave.value ?? scenario.value !== 'accuracy',
    set: (value) => {
      chosenInterleave.value = value;
    },
  });

  const batchSizes = computed(() =>
    scenario.value === 'latency' ? [1] : parseBatchSizes(batchSizesText.value),
  );

  /** Why a model cannot run on a device in a precision, in words; null where it can. */
  function hindrance(deviceId: string, modelId: string, precision: Precision): string | null {
    const device = catalog.devices.find(({ id }) => id === deviceId);
    const model = catalog.models.find(({ id }) => id === modelId) ?? null;
    const found = device ? hindranceOf(device, model, precision) : null;
    switch (found) {
      case null:
        return null;
      case 'not on the device':
        return texts.run.notOnDevice(precision);
      case 'no one-bit weights':
        return texts.run.notBinary;
      case 'not calibrated':
        return texts.run.notCalibrated;
      default:
        return unreachable(found);
    }
  }

  /** Devices x models x precisions that will be refused, each with all its batch sizes. */
  const hinderedRuns = computed(
    () =>
      deviceIds.value
        .flatMap((device) =>
          modelIds.value.flatMap((model) => precisions.value.map((p) => hindrance(device, model, p))),
        )
        .filter((reason) => reason !== null).length * (batchSizes.value?.length ?? 0),
  );
  const runCount = computed(
    () =>
      deviceIds.value.length *
      modelIds.value.length *
      precisions.value.length *
      (batchSizes.value?.length ?? 0),
  );

  /** Whether all chosen models were binarized by chance, so that their weights can be drawn anew. */
  const canDraw = computed(() => {
    const chosen = catalog.models.filter(({ id }) => modelIds.value.includes(id));
    return chosen.length > 0 && chosen.every(({ mode }) => mode === 'stochastic');
  });

  /** Why the job cannot start, in words; null where it can. */
  const obstacle = computed((): string | null => {
    if (deviceIds.value.length === 0) return texts.run.chooseDevice;
    if (modelIds.value.length === 0) return texts.run.chooseModel;
    if (precisions.value.length === 0) return texts.run.choosePrecision;
    if (batchSizes.value === null) return texts.run.badBatchSizes;
    if (samples.value !== null && !(Number.isInteger(samples.value) && samples.value >= 1)) {
      return texts.run.badSamples;
    }
    if (!(Number.isInteger(seed.value) && seed.value >= 0 && seed.value <= 0xffffffff)) {
      return texts.run.badSeed;
    }
    return measuring.obstacle;
  });

  const job = computed((): Job | null => {
    if (obstacle.value !== null || batchSizes.value === null) return null;
    return {
      deviceIds: [...deviceIds.value],
      models: [...modelIds.value],
      dataset: datasetId.value,
      precisions: [...precisions.value],
      batchSizes: batchSizes.value,
      samples: samples.value,
      seed: seed.value,
      scenario: scenario.value,
      quick: quick.value,
      layers: layers.value,
      interleave: interleave.value,
      ...measuring.part(canDraw.value),
      sessionName: sessionName.value.trim() === '' ? null : sessionName.value.trim(),
    };
  });

  /** The first choice: all bundled models on the best device, a quick look. */
  function chooseFirst(): void {
    if (catalog.best !== null) deviceIds.value = [catalog.best.id];
    modelIds.value = catalog.bundledModels.map((model) => model.id);
  }

  return {
    deviceIds,
    modelIds,
    datasetId,
    precisions,
    batchSizesText,
    samples,
    seed,
    sessionName,
    scenario,
    quick,
    layers,
    interleave,
    batchSizes,
    hindrance,
    hinderedRuns,
    runCount,
    canDraw,
    obstacle,
    job,
    chooseFirst,
  };
});

/** `1, 16, 256` as numbers without repetition; null where it is something else. */
export function parseBatchSizes(text: string): number[] | null {
  const sizes = text
    .split(/[,\s]+/)
    .filter((word) => word !== '')
    .map(Number);
  const fine =
    sizes.length > 0 && sizes.every((size) => Number.isInteger(size) && size >= 1 && size <= 65536);
  return fine ? [...new Set(sizes)] : null;
}
