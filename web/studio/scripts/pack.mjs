// Builds the studio and packs it into one file, to be embedded in a program:
//   node scripts/pack.mjs FILE HEADER
// Lines `path, type, kept or fresh, bytes` with tabs between them, an empty line, then the files one after the other, each compressed with gzip.
// HEADER names the sum of the pack, so that a compiler's cache sees that it is another.
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { buildStudio } from './build.mjs'
import { TYPES } from './serve.mjs'

/** What is for builders, not for browsers. */
const LEFT_OUT = new Set(['assets.json'])

/** The pack of a built folder; the same folder gives the same bytes. */
export function packOf(folder) {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !LEFT_OUT.has(name) && statSync(join(folder, name)).isFile())
    .sort()
  const files = names.map((name) => ({ name, bytes: gzipSync(readFileSync(join(folder, name)), { level: 9 }) }))
  const lines = files.map(({ name, bytes }) => {
    const type = TYPES[extname(name)] ?? 'application/octet-stream'
    // The page itself stands at the root.
    const path = name === 'index.html' ? '/' : `/${name}`
    return [path, type, name.startsWith('assets/') ? 'kept' : 'fresh', bytes.length].join('\t')
  })
  return Buffer.concat([Buffer.from(`${lines.join('\n')}\n\n`), ...files.map(({ bytes }) => bytes)])
}

/** A header whose text is another whenever the pack is. */
export function sumHeader(pack) {
  const sum = createHash('sha256').update(pack).digest('hex')
  return `// The sum of the pack beside it.\n#define WEIR_STUDIO_PACK_SUM "${sum}"\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [file, header] = process.argv.slice(2, 4).map((name) => resolve(name))
  if (header === undefined) throw new Error('say where the pack and its header go')
  const folder = mkdtempSync(join(tmpdir(), 'weir-pack-'))
  try {
    await buildStudio(folder, 'error')
    const pack = packOf(folder)
    for (const name of [file, header]) mkdirSync(dirname(name), { recursive: true })
    writeFileSync(`${file}.new`, pack)
    writeFileSync(header, sumHeader(pack))
    renameSync(`${file}.new`, file)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
