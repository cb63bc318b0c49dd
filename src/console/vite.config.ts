import { defineConfig } from 'vite';

export default defineConfig({
  base: '/_engine/console/',
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // the page's policy lets no data: script or font in
  },
});
