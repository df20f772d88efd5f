// What the packages have in common when they are built for publishing: declarations, and the list of what they hold.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const WEB = join(dirname(fileURLToPath(import.meta.url)), '..')

/**
 * Emits declarations of `entries` (paths under web/) into `out`, in a folder for each of `packages`; what names the
 * engine's client names those beside it.
 */
export function emitDeclarations(out, entries, packages) {
  const types = join(out, 'types')
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  const sources = entries.map((entry) => join(WEB, entry))
  execFileSync(process.execPath, [tsc, '--ignoreConfig', ...sources, ...typeOptions(types)], { stdio: 'inherit' })
  for (const name of packages) renameSync(join(types, name, 'src'), join(out, name))
  rmSync(types, { recursive: true })
  for (const file of declarationsIn(out)) {
    const client = relative(dirname(file), join(out, 'engine-client/index.js')).replaceAll('\\', '/')
    const here = client.startsWith('.') ? client : `./${client}`
    const text = readFileSync(file, 'utf8').replaceAll(`'@weir/engine-client'`, `'${here}'`)
    writeFileSync(file, text.replaceAll(/((?:from |import\()'\.[^']*)\.tsx?'/g, "$1.js'"))
  }
}

function typeOptions(types) {
  const { compilerOptions } = JSON.parse(readFileSync(join(WEB, 'tsconfig.json'), 'utf8'))
  const yes = ['declaration', 'emitDeclarationOnly', 'rewriteRelativeImportExtensions', 'skipLibCheck', 'strict']
  return [
    ...yes.flatMap((option) => [`--${option}`, 'true']),
    ...['target', 'module', 'moduleResolution', 'jsx'].flatMap((option) => [`--${option}`, compilerOptions[option]]),
    ...['--lib', compilerOptions.lib.join(','), '--types', 'node'],
    ...['--exactOptionalPropertyTypes', '--verbatimModuleSyntax'],
    ...['--rootDir', WEB, '--outDir', types]
  ]
}

function declarationsIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile() && one.name.endsWith('.d.ts'))
    .map((one) => join(one.parentPath, one.name))
}

/** Begins a package anew; returns what its package.json in the sources says. */
export function beginPackage(name, out) {
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  return JSON.parse(readFileSync(join(WEB, name, 'package.json'), 'utf8'))
}

export function writeManifest(out, about, more) {
  const { name, version, description, license } = about
  const manifest = { name, version, description, license, type: 'module', ...more }
  writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}
