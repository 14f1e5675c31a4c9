import { computed } from 'vue';
import { deviceLabel } from '../../core/report/deviceLabel';
import { useCatalog } from '../stores/catalog';
import { QUICK_SAMPLES } from '../stores/choice';
import { useJob } from '../stores/job';
import { usePage } from '../stores/page';
import { texts } from '../texts';

/** The one button of the first start: all bundled models on the best device, a thousand images each. */
export function useQuickLook() {
  const catalog = useCatalog();
  const job = useJob();
  const page = usePage();

  /** What the button says; null where there is nothing to evaluate or nothing to do it on. */
  const label = computed(() =>
    catalog.best === null || catalog.bundledModels.length === 0
      ? null
      : texts.firstStart.evaluateAll(
          texts.counts.models(catalog.bundledModels.length),
          deviceLabel(catalog.best),
        ),
  );

  async function start(): Promise<void> {
    if (catalog.best === null) return;
    page.go('run');
    await job.start({
      deviceIds: [catalog.best.id],
      models: catalog.bundledModels.map((model) => model.id),
      dataset: null,
      precisions: ['fp32'],
      batchSizes: [256],
      samples: QUICK_SAMPLES,
      seed: 1,
      sessionName: null,
    });
  }

  return { label, start };
}
