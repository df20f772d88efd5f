#!/usr/bin/env node
// Builds the demo page into build/web: bundles, the engine, the examples, and the service worker's list of all that.
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { packZones } from '../../engine-client/scripts/pack-zones.mjs'
import { bundle } from './bundle.mjs'
import { examples } from './examples.mjs'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const DEMO = join(ROOT, 'web/demo')
const WORKER = join(ROOT, 'web/engine-client/src/browser/worker/engine-worker.ts')

/** Latin faces of the page's fonts; without them the system's are used. */
const FONTS = {
  'inter.woff2': '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2',
  'mono.woff2': '@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2'
}

function copyFonts(folder) {
  for (const [name, source] of Object.entries(FONTS)) {
    const path = join(ROOT, 'web/node_modules', source)
    if (existsSync(path)) cpSync(path, join(folder, name))
    else console.warn(`web: no ${source}; npm ci --prefix web brings it`)
  }
}

/** The shell: every file but maps and the service worker itself; its version is a hash over all of them. */
function shellOf(folder) {
  const names = readdirSync(folder)
    .filter((name) => !name.endsWith('.map'))
    .sort()
  const hash = createHash('sha256')
  for (const name of names) hash.update(name).update(readFileSync(join(folder, name)))
  return {
    version: hash.digest('hex').slice(0, 16),
    files: names.map((name) => (name === 'index.html' ? '/' : `/${name}`))
  }
}

/**
 * `mark` goes into the page's text: a test makes a second version of it. With `isEndless` the sine example goes on for
 * longer than any test takes.
 */
export async function buildDemo(folder, { mark = '', isEndless = false } = {}) {
  const module = join(ROOT, 'build/wasm/weir.wasm')
  if (!existsSync(module)) throw new Error('build/wasm/weir.wasm is missing: make wasm builds it')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  cpSync(join(DEMO, 'public'), folder, { recursive: true })
  cpSync(module, join(folder, 'weir.wasm'))
  writeFileSync(join(folder, 'zones.bin'), packZones())
  cpSync(join(ROOT, 'web/widgets/src/widgets.css'), join(folder, 'widgets.css'))
  copyFonts(folder)
  const offered = examples(ROOT)
  for (const { id, parameters } of offered) if (isEndless && id === 'sine') parameters.rows = 1_000_000
  writeFileSync(join(folder, 'examples.json'), JSON.stringify(offered))
  if (mark !== '') {
    const page = join(folder, 'index.html')
    writeFileSync(page, readFileSync(page, 'utf8').replace('<body>', `<body data-mark="${mark}">`))
  }
  await bundle(
    { main: join(DEMO, 'src/main.ts'), theme: join(DEMO, 'src/theme.ts'), 'engine-worker': WORKER },
    folder,
    { minify: true }
  )
  const shell = shellOf(folder)
  const define = { SHELL_VERSION: JSON.stringify(shell.version), SHELL_FILES: JSON.stringify(shell.files) }
  await bundle({ 'service-worker': join(DEMO, 'src/service-worker/service-worker.ts') }, folder, {
    minify: true,
    define
  })
  return shell
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const folder = join(ROOT, 'build/web')
  const { version, files } = await buildDemo(folder)
  console.log(`web: ${files.length} files in build/web, version ${version}`)
}
