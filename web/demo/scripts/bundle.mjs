// Bundles TypeScript for browsers with esbuild: one file for each entry, no code that a strict policy refuses.
import { build } from 'esbuild'

/** `entries`: name of the bundle -> source. They land in `folder` as NAME.js, with source maps beside. */
export async function bundle(entries, folder, { minify = false, define = {} } = {}) {
  await build({
    entryPoints: entries,
    outdir: folder,
    bundle: true,
    format: 'esm',
    target: ['chrome120', 'firefox121', 'safari17'],
    minify,
    define,
    sourcemap: true,
    logLevel: 'warning'
  })
}
