// Builds the package as it is published: node scripts/build.mjs [FOLDER] [weir.wasm]; the folder is dist by default.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { packZones } from '../../engine-client/scripts/pack-zones.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const out = resolve(process.argv[2] ?? join(root, 'dist'))
const wasm = resolve(process.argv[3] ?? process.env.WEIR_WASM ?? join(root, '../../build/wasm/weir.wasm'))
const about = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const others = Object.keys(about.dependencies).filter((name) => !name.startsWith('@weir/'))

rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })

// One module for who embeds; the engine's client is part of it, other packages are not.
await build({
  entryPoints: [join(root, 'src/index.ts')],
  outfile: join(out, 'index.js'),
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  external: others
})

// Types, of the package and of the engine's client; their imports name what is beside them.
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
const types = join(out, 'types')
execFileSync(
  process.execPath,
  [tsc, '--ignoreConfig', join(root, 'src/index.ts'), join(root, '../engine-client/src/index.ts'), ...typeOptions()],
  { stdio: 'inherit' }
)
renameSync(join(types, 'engine-client/src'), join(out, 'engine-client'))
renameSync(join(types, 'runtime/src'), join(out, 'runtime'))
rmSync(types, { recursive: true })
for (const file of declarations(out)) {
  const client = relative(dirname(file), join(out, 'engine-client/index.js')).replaceAll('\\', '/')
  const here = client.startsWith('.') ? client : `./${client}`
  const text = readFileSync(file, 'utf8').replaceAll(`'@weir/engine-client'`, `'${here}'`)
  writeFileSync(file, text.replaceAll(/(from '\.[^']*)\.ts'/g, "$1.js'"))
}

copyFileSync(wasm, join(out, 'weir.wasm'))
writeFileSync(join(out, 'zones.bin'), packZones())
copyFileSync(join(root, 'README.md'), join(out, 'README.md'))
const { name, version, description, license, dependencies } = about
writeFileSync(
  join(out, 'package.json'),
  JSON.stringify(
    {
      name,
      version,
      description,
      license,
      type: 'module',
      sideEffects: false,
      engines: { node: '>=18' },
      exports: {
        '.': { types: './runtime/index.d.ts', default: './index.js' },
        './weir.wasm': './weir.wasm',
        './zones.bin': './zones.bin'
      },
      dependencies: Object.fromEntries(others.map((one) => [one, dependencies[one]]))
    },
    null,
    2
  )
)

function typeOptions() {
  const yes = ['declaration', 'emitDeclarationOnly', 'rewriteRelativeImportExtensions', 'skipLibCheck', 'strict']
  const { compilerOptions } = JSON.parse(readFileSync(join(root, '../tsconfig.json'), 'utf8'))
  return [
    ...yes.flatMap((option) => [`--${option}`, 'true']),
    ...['target', 'module', 'moduleResolution'].flatMap((option) => [`--${option}`, compilerOptions[option]]),
    ...['--lib', compilerOptions.lib.join(','), '--types', 'node'],
    ...['--exactOptionalPropertyTypes', '--verbatimModuleSyntax'],
    ...['--rootDir', join(root, '..'), '--outDir', types]
  ]
}

function declarations(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile() && one.name.endsWith('.d.ts'))
    .map((one) => join(one.parentPath, one.name))
}
