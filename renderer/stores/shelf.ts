import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';
import type { PageFile } from '../../core/contract/bridge';
import type { ChosenFile } from '../../core/contract/channels';
import type { ModelInfo, ModelInspection } from '../../core/contract/host';
import { describeError, type ErrorDescription } from '../../core/errors';
import type { Mode } from '../../core/network/topology';
import { useClient } from '../client';
import { texts } from '../texts';
import { useCatalog } from './catalog';
import { useNotices } from './notices';
import { usePage } from './page';

/** A file that does not tell how its model was trained. */
interface Question {
  path: string;
  topologyPath: string | null;
  name: string;
}

const TOPOLOGY = /\.json$/i;

/** What is done with models: importing, looking inside, calibrating, deleting. */
export const useShelf = defineStore('shelf', () => {
  const client = useClient();
  const catalog = useCatalog();
  const notices = useNotices();
  const page = usePage();
  const importing = ref<string | null>(null);
  /** Which mode a file is of, where the person has to say it. */
  const question = shallowRef<Question | null>(null);
  const error = shallowRef<ErrorDescription | null>(null);
  const inspections = shallowRef<Record<string, ModelInspection>>({});
  const inspecting = ref<string | null>(null);
  /** How far each calibration is, in words, by the model's id. */
  const calibrating = ref<Record<string, string>>({});

  /** Weights, one or more, and perhaps a description of their layers. */
  async function take(files: readonly (PageFile | ChosenFile)[]): Promise<void> {
    error.value = null;
    const description = files.find(({ name }) => TOPOLOGY.test(name));
    const topologyPath = description === undefined ? null : await client.pathOf(description);
    for (const file of files) {
      if (file === description) continue;
      await importModel({ path: await client.pathOf(file), topologyPath, name: file.name }, null);
    }
  }

  async function importModel({ path, topologyPath, name }: Question, mode: Mode | null): Promise<void> {
    importing.value = name;
    question.value = null;
    try {
      const model = await client.ask('importModel', { path, topologyPath, mode });
      await catalog.loadModels();
      page.select('model', model.id);
      notices.tell(texts.models.imported(model.id), () => remove(model, false));
    } catch (thrown) {
      const described = describeError(thrown);
      error.value = described;
      // The host asks back where neither weights nor name tell the mode.
      if (described.kind === 'usage' && mode === null) question.value = { path, topologyPath, name };
    } finally {
      importing.value = null;
    }
  }

  async function inspect(modelId: string): Promise<void> {
    if (inspections.value[modelId] !== undefined || inspecting.value === modelId) return;
    inspecting.value = modelId;
    error.value = null;
    try {
      const found = await client.ask('inspectModel', { modelId });
      inspections.value = { ...inspections.value, [modelId]: found };
    } catch (thrown) {
      error.value = describeError(thrown);
    } finally {
      inspecting.value = null;
    }
  }

  async function calibrate(model: ModelInfo, images: number): Promise<void> {
    if (catalog.best === null) return;
    error.value = null;
    calibrating.value = { ...calibrating.value, [model.id]: texts.models.calibrationWaits };
    try {
      const request = { modelId: model.id, deviceId: catalog.best.id, images, seed: 1 };
      const calibrated = await client.ask('calibrateModel', request);
      await catalog.loadModels();
      page.select('model', calibrated.id);
      notices.tell(texts.models.calibrated(calibrated.id));
    } catch (thrown) {
      error.value = describeError(thrown);
    } finally {
      const { [model.id]: _, ...others } = calibrating.value;
      calibrating.value = others;
    }
  }

  function hearCalibration(modelId: string, detail: string): void {
    if (modelId in calibrating.value) calibrating.value = { ...calibrating.value, [modelId]: detail };
  }

  /** @param undoable whether to offer a way back */
  async function remove({ id }: ModelInfo, undoable = true): Promise<void> {
    error.value = null;
    try {
      await client.ask('deleteModel', { modelId: id });
      await catalog.loadModels();
      if (undoable) notices.tell(texts.models.deleted(id), () => restore(id));
    } catch (thrown) {
      error.value = describeError(thrown);
    }
  }

  async function restore(modelId: string): Promise<void> {
    await client.ask('restoreModel', { modelId });
    await catalog.loadModels();
    page.select('model', modelId);
  }

  return {
    importing,
    question,
    error,
    inspections,
    inspecting,
    calibrating,
    take,
    importModel,
    inspect,
    calibrate,
    hearCalibration,
    remove,
  };
});
