#!/usr/bin/env node
// Packs tzdata's TZif files into one gzipped file: node scripts/pack-zones.mjs OUT [FOLDER, /usr/share/zoneinfo by default].
// Layout: 'WEIRZONE', the index's length (32 bits, little-endian), the index {version, zones: {name: [at, bytes]}}, the files.
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'

const ZONEINFO = '/usr/share/zoneinfo'
/** Copies of everything with other rules, and names that follow the machine. */
const LEFT_OUT = /^(posix\/|right\/|localtime$|posixrules$)/

function versionOf(folder) {
  try {
    return /^# version (\S+)/.exec(readFileSync(join(folder, 'tzdata.zi'), 'utf8'))?.[1] ?? ''
  } catch {
    return ''
  }
}

/** The same folder gives the same bytes. Zones of the same content lie there once. */
export function packZones(folder = ZONEINFO) {
  const zones = {}
  const places = new Map()
  const files = []
  let size = 0
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (LEFT_OUT.test(name) || !statSync(join(folder, name)).isFile()) continue
    const bytes = readFileSync(join(folder, name))
    if (bytes.subarray(0, 4).toString('latin1') !== 'TZif') continue
    const content = bytes.toString('latin1')
    if (!places.has(content)) {
      places.set(content, [size, bytes.length])
      files.push(bytes)
      size += bytes.length
    }
    zones[name] = places.get(content)
  }
  if (files.length === 0) throw new Error(`${folder} has no time zones: install Debian's package tzdata`)
  const index = Buffer.from(JSON.stringify({ version: versionOf(folder), zones }))
  const head = Buffer.alloc(12)
  head.write('WEIRZONE', 'latin1')
  head.writeUInt32LE(index.length, 8)
  return gzipSync(Buffer.concat([head, index, ...files]), { level: 9 })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [out, folder] = process.argv.slice(2)
  if (!out) throw new Error('pack-zones: where to? pack-zones.mjs OUT [FOLDER]')
  const packed = packZones(folder)
  writeFileSync(out, packed)
  console.log(`zones: ${out}, ${packed.length} bytes`)
}
