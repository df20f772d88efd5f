// Runs demo.ts in Node.js, with the engine as the repository builds it, or as WEIR_WASM names it.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
process.env.WEIR_WASM ??= join(here, '../../../build/wasm/weir.wasm')
if (!existsSync(process.env.WEIR_WASM)) {
  console.error(`there is no engine at ${process.env.WEIR_WASM}: build it with 'make web', or set WEIR_WASM`)
  process.exit(1)
}

const folder = mkdtempSync(join(tmpdir(), 'weir-demo-'))
const outfile = join(folder, 'demo.mjs')
try {
  await build({ entryPoints: [join(here, 'demo.ts')], bundle: true, platform: 'node', format: 'esm', outfile })
  await import(pathToFileURL(outfile).href)
} finally {
  rmSync(folder, { recursive: true })
}
