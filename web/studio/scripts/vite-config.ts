// How the studio is built: a static site whose files have their sum in their names, for any folder of any web host.
import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { guide } from './guide-plugin.ts'

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  base: './',
  plugins: [react(), tailwind(), guide()],
  resolve: {
    alias: {
      // Dialogs lock the page's scrolling with a <style> of their own, which the policy of a server refuses; our page never scrolls.
      'react-remove-scroll': fileURLToPath(new URL('../../ui/src/no-scroll-lock.tsx', import.meta.url))
    }
  },
  build: {
    target: 'es2022',
    outDir: fileURLToPath(new URL('../../../build/studio', import.meta.url)),
    emptyOutDir: true,
    manifest: 'assets.json',
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    reportCompressedSize: false
  }
})
