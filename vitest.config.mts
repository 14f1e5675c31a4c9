import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [vue()],
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/{core,main,renderer,setup,storage,hostile}/**/*.test.ts'],
          // A window wide enough for the inspector beside the view.
          environmentOptions: { happyDOM: { width: 1440, height: 900 } },
        },
      },
      {
        extends: true,
        test: {
          name: 'opencl',
          include: ['test/{native,kernels,devices}/**/*.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
