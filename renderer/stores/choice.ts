import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import type { Job } from '../../core/contract/job';
import type { Precision } from '../../core/network/precision';
import { texts } from '../texts';
import { useCatalog } from './catalog';

/** Images of a quick look. */
export const QUICK_SAMPLES = 1000;

/** What the Run view has chosen, and the job that follows from it. */
export const useChoice = defineStore('choice', () => {
  const catalog = useCatalog();
  const deviceIds = ref<string[]>([]);
  const modelIds = ref<string[]>([]);
  const datasetId = ref<string | null>(null);
  const precisions = ref<Precision[]>(['fp32']);
  const batchSizesText = ref('256');
  /** Null for all images of the test set. */
  const samples = ref<number | null>(QUICK_SAMPLES);
  const seed = ref(1);

  const batchSizes = computed(() => parseBatchSizes(batchSizesText.value));
  const runCount = computed(
    () =>
      deviceIds.value.length *
      modelIds.value.length *
      precisions.value.length *
      (batchSizes.value?.length ?? 0),
  );

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
    return null;
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
      sessionName: null,
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
    runCount,
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
