import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

/** Builds the page for the oldest Chromium that may show it: Electron 22's. */
export default defineConfig({
  root: 'renderer',
  base: './',
  plugins: [vue()],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    target: 'chrome108',
    // The content security policy allows files of the page only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
