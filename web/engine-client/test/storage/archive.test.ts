// Everything of one browser as one file, and back: what comes in is what went out, or nothing.
import fc from 'fast-check'
import type { BrowserStorage } from '@weir/engine-client/storage'
import { describeArchive, exportAll, importAll } from '@weir/engine-client/storage/archive'
import {
  Uint8ArrayReader,
  Uint8ArrayWriter,
  ZipReader,
  ZipWriter,
  BlobReader
} from '@zip.js/zip.js/lib/zip-core-native.js'
import type { FileEntry } from '@zip.js/zip.js/lib/zip-core-native.js'
import { describe, expect, it } from 'vitest'
import { failureOf, freshStorage } from './stores.ts'

async function exported(storage: BrowserStorage): Promise<Blob> {
  return new Blob([await new Response(exportAll(storage) as BodyInit).arrayBuffer()])
}

/** All that a person has, without the revisions, which are of one database only. */
async function contentOf(storage: BrowserStorage): Promise<unknown> {
  const flows: unknown[] = []
  for (const bin of [false, true]) {
    for (const { id } of (await storage.flows.list({ bin, order: 'name', limit: 500 })).flows) {
      const { revision, ...flow } = await storage.flows.read(id)
      const versions = await storage.flows.listVersions(id)
      const documents = await Promise.all(versions.map(({ number }) => storage.flows.getVersion(id, number)))
      const { edits, fits } = await storage.edits.pending(id)
      flows.push({ flow, documents, edits: edits.map(({ operation }) => operation), fits, had: revision > 0 })
    }
  }
  const recordings = await storage.recordings.list()
  const bytes = await Promise.all(
    recordings.map(async ({ id }) => [
      ...new Uint8Array(await new Response((await storage.recordings.open(id)) as BodyInit).arrayBuffer())
    ])
  )
  return {
    flows,
    runs: (await storage.runs.list({ limit: 500 })).runs,
    recordings,
    bytes,
    settings: await storage.settings.all()
  }
}

interface Given {
  flows: { name: string; tags: string[]; document: string; versions: string[]; edits: unknown[]; isBinned: boolean }[]
  recordings: Uint8Array[]
  settings: Record<string, unknown>
}

async function fill(storage: BrowserStorage, { flows, recordings, settings }: Given): Promise<void> {
  for (const [i, flow] of flows.entries()) {
    const id = `flow-${i}`
    const { name, tags, document } = flow
    const { revision } = await storage.flows.create({ id, name, tags, document })
    for (const text of flow.versions)
      await storage.flows.appendVersion(id, { document: text, message: text.slice(0, 5) })
    for (const edit of flow.edits) await storage.edits.append(id, revision, edit)
    if (flow.isBinned) await storage.flows.bin(id)
    await storage.runs.begin({ id: `run-${i}`, flow: id })
    await storage.runs.end(`run-${i}`, {
      outcome: 'done',
      exitCode: 0,
      elapsedMicros: 1,
      deadLetters: i,
      errorsByCode: {}
    })
  }
  for (const [i, bytes] of recordings.entries()) {
    const { writable } = await storage.recordings.create({ id: `rec-${i}`, flow: 'flow-0', format: 'arrow' })
    const writer = writable.getWriter()
    await writer.write(bytes)
    await writer.close()
  }
  for (const [name, value] of Object.entries(settings)) await storage.settings.set(name, value)
}

const someFlows: Given = {
  flows: [
    {
      name: 'Orders',
      tags: ['a'],
      document: '{"id":"flow-0"}',
      versions: ['v1', 'v2'],
      edits: [{ x: 1 }],
      isBinned: false
    },
    { name: 'Old', tags: [], document: '{}', versions: [], edits: [], isBinned: true }
  ],
  recordings: [new Uint8Array(100).fill(3)],
  settings: { theme: 'dark' }
}

const json = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown)
const anyText = fc
  .string({ unit: 'binary', maxLength: 200 })
  .map((text) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text)))
const anything = fc.record({
  flows: fc.array(
    fc.record({
      name: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((name) => name.trim() !== ''),
      tags: fc.uniqueArray(fc.stringMatching(/^[a-z]{1,5}$/u), { maxLength: 3 }),
      document: anyText,
      versions: fc.array(anyText, { maxLength: 3 }),
      edits: fc.array(json, { maxLength: 3 }),
      isBinned: fc.boolean()
    }),
    { maxLength: 5 }
  ),
  recordings: fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 3 }),
  settings: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/u), json, { maxKeys: 3 })
})

describe('export and import', () => {
  it('give back everything in another browser, whatever it is', async () => {
    const check = fc.asyncProperty(anything, async (given) => {
      const { storage } = freshStorage({ partBytes: 64 })
      await fill(storage, given)
      const other = freshStorage({ partBytes: 64 }).storage
      const report = await importAll(other, await exported(storage))
      expect(report.flows.every(({ outcome }) => outcome === 'added')).toBe(true)
      const [before, after] = [await contentOf(storage), await contentOf(other)]
      // A binned flow has a later revision than its edits; what is imported begins anew.
      expect(withoutFits(after)).toEqual(withoutFits(before))
      storage.close()
      other.close()
    })
    await fc.assert(check, { numRuns: 25 })
  })

  it('change nothing when the same file is imported again', async () => {
    const { storage } = freshStorage({ partBytes: 64 })
    await fill(storage, someFlows)
    const before = await contentOf(storage)
    const report = await importAll(storage, await exported(storage), { onClash: 'replace' })
    expect(report.flows.map(({ outcome }) => outcome)).toEqual(['same', 'same'])
    expect(report).toMatchObject({ runs: 0, recordings: 0 })
    expect(await contentOf(storage)).toEqual(before)
  })

  it('keep both flows of one id, and the id in the document is the new one', async () => {
    const { storage } = freshStorage()
    await fill(storage, someFlows)
    const file = await exported(storage)
    const other = freshStorage().storage
    await other.flows.create({ id: 'flow-0', name: 'Mine', document: 'mine' })
    const report = await importAll(other, file)
    expect(report.flows[0]).toEqual({ id: 'flow-0', otherId: 'flow-0-2', outcome: 'both' })
    expect((await other.flows.read('flow-0')).document).toBe('mine')
    const theirs = await other.flows.read('flow-0-2')
    expect(JSON.parse(theirs.document)).toEqual({ id: 'flow-0-2' })
    expect(theirs.latestVersion).toBe(2)
  })

  it('put a flow that is replaced into the bin', async () => {
    const { storage } = freshStorage()
    await fill(storage, someFlows)
    const file = await exported(storage)
    const other = freshStorage().storage
    await other.flows.create({ id: 'flow-0', name: 'Mine', document: 'mine' })
    const report = await importAll(other, file, { onClash: (mine) => (mine.name === 'Mine' ? 'replace' : 'skip') })
    expect(report.flows[0]).toEqual({ id: 'flow-0', otherId: 'flow-0-2', outcome: 'replaced' })
    expect((await other.flows.read('flow-0')).name).toBe('Orders')
    expect(await other.flows.read('flow-0-2')).toMatchObject({ name: 'Mine', document: 'mine', binnedAt: 1_000 })
  })

  it('skip what is there', async () => {
    const { storage } = freshStorage()
    await fill(storage, someFlows)
    const file = await exported(storage)
    const other = freshStorage().storage
    await other.flows.create({ id: 'flow-0', name: 'Mine', document: 'mine' })
    const report = await importAll(other, file, { onClash: 'skip' })
    expect(report.flows.map(({ outcome }) => outcome)).toEqual(['skipped', 'added'])
    expect((await other.flows.read('flow-0')).document).toBe('mine')
  })

  it('say what is in a file before it is imported', async () => {
    const { storage } = freshStorage()
    await fill(storage, someFlows)
    const { counts } = await describeArchive(await exported(storage))
    expect(counts).toEqual({ flows: 2, versions: 2, runs: 2, recordings: 1, settings: 1 })
  })

  it('refuse a file that is damaged anywhere, before anything is written', async () => {
    const { storage } = freshStorage({ partBytes: 64 })
    await fill(storage, someFlows)
    const whole = new Uint8Array(await (await exported(storage)).arrayBuffer())
    const empty = await contentOf(freshStorage().storage)
    const full = withoutFits(await contentOf(storage))
    let refused = 0
    for (let i = 0; i < 60; i++) {
      const at = Math.floor((whole.length * i) / 60)
      const { storage: other } = freshStorage({ partBytes: 64 })
      const cut = await failureOf(importAll(other, new Blob([whole.slice(0, at)])))
      expect(cut.code).toBe('storage.archive_damaged')
      const bitten = whole.slice()
      bitten[at] = (bitten[at] ?? 0) ^ 0x55
      const { code } = await failureOf(importAll(other, new Blob([bitten])))
      // Some bytes of a zip mean nothing, such as times: then everything is there.
      expect(code === 'none' ? withoutFits(await contentOf(other)) : await contentOf(other)).toEqual(
        code === 'none' ? full : empty
      )
      if (code === 'storage.archive_damaged') refused += 1
      other.close()
    }
    expect(refused).toBeGreaterThan(20)
  })

  it('refuse what is no export, in words', async () => {
    const { storage } = freshStorage()
    const failure = await failureOf(importAll(storage, new Blob(['id,amount\n1,2\n'])))
    expect(failure.code).toBe('storage.archive_damaged')
    expect(failure.message).toContain('nothing was')
  })

  it('refuse an export of a newer format, and say what to do', async () => {
    const { storage } = freshStorage()
    await fill(storage, someFlows)
    const newer = await edited(await exported(storage), 'manifest.json', (text) =>
      text.replace('"version": 1', '"version": 9')
    )
    const failure = await failureOf(importAll(storage, newer))
    expect(failure.code).toBe('storage.archive_newer')
    expect(failure.message).toContain('format 9')
  })

  it('refuse an export whose entries were exchanged', async () => {
    const { storage } = freshStorage()
    await fill(storage, someFlows)
    const forged = await edited(await exported(storage), 'settings.json', (text) => text.replace('dark', 'pink'))
    const { storage: other } = freshStorage()
    expect((await failureOf(importAll(other, forged))).message).toContain("'settings.json' is not as it was")
    expect(await other.settings.all()).toEqual({})
  })

  it('leave recordings out on request', async () => {
    const { storage } = freshStorage()
    await fill(storage, someFlows)
    const file = new Blob([await new Response(exportAll(storage, { recordings: false }) as BodyInit).arrayBuffer()])
    expect((await describeArchive(file)).counts.recordings).toBe(0)
  })
})

function withoutFits(content: unknown): unknown {
  return JSON.parse(JSON.stringify(content, (key, value: unknown) => (key === 'fits' ? undefined : value)))
}

/** The zip again, with one entry as `change` makes it. */
async function edited(file: Blob, name: string, change: (text: string) => string): Promise<Blob> {
  const reader = new ZipReader(new BlobReader(file), { useWebWorkers: false })
  const writer = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false })
  for (const entry of (await reader.getEntries()) as FileEntry[]) {
    let bytes = await entry.getData(new Uint8ArrayWriter())
    if (entry.filename === name) bytes = new TextEncoder().encode(change(new TextDecoder().decode(bytes)))
    await writer.add(entry.filename, new Uint8ArrayReader(bytes))
  }
  return new Blob([await writer.close()])
}
