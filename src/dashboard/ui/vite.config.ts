import { pathToFileURL } from 'node:url';
import { defineConfig } from 'vitest/config';
import type { Connect, Plugin } from 'vite';

// `npm run dev:mock` answers the API from the mock, inside the development server.
function mockApi(): Plugin {
  return {
    name: 'mock-api',
    async configureServer(server) {
      // By its full path: the configuration itself is run from a temporary copy elsewhere.
      const path = pathToFileURL(`${server.config.root}/mock/server.mjs`).href;
      const { createHandler } = (await import(path)) as {
        createHandler: () => Connect.NextHandleFunction;
      };
      server.middlewares.use(createHandler());
    },
  };
}

export default defineConfig(({ mode }) => ({
  // Relative, because the page is mounted under any prefix; <base> tells it which.
  base: './',
  plugins: mode === 'mock' ? [mockApi()] : [],
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
  build: {
    target: ['chrome123', 'firefox121', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  test: { include: ['test/**/*.test.ts'] },
}));
