// The pack of the studio: what a program embeds, and what the engine is named by.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addEngine } from '../scripts/build.mjs'
import { packOf, sumHeader } from '../scripts/pack.mjs'

/** Reads a pack as the program does. */
function unpacked(pack: Buffer): Map<string, { type: string; kept: string; content: string }> {
  const end = pack.indexOf('\n\n')
  let at = end + 2
  const found = new Map<string, { type: string; kept: string; content: string }>()
  for (const line of pack.subarray(0, end).toString().split('\n')) {
    const [path = '', type = '', kept = '', bytes = ''] = line.split('\t')
    found.set(path, { type, kept, content: gunzipSync(pack.subarray(at, at + Number(bytes))).toString() })
    at += Number(bytes)
  }
  expect(at).toBe(pack.length)
  return found
}

describe('the pack', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'weir-pack-'))
    mkdirSync(join(folder, 'assets'))
    writeFileSync(join(folder, 'index.html'), '<p>äöü</p>')
    writeFileSync(join(folder, 'assets.json'), '{}')
    writeFileSync(join(folder, 'assets/page-12345678.js'), 'let a = 1\n\nlet b = 2')
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  it('has every file for a browser, with what it is sent with', () => {
    addEngine(folder, new Uint8Array([0, 1]), new Uint8Array([2]))
    const files = unpacked(packOf(folder))
    expect([...files].map(([path, { kept }]) => [path, kept])).toEqual([
      [expect.stringMatching(/^\/assets\/page-12345678\.js$/), 'kept'],
      [expect.stringMatching(/^\/assets\/weir-[0-9a-f]{8}\.wasm$/), 'kept'],
      [expect.stringMatching(/^\/assets\/zones-[0-9a-f]{8}\.bin$/), 'kept'],
      ['/engine.json', 'fresh'],
      ['/', 'fresh']
    ])
    expect(files.get('/')).toEqual({ type: 'text/html; charset=utf-8', kept: 'fresh', content: '<p>äöü</p>' })
    const named = JSON.parse(readFileSync(join(folder, 'engine.json'), 'utf8')) as { module: string }
    expect(files.get(`/${named.module}`)?.type).toBe('application/wasm')
  })

  it('is the same for the same files, and has another sum for others', () => {
    const pack = packOf(folder)
    expect(packOf(folder).equals(pack)).toBe(true)
    writeFileSync(join(folder, 'index.html'), 'other')
    expect(sumHeader(packOf(folder))).not.toBe(sumHeader(pack))
  })
})
