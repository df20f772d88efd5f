// Storage together with the engine: what a run gives is recorded and read back, and a linked folder has files as `weir fmt` writes them.
import { existsSync, readFileSync } from 'node:fs'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { flowOf } from './flows.ts'
import type { Harness } from './harness.ts'
import { harnessSite, launch, openHarness, pathOf, type Site } from './site.ts'

declare const harness: Harness

const isBuilt = existsSync(pathOf('../../../build/wasm/weir.wasm')) && existsSync('/usr/bin/chromium')
const ROWS = 20_000

describe.skipIf(!isBuilt)('BrowserStorage with the engine in Chromium', () => {
  let site: Site
  let browser: Browser
  let context: BrowserContext
  let page: Page

  beforeAll(async () => {
    site = await harnessSite()
    browser = await launch()
  })
  afterAll(async () => {
    await browser.close()
    site.close()
  })
  beforeEach(async () => {
    context = await browser.newContext()
    page = await openHarness(context, site.url)
  })
  afterEach(async () => {
    expect(await page.evaluate(() => harness.violations)).toEqual([])
    await context.close()
  })

  const recorded = flowOf(
    [
      { id: 'read', typeId: 'files/csv-read', settings: { path: 'in.csv' } },
      {
        id: 'more',
        typeId: 'logic/map',
        settings: { set: { half: 'row.amount / 2.0', both: '[row.city, row.note]', isLarge: 'row.amount > 100' } }
      }
    ],
    [['read', 'more']]
  )

  it('records what a run gives, and gives the same batches back after a reload', async () => {
    const given = await page.evaluate(
      async ({ flow, rows }) => {
        const cities = ['Ulm', '', 'Köln', 'Bonn']
        const lines = Array.from({ length: rows }, (_, i) => `${cities[i % 4] ?? ''},${i},"said, ${i} times"\n`)
        const file = new File(['city,amount,note\n', ...lines], 'in.csv')
        const storage = new harness.BrowserStorage({ partBytes: 100_000 })
        const engine = await harness.engine()
        const run = await engine.run(flow, {
          folders: { project: harness.filesSource([file]) },
          outlets: [{ node: 'more', port: 'rows' }]
        })
        const about = { flow: 'orders', run: run.id, node: 'more', port: 'rows', format: 'batches' }
        const recording = await storage.recordings.create({ id: 'rec', ...about })
        const batches: string[] = []
        const frames = harness.batchesToBytes((batch) => {
          batches.push(harness.wordsOf(batch))
          recording.rows += batch.rows
          run.giveBack(batch)
        })
        await run.outlet('more', 'rows').pipeThrough(frames).pipeTo(recording.writable)
        return { outcome: (await run.result).outcome, batches, run: run.id }
      },
      { flow: recorded, rows: ROWS }
    )
    expect(given.outcome).toBe('done')
    expect(given.batches.length).toBeGreaterThan(1)
    await page.reload()
    await page.waitForFunction(() => 'harness' in globalThis)
    const kept = await page.evaluate(async () => {
      const storage = new harness.BrowserStorage()
      const batches: string[] = []
      const rows: unknown[] = []
      const stream = (await storage.recordings.open('rec')).pipeThrough(harness.bytesToBatches())
      for await (const batch of stream) {
        batches.push(harness.wordsOf(batch))
        rows.push(...harness.rowsOf(batch))
      }
      return { about: await storage.recordings.get('rec'), batches, first: rows[1], last: rows.at(-1) }
    })
    // One by one: a failure is not to print them all.
    expect(kept.batches.length).toBe(given.batches.length)
    expect(kept.batches.findIndex((words, i) => words !== given.batches[i])).toBe(-1)
    expect(kept.about).toMatchObject({ flow: 'orders', run: given.run, rows: ROWS, isComplete: true })
    expect(kept.about.parts).toBeGreaterThan(1)
    expect(kept.first).toMatchObject({ amount: 1, half: 0.5, note: 'said, 1 times', isLarge: false })
    expect(kept.last).toMatchObject({ city: 'Bonn', both: ['Bonn', `said, ${ROWS - 1} times`], isLarge: true })
  })

  it('gives a linked folder the very bytes that are in the repository, however the flow was stored', async () => {
    const inGit = readFileSync(pathOf('../../../examples/paid-orders/paid-orders.flow.json'), 'utf8')
    const { files, canonical, draft, invalid } = await page.evaluate(async (text) => {
      const storage = new harness.BrowserStorage()
      const engine = await harness.engine()
      const handle = await (await navigator.storage.getDirectory()).getDirectoryHandle('flows', { create: true })
      const folder = new harness.LinkedFolder(storage, (document) => engine.format(document))
      await folder.link(handle)
      const read = async (name: string): Promise<string> => (await (await handle.getFileHandle(name)).getFile()).text()
      const backwards = Object.fromEntries(Object.entries(JSON.parse(text) as object).reverse())
      await storage.flows.create({ id: 'paid-orders', document: JSON.stringify(backwards) })
      await folder.save('paid-orders')
      // What cannot be formatted is kept as it is: nothing of a draft is lost.
      const unfinished = '{"id":"draft","nodes":['
      await storage.flows.create({ id: 'draft', document: unfinished })
      await folder.save('draft')
      return {
        files: await folder.look(),
        canonical: await read('paid-orders.flow.json'),
        draft: await read('draft.flow.json'),
        invalid: unfinished
      }
    }, inGit)
    expect(canonical).toBe(inGit)
    expect(draft).toBe(invalid)
    expect(files).toEqual([])
  })

  it('writes nothing into a linked folder while the engine cannot say what is canonical', async () => {
    const seen = await page.evaluate(async () => {
      const storage = new harness.BrowserStorage()
      const engine = await harness.engine()
      const handle = await (await navigator.storage.getDirectory()).getDirectoryHandle('flows', { create: true })
      const folder = new harness.LinkedFolder(storage, (document) => engine.format(document))
      await folder.link(handle)
      await storage.flows.create({ id: 'orders', document: '{"nodes":[],"edges":[],"version":"1.0.0","id":"orders"}' })
      engine.close()
      const failure = (await folder.save('orders').catch((reason: unknown) => reason)) as { code: string } | undefined
      const names: string[] = []
      for await (const [name] of handle as unknown as AsyncIterable<[string]>) names.push(name)
      return { code: failure?.code, names }
    })
    expect(seen.code).toMatch(/^(?:bug|run)\./)
    expect(seen.names).toEqual([])
  })

  it('takes a file that an editor laid out by hand, and tidies it with the next save', async () => {
    const inGit = readFileSync(pathOf('../../../examples/paid-orders/paid-orders.flow.json'), 'utf8')
    const seen = await page.evaluate(async (text) => {
      const storage = new harness.BrowserStorage()
      const engine = await harness.engine()
      const handle = await (await navigator.storage.getDirectory()).getDirectoryHandle('flows', { create: true })
      const folder = new harness.LinkedFolder(storage, (document) => engine.format(document))
      await folder.link(handle)
      const file = await handle.getFileHandle('paid-orders.flow.json', { create: true })
      const writable = await file.createWritable()
      await writable.write(JSON.stringify(JSON.parse(text), null, 8))
      await writable.close()
      const changes = await folder.look()
      for (const change of changes) await folder.settle(change, 'theirs')
      const after = await folder.look()
      const saved = await folder.save('paid-orders')
      return { kinds: changes.map(({ kind }) => kind), after, saved, text: await (await file.getFile()).text() }
    }, inGit)
    expect(seen).toEqual({ kinds: ['new'], after: [], saved: undefined, text: inGit })
  })
})
