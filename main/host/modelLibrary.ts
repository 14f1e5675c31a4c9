/**
 * The models of the user beside the bundled ones: a folder of files in the workbench's own form. Files of other
 * programs are read in a process of their own, so that a large or hostile one does not hold up the host.
 */
import { existsSync } from 'node:fs';
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  Advice,
  CalibrateRequest,
  ImportRequest,
  LogitsRequest,
  ModelInfo,
  ModelInspection,
  ModelShelf,
} from '../../core/contract/host';
import { describeError, WorkbenchError } from '../../core/errors';
import { modelId, readModelInfo } from '../models';
import { makeFolders } from '../storage/makeFolders';
import { withStorage } from '../storage/storageErrors';
import { type ConversationOptions, converse } from './conversation';
import type { DeviceProcessLauncher } from './launcher';
import { nearest } from './nearest';
import type { CalibrationRequest, FromDeviceProcess, ToDeviceProcess } from './protocol';

export interface LibraryParts {
  folder: string;
  launch: DeviceProcessLauncher;
  listBundled(): Promise<ModelInfo[]>;
  /** Runs training images on a device when no job runs, and writes the model with its scales. */
  calibrate(request: CalibrationRequest, onDetail: (detail: string) => void): Promise<unknown>;
  onCalibrating(modelId: string, detail: string): void;
  /** Shorter in tests. */
  conversation?: Pick<ConversationOptions, 'patienceMs' | 'graceMs'> | undefined;
}

export class ModelLibrary implements ModelShelf {
  constructor(private readonly parts: LibraryParts) {}

  /** The bundled models first, then the imported ones by name. A file that cannot be read is not among them. */
  async list(): Promise<ModelInfo[]> {
    const own = await this.readOwn();
    return [...(await this.parts.listBundled()), ...own.flatMap(({ info }) => info ?? [])];
  }

  async problems(): Promise<Advice[]> {
    return (await this.readOwn()).flatMap(({ problem }) => problem ?? []);
  }

  /** @throws WorkbenchError `unknown-name`, `refused-file`, `unsupported`, `usage`, `storage` */
  async import({ path, topologyPath, mode }: ImportRequest): Promise<ModelInfo> {
    const target = await this.freePath(modelId(path));
    const request = { source: path, target, topologyFile: topologyPath, mode };
    await this.ask({ kind: 'import', request }, path);
    return readModelInfo(target, false);
  }

  /** @throws WorkbenchError `unknown-name`, `usage` for a bundled model, `storage` */
  async delete(id: string): Promise<void> {
    const model = await this.find(id);
    if (model.bundled) {
      throw new WorkbenchError('usage', `${id} is bundled with the program and stays.`, { where: id });
    }
    await withStorage('The model could not be deleted', model.path, async () => {
      await makeFolders(this.deletedFolder);
      // A deletion replaces an older one of the same name.
      await rename(model.path, this.pathOf(this.deletedFolder, id));
    });
  }

  /** @throws WorkbenchError `unknown-name`, `storage` */
  async restore(id: string): Promise<void> {
    const kept = (await modelFiles(this.deletedFolder)).includes(`${id}${SUFFIX}`);
    if (!kept || existsSync(this.pathOf(this.parts.folder, id))) {
      throw new WorkbenchError('unknown-name', `No deleted model ${id} is kept.`, {
        where: this.deletedFolder,
      });
    }
    const from = this.pathOf(this.deletedFolder, id);
    await withStorage('The model could not be restored', from, () =>
      rename(from, this.pathOf(this.parts.folder, id)),
    );
  }

  /** @throws WorkbenchError `unknown-name`, `refused-file` */
  async inspect(id: string): Promise<ModelInspection> {
    const { path } = await this.find(id);
    const answer = await this.ask({ kind: 'inspect', model: path }, path);
    if (answer?.kind !== 'inspected') throw new Error('the process ended without a look at the model');
    return { modelId: id, layers: answer.layers };
  }

  /** @throws WorkbenchError `unknown-name` where the model is not here; `usage`, `unsupported`, those of its file */
  async logits({ modelSha256, ...rest }: LogitsRequest): Promise<number[]> {
    const model = (await this.list()).find(({ sha256 }) => sha256 === modelSha256);
    if (!model) {
      throw new WorkbenchError('unknown-name', 'The model of this run is not among the models here.', {
        where: `SHA-256 ${modelSha256}`,
        remedy: 'Import its file in Models.',
      });
    }
    const request = { ...rest, model: model.path };
    const answer = await this.ask({ kind: 'classify', request }, model.path);
    if (answer?.kind !== 'classified') throw new Error('the process ended without logits');
    return answer.logits;
  }

  /** @throws WorkbenchError of every kind; the model's file is as it was then */
  async calibrate({ modelId: id, ...rest }: CalibrateRequest): Promise<ModelInfo> {
    const model = await this.find(id);
    const output = model.bundled ? await this.freePath(`${id}-calibrated`) : model.path;
    const request = { ...rest, model: model.path, output, dataset: null };
    await this.parts.calibrate(request, (detail) => this.parts.onCalibrating(id, detail));
    return readModelInfo(output, false);
  }

  private get deletedFolder(): string {
    return `${this.parts.folder}-deleted`;
  }

  private pathOf(folder: string, id: string): string {
    return join(folder, `${id}${SUFFIX}`);
  }

  private async find(id: string): Promise<ModelInfo> {
    const models = await this.list();
    const found = models.find((model) => model.id === id);
    if (found) return found;
    throw new WorkbenchError('unknown-name', `There is no model ${id}.`, {
      remedy: nearest(
        id,
        models.map((model) => model.id),
      ),
    });
  }

  /** For a new model: its name, or the first free one with a number behind it. */
  private async freePath(name: string): Promise<string> {
    const { folder } = this.parts;
    await withStorage('The folder of models could not be made', folder, () => makeFolders(folder));
    const taken = new Set([
      ...(await this.parts.listBundled()).map(({ id }) => id),
      ...(await modelFiles(folder)).map(modelId),
    ]);
    let free = name;
    for (let copy = 2; taken.has(free); copy++) free = `${name}-${copy}`;
    return this.pathOf(folder, free);
  }

  private async readOwn(): Promise<{ info: ModelInfo | null; problem: Advice | null }[]> {
    const { folder } = this.parts;
    const names = (await modelFiles(folder)).sort((a, b) => (modelId(a) < modelId(b) ? -1 : 1));
    return Promise.all(
      names.map(async (name) => {
        try {
          return { info: await readModelInfo(join(folder, name), false), problem: null };
        } catch (thrown) {
          const { message, remedy } = describeError(thrown);
          const problem = { subject: name, problem: message, remedy: remedy ?? `Remove it from ${folder}.` };
          return { info: null, problem };
        }
      }),
    );
  }

  /** The last message before the process's end, or null where there was none. */
  private async ask(request: ToDeviceProcess, subject: string): Promise<FromDeviceProcess | null> {
    let answer: FromDeviceProcess | null = null;
    const { launch, conversation = {} } = this.parts;
    for await (const message of converse(launch, {}, request, { subject, ...conversation })) {
      if (message.kind !== 'finished') answer = message;
    }
    return answer;
  }
}

const SUFFIX = '.safetensors';

async function modelFiles(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const names = await withStorage('The models could not be listed', folder, () => readdir(folder));
  return names.filter((name) => name.endsWith(SUFFIX) && !name.startsWith('.'));
}
