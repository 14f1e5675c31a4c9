import { enableAutoUnmount, flushPromises, mount, type VueWrapper } from '@vue/test-utils';
import { createPinia } from 'pinia';
import { afterEach } from 'vitest';
import { createApp } from 'vue';
import App from '../../renderer/App.vue';
import { clientKey, clientOf } from '../../renderer/client';
import { createFakeHost, type FakeHost } from './fakeHost';

enableAutoUnmount(afterEach);
afterEach(() => localStorage.clear());

/** The whole page over a fake host. Charts are left out: there is no canvas here. */
export async function openPage(
  host: FakeHost = createFakeHost(),
): Promise<{ page: VueWrapper; host: FakeHost }> {
  const page = mount(App, {
    attachTo: document.body,
    global: {
      plugins: [createPinia()],
      provide: { [clientKey]: clientOf(host) },
      stubs: {
        FigureChart: { props: ['figure'], template: '<div class="chart-stub">{{ figure.question }}</div>' },
      },
    },
  });
  await flushPromises();
  return { page, host };
}

/** Runs what stores need: an application with a client and a store of stores. */
export function withStores<T>(use: () => T): { result: T; host: FakeHost } {
  const host = createFakeHost();
  const app = createApp({}).provide(clientKey, clientOf(host)).use(createPinia());
  return { result: app.runWithContext(use), host };
}

/** The button with this name. */
export function button(page: VueWrapper, name: string) {
  const found = page.findAll('button').find((each) => {
    return each.text() === name || each.attributes('aria-label') === name;
  });
  if (!found) throw new Error(`no button is called “${name}”`);
  return found;
}
