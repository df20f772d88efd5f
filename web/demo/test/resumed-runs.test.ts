// Runs over files that lose their page, and go on from their checkpoint as if nothing had been.
import { existsSync } from 'node:fs'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { flowOf, type Flow } from './flows.ts'
import type { Harness } from './harness.ts'
import { harnessSite, launch, openHarness, pathOf, type Site } from './site.ts'

declare const harness: Harness

const TIMEOUT_MS = 180_000
const isBuilt = existsSync(pathOf('../../../build/wasm/weir.wasm')) && existsSync('/usr/bin/chromium')

const ROWS = 24_000
/** Long rows: a piece of a file holds few of them, so that checkpoints are not far apart. */
const NOTE = 'x'.repeat(3_000)
/** Rows a second: ten reloads are over before the rows are. */
const RATE = 1_600

/** Rows trickle from several files into one; sums of them into another. `rate` 0: as fast as it goes. */
function ordersFlow(rate: number): Flow {
  const slow = {
    id: 'slow',
    typeId: 'flow/rate-limit',
    settings: { rows: rate === 0 ? 1_000_000_000 : rate, burst: 100 }
  }
  const flow = flowOf(
    [
      { id: 'read', typeId: 'files/csv-read', settings: { path: 'data/*.csv' } },
      slow,
      { id: 'big', typeId: 'logic/filter', settings: { condition: 'row.amount > 20' } },
      { id: 'rows', typeId: 'files/csv-write', settings: { path: 'out/rows.csv' } },
      {
        id: 'sum',
        typeId: 'aggregate/group',
        settings: { keys: ['region'], measures: [{ name: 'sum', function: 'sum', of: 'row.amount' }] }
      },
      { id: 'sums', typeId: 'files/csv-write', settings: { path: 'out/sums.csv' } }
    ],
    [
      ['read', 'slow'],
      ['slow', 'big'],
      ['big.match', 'rows'],
      ['slow', 'sum'],
      ['sum', 'sums']
    ]
  )
  // A checkpoint passes behind the rows that wait before it.
  const edges = (flow.edges as object[]).map((edge) => ({ ...edge, buffer: { rows: 200 } }))
  return { ...flow, edges, id: 'orders' }
}

/** In the page: six CSV files in a folder of the private file system. */
async function makeInputs(page: Page, root: string): Promise<void> {
  await page.evaluate(
    async ({ root, rows, note }) => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(root, { create: true })
      const data = await folder.getDirectoryHandle('data', { create: true })
      for (let file = 0; file < 6; file++) {
        const lines = Array.from(
          { length: rows / 6 },
          (_, i) => `region-${(i * 7 + file) % 13},${i % 101},${i} of ${file} ${note}\n`
        )
        const writable = await (await data.getFileHandle(`${file}.csv`, { create: true })).createWritable()
        await writable.write('region,amount,note\n' + lines.join(''))
        await writable.close()
      }
    },
    { root, rows: ROWS, note: NOTE }
  )
}

/** A hash of each output; empty if it is not there. */
function outputs(page: Page, root: string): Promise<string[]> {
  return page.evaluate(async (root) => {
    const hashes: string[] = []
    for (const name of ['rows.csv', 'sums.csv']) {
      try {
        const top = await (await navigator.storage.getDirectory()).getDirectoryHandle(root)
        const file = await (await (await top.getDirectoryHandle('out')).getFileHandle(name)).getFile()
        const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()))
        hashes.push(`${file.size} ${Array.from(hash, (byte) => byte.toString(16)).join('')}`)
      } catch {
        hashes.push('')
      }
    }
    return hashes
  }, root)
}

interface Watched {
  id: string
  checkpoints: number
  outcome: string
  error: string
  reasons: string[]
}
declare global {
  var watched: Watched
}

interface Start {
  flow: Flow
  root: string
  kind: 'private' | 'picked'
}
type How = { start: Start } | { resume: string }

/** Starts or resumes a run in the page, which notes what becomes of it in `watched`. */
function begin(page: Page, how: How): Promise<string> {
  return page.evaluate(async (how) => {
    const engine = await harness.engine()
    const picked = async (root: string): Promise<FileSystemDirectoryHandle> =>
      (await navigator.storage.getDirectory()).getDirectoryHandle(root)
    const start = async (given: Start): ReturnType<typeof engine.run> => {
      const { flow, root, kind } = given
      const project =
        kind === 'private' ? { kind, path: root } : { kind: 'picked' as const, handle: await picked(root) }
      return engine.run(flow, { folders: { project }, keep: { everyMs: 100, note: { title: 'Orders' } } })
    }
    const run = 'resume' in how ? await engine.resume(how.resume) : await start(how.start)
    globalThis.watched = {
      id: run.id,
      checkpoints: 0,
      outcome: '',
      error: '',
      reasons: run.keeping.isKept ? [] : run.keeping.reasons
    }
    run.onCheckpoint((news) => {
      if (!news.error) globalThis.watched.checkpoints++
    })
    run.result.then(
      (result) => {
        globalThis.watched.outcome = result.outcome
        globalThis.watched.error = result.error ? `${result.error.code} ${result.error.message}` : ''
      },
      (reason: unknown) => {
        globalThis.watched.outcome = 'lost'
        globalThis.watched.error = String(reason)
      }
    )
    return run.id
  }, how)
}

const checkpointsSeen = (page: Page, count: number): Promise<unknown> =>
  page.waitForFunction((least) => watched.checkpoints >= least || watched.outcome !== '', count, { timeout: 60_000 })

async function ended(page: Page): Promise<Watched> {
  await page.waitForFunction(() => watched.outcome !== '', undefined, { timeout: 120_000 })
  return page.evaluate(() => watched)
}

const interrupted = (page: Page): ReturnType<Awaited<ReturnType<Harness['engine']>>['interrupted']> =>
  page.evaluate(async () => (await harness.engine()).interrupted())

/** What is left in the browser's storage of runs. */
function leftOver(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const names: string[] = []
    const walk = async (folder: FileSystemDirectoryHandle, path: string): Promise<void> => {
      for await (const [name, handle] of folder as unknown as AsyncIterable<[string, FileSystemHandle]>) {
        if (handle.kind === 'directory') await walk(handle as FileSystemDirectoryHandle, `${path}/${name}`)
        else if (path.includes('.weir-runs') || name.includes('weir-part')) names.push(`${path}/${name}`)
      }
    }
    await walk(await navigator.storage.getDirectory(), '')
    return names
  })
}

describe.skipIf(!isBuilt)('A run that loses its page', { timeout: TIMEOUT_MS }, () => {
  let site: Site
  let browser: Browser
  let context: BrowserContext
  let wanted: string[]

  beforeAll(async () => {
    site = await harnessSite()
    browser = await launch()
    context = await browser.newContext()
    const page = await openHarness(context, site.url)
    await makeInputs(page, 'calm')
    await begin(page, { start: { flow: ordersFlow(0), root: 'calm', kind: 'private' } })
    expect(await ended(page)).toMatchObject({ outcome: 'done' })
    wanted = await outputs(page, 'calm')
    expect(wanted).not.toContain('')
    await page.close()
  }, TIMEOUT_MS)

  afterAll(async () => {
    await browser.close()
    site.close()
  })

  let page: Page
  beforeEach(async () => {
    page = await openHarness(context, site.url)
  })
  afterEach(async () => {
    for (const one of context.pages()) await one.close()
  })

  for (const [kind, reloads] of [
    ['private', 10],
    ['picked', 3]
  ] as const) {
    it(`goes on after each of ${reloads} reloads, and leaves the bytes of one that nobody disturbed (${kind} folder)`, async () => {
      const root = `reloads-${kind}`
      await makeInputs(page, root)
      const id = await begin(page, { start: { flow: ordersFlow(RATE), root, kind } })
      let told = 0
      for (let reload = 0; reload < reloads; reload++) {
        await checkpointsSeen(page, 1)
        expect(await page.evaluate(() => watched)).toMatchObject({ outcome: '', error: '' })
        await page.reload()
        await page.waitForFunction(() => 'harness' in globalThis)
        const [run, ...more] = await interrupted(page)
        expect(more).toEqual([])
        expect(run).toMatchObject({ id, flowId: 'orders', note: { title: 'Orders' }, asksPermission: false })
        expect(run?.progress.totalBytes).toBeGreaterThan(1_000_000)
        expect(run?.storedBytes).toBeGreaterThan(0)
        told = run?.checkpointAt ?? 0
        expect(await begin(page, { resume: id })).toBe(id)
      }
      expect(told).toBeGreaterThan(0)
      expect(await ended(page)).toMatchObject({ outcome: 'done' })
      expect(await outputs(page, root)).toEqual(wanted)
      await expect.poll(() => interrupted(page)).toEqual([])
      expect(await leftOver(page)).toEqual([])
    })
  }
})
