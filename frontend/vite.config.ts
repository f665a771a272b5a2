/// <reference types="vitest/config" />
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { finishing } from './finishing.ts';

// Addresses inside the build are relative, so that one build serves under any path: the server and the static export
// write the path of the page into index.html.
export default defineConfig({
  base: './',
  plugins: [svelte(), finishing()],
  build: {
    outDir: '../src/componium/web/built',
    emptyOutDir: true,
    target: 'es2022',
    // Small files become requests of their own: the page's policy allows no data: scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8765', '/sound': 'http://127.0.0.1:8765' } },
  test: { include: ['tests/**/*.test.ts'], environment: 'node', testTimeout: 60_000 },
});
