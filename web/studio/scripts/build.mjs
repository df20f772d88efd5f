// Builds the studio into build/studio and prints what the first load costs.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, '../../build/studio')

/** Sizes of the JavaScript of a build, in bytes after gzip: what the first page needs, and all of it. */
export function sizesOf(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'assets.json'), 'utf8'))
  const first = new Set()
  const visit = (key) => {
    const entry = manifest[key]
    if (entry === undefined || first.has(entry.file)) return
    first.add(entry.file)
    for (const needed of entry.imports ?? []) visit(needed)
  }
  // The entry, the frame that it goes on with, and the page that comes first.
  for (const key of ['index.html', 'src/routes.tsx', 'src/pages/flows/flows-page.tsx']) visit(key)
  const gzipped = (file) => gzipSync(readFileSync(join(folder, file)), { level: 9 }).length
  const files = readdirSync(join(folder, 'assets')).map((name) => `assets/${name}`)
  const sum = (names) => names.reduce((total, name) => total + gzipped(name), 0)
  return {
    first: sum([...first].filter((name) => name.endsWith('.js'))),
    all: sum(files.filter((name) => name.endsWith('.js'))),
    styles: sum(files.filter((name) => name.endsWith('.css')))
  }
}

/** Builds into a folder, for people: also where a test builds, whose environment asks for what helps developers. */
export async function buildStudio(outDir = dist, logLevel = 'warn') {
  process.env.NODE_ENV = 'production'
  await build({ configFile: join(root, 'scripts/vite-config.ts'), logLevel, build: { outDir } })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildStudio()
  const { first, all, styles } = sizesOf(dist)
  const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`
  console.log(
    `studio: first load ${kilobytes(first)} of JavaScript, all pages ${kilobytes(all)}, styles ${kilobytes(styles)} (gzip)`
  )
}
