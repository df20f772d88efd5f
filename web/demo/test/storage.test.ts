// What this site keeps in a real browser: over reloads, crashes, full disks and two tabs.
import { existsSync } from 'node:fs'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { launch, type Site } from './site.ts'
import { crash, hasSuite, limitQuota, openTab, storageSite } from './storage-site.ts'
import type { Vault } from './storage-harness.ts'

declare const vault: Vault

const hasBrowser = existsSync('/usr/bin/chromium')

describe.skipIf(!hasBrowser)('BrowserStorage in Chromium', () => {
  let site: Site
  let browser: Browser
  let context: BrowserContext
  let page: Page

  beforeAll(async () => {
    site = await storageSite()
    browser = await launch()
  })
  afterAll(async () => {
    await browser.close()
    site.close()
  })
  beforeEach(async () => {
    context = await browser.newContext()
    page = await openTab(context, site.url)
  })
  afterEach(async () => {
    await context.close()
  })

  async function reload(): Promise<void> {
    await page.reload()
    await page.waitForFunction(() => 'vault' in globalThis)
  }

  it.skipIf(!hasSuite)('keeps to the contract of stores, by the suite that every store is held to', async () => {
    const complaints = await page.evaluate(async () => {
      const module = await WebAssembly.compileStreaming(fetch('/weir-store.wasm'))
      return vault.storeComplaints(module, vault.open().flows)
    })
    expect(complaints).toEqual([])
  })

  it('has flows, versions, runs, recordings and settings after a reload', async () => {
    await page.evaluate(async () => {
      const storage = vault.open({ partBytes: 1_000 })
      await storage.flows.create({ id: 'orders', name: 'Orders', document: '{"id":"orders"}' })
      await storage.flows.appendVersion('orders', { message: 'first' })
      await storage.runs.begin({ id: 'r1', flow: 'orders', version: 1 })
      await storage.settings.set('theme', 'dark')
      const recording = await storage.recordings.create({ id: 'rec', flow: 'orders', format: 'arrow' })
      const writer = recording.writable.getWriter()
      await writer.write(new Uint8Array(10_500).fill(7))
      await writer.close()
    })
    await reload()
    const seen = await page.evaluate(async () => {
      const storage = vault.open()
      const bytes = await new Response(await storage.recordings.open('rec')).arrayBuffer()
      return {
        document: (await storage.flows.read('orders')).document,
        version: (await storage.flows.getVersion('orders', 1)).document,
        runs: (await storage.runs.closeOrphans()).map(({ id, outcome }) => [id, outcome]),
        settings: await storage.settings.all(),
        bytes: bytes.byteLength,
        sevens: new Uint8Array(bytes).every((byte) => byte === 7),
        parts: (await storage.usage()).parts.map(({ name, count }) => [name, count]),
        violations: vault.violations
      }
    })
    expect(seen).toEqual({
      document: '{"id":"orders"}',
      version: '{"id":"orders"}',
      runs: [['r1', 'interrupted']],
      settings: { theme: 'dark' },
      bytes: 10_500,
      sevens: true,
      parts: [
        ['flows', 1],
        ['runs', 1],
        ['recordings', 1],
        ['outputs', 0],
        ['checkpoints', 0],
        ['caches', 0]
      ],
      violations: []
    })
  })

  it('R20: a full disk refuses what does not fit in words, and loses nothing that is stored', async () => {
    // From the start: Chromium remembers for 30 seconds how much room there was.
    const lift = await limitQuota(page, 5_000_000)
    await page.evaluate(() => vault.open().flows.create({ id: 'kept', document: 'kept' }))
    const full = await page.evaluate(async () => {
      const storage = vault.open()
      const document = 'x'.repeat(9_000_000)
      // Begun while there is room: its bytes are what does not fit.
      const recording = await storage.recordings.create({ id: 'rec', flow: 'kept', format: 'arrow' })
      const create = await vault.failureOf(storage.flows.create({ id: 'large', name: 'Large', document }))
      const replace = await vault.failureOf(storage.flows.replace('kept', 1, { document }))
      const edit = await vault.failureOf(storage.edits.append('kept', 1, document))
      const record = await vault.failureOf(
        new ReadableStream({
          start(controller) {
            controller.enqueue(new Uint8Array(9_000_000))
            controller.close()
          }
        }).pipeTo(recording.writable)
      )
      return { create, replace, edit, record, kept: await storage.flows.read('kept') }
    })
    for (const { code } of [full.create, full.replace, full.edit, full.record]) expect(code).toBe('storage.full')
    expect(full.create.message).toMatch(
      /^flow 'Large' \(9\.0 MB\) could not be stored: .* used now; delete recordings/u
    )
    expect(full.kept).toMatchObject({ document: 'kept', revision: 1 })
    await lift()
    const replace = (): Promise<{ code: string }> =>
      page.evaluate(() => vault.failureOf(vault.open().flows.replace('kept', 1, { document: 'more' })))
    await expect.poll(async () => (await replace()).code, { timeout: 60_000 }).not.toBe('storage.full')
    expect((await page.evaluate(() => vault.open().flows.read('kept'))).document).toBe('more')
  })

  it('R20: a deleted recording makes room for what did not fit before', async () => {
    await limitQuota(page, 3_000_000)
    const seen = await page.evaluate(async () => {
      const storage = vault.open()
      const record = async (id: string): Promise<void> => {
        const { writable } = await storage.recordings.create({ id, flow: 'a', format: 'arrow' })
        const writer = writable.getWriter()
        await writer.write(new Uint8Array(2_000_000))
        await writer.close()
      }
      await record('first')
      const refused = await vault.failureOf(record('second'))
      await storage.recordings.remove('first')
      const again = await vault.failureOf(record('third'))
      return { refused: refused.code, again: again.code }
    })
    expect(seen).toEqual({ refused: 'storage.full', again: 'none' })
  })

  it('R20: a tab that is killed while it edits loses no edit that was acknowledged', async () => {
    for (let round = 0; round < 3; round++) {
      const flow = `flow-${round}`
      const acknowledged: number[] = []
      await page.exposeFunction('acknowledge', (edit: number) => acknowledged.push(edit))
      await page.evaluate(async (id) => {
        const storage = vault.open()
        const { revision } = await storage.flows.create({ id, document: '{}' })
        const { acknowledge } = globalThis as unknown as { acknowledge: (edit: number) => Promise<void> }
        const edit = async (from: number): Promise<void> => {
          for (let i = from; ; i += 4) {
            await storage.edits.append(id, revision, { edit: i, padding: 'x'.repeat(10_000) })
            void acknowledge(i)
          }
        }
        for (let i = 0; i < 4; i++) void edit(i)
      }, flow)
      await expect.poll(() => acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(40 + 30 * round)
      await crash(page)
      await page.close()
      page = await openTab(context, site.url)
      const { edits, fits } = await page.evaluate((id) => vault.open().edits.pending(id), flow)
      const found = new Set(edits.map(({ operation }) => (operation as { edit: number }).edit))
      expect(fits).toBe(true)
      expect(acknowledged.filter((edit) => !found.has(edit))).toEqual([])
      expect(await page.evaluate(() => vault.open().edits.unsaved())).toContain(flow)
    }
  })

  it('R20: a tab that is killed while it saves leaves the old document or the new one, whole', async () => {
    const saved: number[] = []
    await page.exposeFunction('saved', (revision: number) => saved.push(revision))
    await page.evaluate(() => {
      const { saved } = globalThis as unknown as { saved: (revision: number) => Promise<void> }
      void (async () => {
        const storage = vault.open()
        let { revision } = await storage.flows.create({ id: 'a', document: '0'.repeat(500_000) })
        for (let digit = 1; ; digit = (digit + 1) % 10) {
          revision = (await storage.flows.replace('a', revision, { document: String(digit).repeat(500_000) })).revision
          void saved(revision)
        }
      })()
    })
    await expect.poll(() => saved.length, { timeout: 60_000 }).toBeGreaterThan(20)
    await crash(page)
    await page.close()
    page = await openTab(context, site.url)
    const { revision, document } = await page.evaluate(() => vault.open().flows.read('a'))
    expect(revision).toBeGreaterThanOrEqual(saved.at(-1) ?? 0)
    expect(document).toBe(String((revision - 1) % 10).repeat(500_000))
  })

  it('completes a recording whose tab was killed with what is on disk', async () => {
    let written = 0
    await page.exposeFunction('written', (parts: number) => (written = parts))
    await page.evaluate(() => {
      const { written } = globalThis as unknown as { written: (parts: number) => Promise<void> }
      void (async () => {
        const storage = vault.open({ partBytes: 1_000 })
        const { writable } = await storage.recordings.create({ id: 'rec', flow: 'a', format: 'arrow' })
        const writer = writable.getWriter()
        for (let part = 1; ; part++) {
          await writer.write(new Uint8Array(1_000).fill(part % 256))
          void written(part)
        }
      })()
    })
    await expect.poll(() => written, { timeout: 60_000 }).toBeGreaterThan(10)
    await crash(page)
    await page.close()
    page = await openTab(context, site.url)
    const seen = await page.evaluate(async () => {
      const storage = vault.open()
      const { completed } = await storage.recordings.sweep()
      const bytes = new Uint8Array(await new Response(await storage.recordings.open('rec')).arrayBuffer())
      const whole = bytes.every((byte, i) => byte === (Math.floor(i / 1_000) + 1) % 256)
      return { completed, bytes: bytes.length, whole }
    })
    expect(seen).toMatchObject({ completed: ['rec'], whole: true })
    expect(seen.bytes).toBeGreaterThanOrEqual(written * 1_000)
  })

  it('writes everything into one file as it is read, and takes it in again after the database was deleted', async () => {
    const seen = await page.evaluate(async () => {
      const before = vault.open()
      await before.flows.create({ id: 'orders', name: 'Orders', document: '{"id":"orders"}' })
      const { writable } = await before.recordings.create({ id: 'rec', flow: 'orders', format: 'arrow' })
      const writer = writable.getWriter()
      for (let mega = 0; mega < 40; mega++) await writer.write(new Uint8Array(1_000_000).fill(mega))
      await writer.close()
      const root = await navigator.storage.getDirectory()
      const handle = await root.getFileHandle('export.zip', { create: true })
      await vault.exportAll(before).pipeTo(await handle.createWritable())
      await before.recordings.remove('rec')
      before.close()
      const file = await handle.getFile()
      const after = vault.open({ name: 'another' })
      const report = await vault.importAll(after, file)
      const bytes = new Uint8Array(await new Response(await after.recordings.open('rec')).arrayBuffer())
      const isWhole = bytes.length === 40_000_000 && bytes.every((byte, i) => byte === Math.floor(i / 1_000_000))
      return { report, isWhole, size: file.size, violations: vault.violations }
    })
    expect(seen).toMatchObject({
      report: { flows: [{ id: 'orders', outcome: 'added' }], recordings: 1 },
      isWhole: true,
      violations: []
    })
    expect(seen.size).toBeGreaterThan(40_000_000)
  })

  it('counts what flows wrote as outputs, and deletes nothing else with them', async () => {
    const seen = await page.evaluate(async () => {
      const storage = vault.open()
      const { writable } = await storage.recordings.create({ id: 'rec', flow: 'a', format: 'arrow' })
      const writer = writable.getWriter()
      await writer.write(new Uint8Array(5_000))
      await writer.close()
      const root = await navigator.storage.getDirectory()
      const out = await (
        await root.getDirectoryHandle('demo', { create: true })
      ).getDirectoryHandle('out', { create: true })
      const file = await (await out.getFileHandle('sums.csv', { create: true })).createWritable()
      await file.write('x'.repeat(3_000))
      await file.close()
      const bytesOf = async (part: string): Promise<number | undefined> =>
        (await storage.usage()).parts.find(({ name }) => name === part)?.bytes
      const before = [await bytesOf('outputs'), await bytesOf('recordings')]
      const gone = await storage.deleteOutputs()
      const after = [await bytesOf('outputs'), await bytesOf('recordings')]
      const bytes = await new Response(await storage.recordings.open('rec')).arrayBuffer()
      return { before, gone, after, left: bytes.byteLength, persists: typeof (await storage.persist()) }
    })
    expect(seen).toEqual({
      before: [3_000, 5_000],
      gone: ['demo'],
      after: [0, 5_000],
      left: 5_000,
      persists: 'boolean'
    })
  })

  it('R20: an import for which there is no room stores nothing by halves, and can be done again', async () => {
    // It is all the same letter: small in the file, and large in the database.
    const exported = await page.evaluate(async () => {
      const from = vault.open()
      await from.flows.create({ id: 'large', document: 'x'.repeat(6_000_000) })
      return [...new Uint8Array(await new Response(vault.exportAll(from)).arrayBuffer())]
    })
    await context.close()
    context = await browser.newContext()
    page = await openTab(context, site.url)
    const lift = await limitQuota(page, 3_000_000)
    const seen = await page.evaluate(async (exported) => {
      const file = new Blob([new Uint8Array(exported)])
      const into = vault.open({ name: 'into' })
      await into.flows.create({ id: 'mine', document: 'mine' })
      const failure = await vault.failureOf(vault.importAll(into, file))
      Object.assign(vault.kept, { file })
      return { failure, ids: (await into.flows.list()).flows.map(({ id }) => id) }
    }, exported)
    expect(seen.failure.code).toBe('storage.full')
    expect(seen.ids).toContain('mine')
    expect(seen.ids).not.toContain('large')
    await lift()
    const again = (): Promise<string> =>
      page.evaluate(async () => {
        const { file } = vault.kept as unknown as { file: Blob }
        return (await vault.failureOf(vault.importAll(vault.open({ name: 'into' }), file))).code
      })
    await expect.poll(again, { timeout: 60_000 }).toBe('none')
    const document = await page.evaluate(async () => (await vault.open({ name: 'into' }).flows.read('large')).document)
    expect(document.length).toBe(6_000_000)
  })
})
