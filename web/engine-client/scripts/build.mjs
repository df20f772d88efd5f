// Builds the package as it is published: node scripts/build.mjs [FOLDER] [weir.wasm]; the folder is dist by default.
import { copyFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { packZones } from './pack-zones.mjs'
import { beginPackage, emitDeclarations, writeManifest } from '../../scripts/package-files.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const out = resolve(process.argv[2] ?? join(root, 'dist'))
const wasm = resolve(process.argv[3] ?? process.env.WEIR_WASM ?? join(root, '../../build/wasm/weir.wasm'))
const about = beginPackage('engine-client', out)

/** The export -> its source, as package.json has them. */
const sources = Object.entries(about.exports).map(([name, path]) => [name, path.replace('./src/', '')])
const fileOf = (name) => (name === '.' ? 'index' : name.slice(2).replaceAll('/', '-'))
const isWorker = (name) => name.endsWith('/worker')

const shared = { bundle: true, format: 'esm', platform: 'neutral', target: 'es2022', mainFields: ['module', 'main'] }
await build({
  ...shared,
  entryPoints: Object.fromEntries(
    sources.filter(([name]) => !isWorker(name)).map(([name, source]) => [fileOf(name), join(root, 'src', source)])
  ),
  outdir: out,
  splitting: true,
  external: Object.keys(about.dependencies ?? {})
})
// A worker is one file, to be served as it is.
for (const [name, source] of sources.filter(([one]) => isWorker(one))) {
  await build({ ...shared, entryPoints: [join(root, 'src', source)], outfile: join(out, `${fileOf(name)}.js`) })
}

emitDeclarations(
  out,
  sources.map(([, source]) => `engine-client/src/${source}`),
  ['engine-client']
)
copyFileSync(wasm, join(out, 'weir.wasm'))
writeFileSync(join(out, 'zones.bin'), packZones())
copyFileSync(join(root, 'README.md'), join(out, 'README.md'))
const exports = Object.fromEntries(
  sources.map(([name, source]) => [
    name,
    { types: `./engine-client/${source.replace(/\.ts$/, '.d.ts')}`, default: `./${fileOf(name)}.js` }
  ])
)
writeManifest(out, about, {
  sideEffects: ['./browser-worker.js'],
  engines: { node: '>=18' },
  exports: { ...exports, './weir.wasm': './weir.wasm', './zones.bin': './zones.bin' },
  dependencies: about.dependencies
})
