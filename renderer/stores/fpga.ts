import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import type { PageFile } from '../../core/contract/bridge';
import { describeError, type ErrorDescription } from '../../core/errors';
import { useClient } from '../client';
import { useResource } from '../composables/useResource';

/** The user's library of FPGA images. */
export const useFpga = defineStore('fpga', () => {
  const client = useClient();
  const library = useResource(() => client.ask('listFpgaImages', {}));
  const images = computed(() => library.value.value ?? []);
  /** Why the last image was not added or removed. */
  const refusal = shallowRef<ErrorDescription | null>(null);

  async function change(action: () => Promise<unknown>): Promise<void> {
    refusal.value = null;
    try {
      await action();
    } catch (thrown) {
      refusal.value = describeError(thrown);
    }
    await library.load();
  }

  function add(file: PageFile): Promise<void> {
    return change(async () => client.ask('addFpgaImage', { path: await client.pathOf(file) }));
  }

  function remove(imageId: string): Promise<void> {
    return change(() => client.ask('removeFpgaImage', { imageId }));
  }

  return { images, error: library.error, refusal, load: library.load, add, remove };
});
