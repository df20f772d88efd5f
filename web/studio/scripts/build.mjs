// Builds the studio into build/studio and prints what the first load costs.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build as bundle } from 'esbuild'
import { build } from 'vite'
import { packZones } from '../../engine-client/scripts/pack-zones.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, '../../build/studio')
const module = join(root, '../../build/wasm/weir.wasm')

/** Sizes of the JavaScript of a build, in bytes after gzip: what the first page needs, what the editor does, and all of it. */
export function sizesOf(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'assets.json'), 'utf8'))
  const neededBy = (keys) => {
    const files = new Set()
    const visit = (key) => {
      const entry = manifest[key]
      if (entry === undefined || files.has(entry.file)) return
      files.add(entry.file)
      for (const needed of entry.imports ?? []) visit(needed)
    }
    for (const key of keys) visit(key)
    return [...files].filter((name) => name.endsWith('.js'))
  }
  // The entry, the frame that it goes on with, and the page that comes first; or the editor in its place.
  const frame = ['index.html', 'src/routes.tsx']
  const first = neededBy([...frame, 'src/pages/flows/flows-page.tsx'])
  const editor = neededBy([...frame, 'src/editor/flow-page.tsx'])
  const gzipped = (file) => gzipSync(readFileSync(join(folder, file)), { level: 9 }).length
  const files = readdirSync(join(folder, 'assets')).map((name) => `assets/${name}`)
  const sum = (names) => names.reduce((total, name) => total + gzipped(name), 0)
  return {
    first: sum(first),
    editor: sum(editor),
    all: sum(files.filter((name) => name.endsWith('.js'))),
    styles: sum(files.filter((name) => name.endsWith('.css')))
  }
}

/**
 * Puts the engine beside the studio, each file with its sum in its name, and `engine.json` that names them. Without it the
 * studio runs flows on a server alone.
 */
export function addEngine(folder, wasm, zones) {
  const put = (name, ending, bytes) => {
    const sum = createHash('sha256').update(bytes).digest('hex').slice(0, 8)
    const file = `assets/${name}-${sum}.${ending}`
    writeFileSync(join(folder, file), bytes)
    return file
  }
  mkdirSync(join(folder, 'assets'), { recursive: true })
  const named = { module: put('weir', 'wasm', wasm), zones: put('zones', 'bin', zones) }
  writeFileSync(join(folder, 'engine.json'), `${JSON.stringify(named)}\n`)
}

/** Writes the service worker with the list of what it keeps: every file for browsers. */
async function addServiceWorker(folder) {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name !== 'assets.json' && statSync(join(folder, name)).isFile())
    .sort()
  const hash = createHash('sha256')
  for (const name of names) hash.update(name).update(readFileSync(join(folder, name)))
  // The page is what its folder answers with.
  const files = names.map((name) => (name === 'index.html' ? './' : `./${name}`))
  await bundle({
    entryPoints: { 'service-worker': join(root, 'src/service-worker.ts') },
    outdir: folder,
    bundle: true,
    format: 'iife',
    target: 'es2022',
    minify: true,
    define: { SHELL_VERSION: JSON.stringify(hash.digest('hex').slice(0, 16)), SHELL_FILES: JSON.stringify(files) },
    logLevel: 'warning'
  })
}

/** Builds into a folder, for people: also where a test builds, whose environment asks for what helps developers. */
export async function buildStudio(outDir = dist, logLevel = 'warn') {
  process.env.NODE_ENV = 'production'
  await build({ configFile: join(root, 'scripts/vite-config.ts'), logLevel, build: { outDir } })
  if (existsSync(module)) addEngine(outDir, readFileSync(module), packZones())
  await addServiceWorker(outDir)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildStudio()
  const { first, editor, all, styles } = sizesOf(dist)
  const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`
  console.log(
    `studio: first load ${kilobytes(first)} of JavaScript, the editor ${kilobytes(editor)}, all pages ${kilobytes(all)}, styles ${kilobytes(styles)} (gzip)`
  )
}
