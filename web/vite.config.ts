// How the web pages are built: SvelteKit in web/, adapter-node's server in web/build. It must not know the portal's
// source.
import { sveltekit } from '@sveltejs/kit/vite';
import adapter from '@sveltejs/adapter-node';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  logLevel: 'warn',
  plugins: [
    sveltekit({
      adapter: adapter({ out: `${import.meta.dirname}/build` }),
      compilerOptions: { runes: true },
      paths: { relative: false },
      // A fixed name: the same sources build to the same pages, so their ETags stay good over a restart.
      version: { name: 'portal' },
    }),
  ],
  build: {
    // No data: URIs: the content security policy allows nothing inline.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 4000,
  },
});
