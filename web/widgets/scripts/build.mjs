// Builds the package as it is published: node scripts/build.mjs [FOLDER]; the folder is dist by default.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'
import { beginPackage, emitDeclarations, writeManifest } from '../../scripts/package-files.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const out = resolve(process.argv[2] ?? join(root, 'dist'))
const about = beginPackage('widgets', out)

/** The export -> its source. */
const ENTRIES = { '.': 'index.ts', './core': 'core.ts', './frame': 'sandbox/frame-side.ts', './rxjs': 'rxjs.ts' }

emitDeclarations(
  out,
  [...Object.values(ENTRIES).map((source) => `widgets/src/${source}`), 'engine-client/src/index.ts'],
  ['widgets', 'engine-client']
)

/**
 * One module for each source, so that a bundler leaves out what is not used. Of the engine's client only the functions
 * that read batches are part of it: widgets need no engine, only what it gives.
 */
async function writeModule(source, target) {
  const loader = source.endsWith('.tsx') ? 'tsx' : 'ts'
  const options = { loader, format: 'esm', target: 'es2022', jsx: 'automatic' }
  const { code } = await transform(readFileSync(source, 'utf8'), options)
  const batch = relative(dirname(target), join(out, 'engine-client/batch.js')).replaceAll('\\', '/')
  const linked = code
    .replaceAll(/from "(\.[^"]*)\.tsx?"/g, 'from "$1.js"')
    .replaceAll('from "@weir/engine-client"', `from "${batch.startsWith('.') ? batch : `./${batch}`}"`)
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, linked)
}

for (const path of readdirSync(join(root, 'src'), { recursive: true })) {
  if (!/\.tsx?$/.test(path)) continue
  await writeModule(join(root, 'src', path), join(out, 'widgets', path.replace(/\.tsx?$/, '.js')))
}
await writeModule(join(root, '../engine-client/src/batch.ts'), join(out, 'engine-client/batch.js'))
copyFileSync(join(root, 'src/widgets.css'), join(out, 'widgets.css'))
copyFileSync(join(root, 'README.md'), join(out, 'README.md'))

const exports = Object.fromEntries(
  Object.entries(ENTRIES).map(([name, source]) => {
    const path = `./widgets/${source.replace(/\.ts$/, '')}`
    return [name, { types: `${path}.d.ts`, default: `${path}.js` }]
  })
)
writeManifest(out, about, {
  sideEffects: ['*.css'],
  exports: { ...exports, './widgets.css': './widgets.css' },
  peerDependencies: about.peerDependencies,
  peerDependenciesMeta: about.peerDependenciesMeta
})
