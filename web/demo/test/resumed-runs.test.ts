// Runs over files that lose their page, and go on from their checkpoint as if nothing had been.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Flow } from './flows.ts'
import type { Harness } from './harness.ts'
import { LEAPING, leap, makeInputs, ordersFlow, paced, sortedFlow, unpaced } from './paced-flows.ts'
import { trappingAt } from './trapping-module.ts'
import { harnessSite, launch, openHarness, pathOf, type Site } from './site.ts'

declare const harness: Harness

const TIMEOUT_MS = 600_000
const isBuilt = existsSync(pathOf('../../../build/wasm/weir.wasm')) && existsSync('/usr/bin/chromium')

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
  /** Codes of checkpoints that could not be stored; each once. */
  problems: string[]
  outcome: string
  error: string
  reasons: string[]
  drain: () => void
}
declare global {
  var watched: Watched
}

interface Start {
  flow: Flow
  root: string
  kind: 'private' | 'picked'
}
type How = { start: Start } | { resume: string; anyway?: boolean }

/** Starts or resumes a run in the page, which notes what becomes of it in `watched`. */
function begin(page: Page, how: How, traps = false): Promise<string> {
  return page.evaluate(
    async ({ how, traps }) => {
      const engine = await harness.engine(traps ? { module: '/trapping.wasm' } : {})
      const picked = async (root: string): Promise<FileSystemDirectoryHandle> =>
        (await navigator.storage.getDirectory()).getDirectoryHandle(root)
      const start = async (given: Start): ReturnType<typeof engine.run> => {
        const { flow, root, kind } = given
        const project =
          kind === 'private' ? { kind, path: root } : { kind: 'picked' as const, handle: await picked(root) }
        return engine.run(flow, { folders: { project }, keep: { everyMs: 100, note: { title: 'Orders' } } })
      }
      const run =
        'resume' in how ? await engine.resume(how.resume, { anyway: how.anyway ?? false }) : await start(how.start)
      globalThis.watched = {
        id: run.id,
        checkpoints: 0,
        problems: [],
        drain: () => {
          run.drain()
        },
        outcome: '',
        error: '',
        reasons: run.keeping.isKept ? [] : run.keeping.reasons
      }
      run.onCheckpoint((news) => {
        const { checkpoints, problems } = globalThis.watched
        // One before anything was read says nothing.
        if (!news.error) globalThis.watched.checkpoints = checkpoints + (news.progress.totalBytes > 0 ? 1 : 0)
        else if (!problems.includes(news.error.code)) problems.push(news.error.code)
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
    },
    { how, traps }
  )
}

/** The code with which the page refuses to go on with a run. */
function refusal(page: Page, id: string, flow?: Flow): Promise<string> {
  return page.evaluate(
    async ({ id, flow }) =>
      (await harness.engine()).resume(id, flow ? { flow } : {}).then(
        () => '',
        (reason: unknown) => (reason as { code: string }).code
      ),
    { id, flow }
  )
}

function discardRefusal(page: Page, id: string): Promise<string> {
  return page.evaluate(
    async (id) =>
      (await harness.engine()).discard(id).then(
        () => '',
        (reason: unknown) => (reason as { code: string }).code
      ),
    id
  )
}

/** Ends the page's process, as a crash does. */
async function crash(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const crashed = page.waitForEvent('crash')
  session.send('Page.crash').catch(() => undefined)
  await crashed
  await page.close()
}

/** Leaps until `holds`, or until the run has ended: a checkpoint comes with the rows before it. One leap is enough, unless
 * it came before the checkpoint was begun. */
async function leapUntil(page: Page, holds: () => boolean): Promise<void> {
  const seen = (): Promise<boolean> =>
    page
      .waitForFunction(holds, undefined, { timeout: 3_000 })
      .then(() => true)
      .catch(() => false)
  do await leap(page)
  while (!(await seen()))
}

const checkpointSeen = (page: Page): Promise<void> =>
  leapUntil(page, () => watched.checkpoints > 0 || watched.outcome !== '')

async function ended(page: Page): Promise<Watched> {
  await page.waitForFunction(() => watched.outcome !== '', undefined, { timeout: 120_000 })
  return page.evaluate(() => JSON.parse(JSON.stringify(watched)) as Watched)
}

/** Leaps until it has ended. */
async function hurried(page: Page): Promise<Watched> {
  while ((await page.evaluate(() => watched.outcome)) === '') {
    await leap(page)
    await page.waitForTimeout(100)
  }
  return ended(page)
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
    site = await harnessSite({}, (folder) => {
      const module = readFileSync(join(folder, 'weir.wasm'))
      writeFileSync(join(folder, 'trapping.wasm'), trappingAt(module, 'weir_run_drain'))
      const worker = join(folder, 'engine-worker.js')
      writeFileSync(worker, LEAPING + readFileSync(worker, 'utf8'))
    })
    browser = await launch()
    context = await browser.newContext()
    const page = await openHarness(context, site.url)
    await makeInputs(page, 'calm')
    await begin(page, { start: { flow: ordersFlow(unpaced), root: 'calm', kind: 'private' } })
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
      const id = await begin(page, { start: { flow: ordersFlow(paced), root, kind } })
      let told = 0
      let done = 0
      for (let reload = 0; reload < reloads; reload++) {
        await checkpointSeen(page)
        expect(await page.evaluate(() => JSON.parse(JSON.stringify(watched)) as Watched)).toMatchObject({
          outcome: '',
          error: ''
        })
        await page.reload()
        await page.waitForFunction(() => 'harness' in globalThis)
        const [run, ...more] = await interrupted(page)
        expect(more).toEqual([])
        expect(run).toMatchObject({ id, flowId: 'orders', note: { title: 'Orders' }, asksPermission: false })
        expect(run?.progress.totalBytes).toBeGreaterThan(1_000_000)
        expect(run?.storedBytes).toBeGreaterThan(0)
        told = run?.checkpointAt ?? 0
        expect(run?.progress.doneBytes).toBeGreaterThanOrEqual(done)
        done = run?.progress.doneBytes ?? 0
        expect(await begin(page, { resume: id })).toBe(id)
      }
      expect(told).toBeGreaterThan(0)
      expect(await hurried(page)).toMatchObject({ outcome: 'done' })
      expect(await outputs(page, root)).toEqual(wanted)
      await expect.poll(() => interrupted(page)).toEqual([])
      expect(await leftOver(page)).toEqual([])
    })
  }

  it('R20: a renderer that is killed in mid-write leaves the old file or the whole new one, and the run goes on', async () => {
    await makeInputs(page, 'killed')
    await page.evaluate(async () => {
      const top = await (await navigator.storage.getDirectory()).getDirectoryHandle('killed')
      const out = await top.getDirectoryHandle('out', { create: true })
      for (const name of ['rows.csv', 'sums.csv']) {
        const writable = await (await out.getFileHandle(name, { create: true })).createWritable()
        await writable.write('old')
        await writable.close()
      }
    })
    const old = await outputs(page, 'killed')
    let id = await begin(page, { start: { flow: ordersFlow(unpaced), root: 'killed', kind: 'picked' } })
    let kills = 0
    // Somewhere while rows are written, at the end, while the outputs take their places.
    for (const afterMs of [0, 60, 150, 300, 500, 800]) {
      await page.waitForTimeout(afterMs)
      if ((await page.evaluate(() => watched.outcome)) !== '') break
      await crash(page)
      kills++
      page = await openHarness(context, site.url)
      for (const [i, seen] of (await outputs(page, 'killed')).entries()) expect([old[i], wanted[i]]).toContain(seen)
      // Its locks go with its process, which may take a moment.
      await expect.poll(async () => (await interrupted(page)).map((run) => run.id), { timeout: 30_000 }).toEqual([id])
      id = await begin(page, { resume: id })
    }
    expect(kills).toBeGreaterThan(1)
    expect(await ended(page)).toMatchObject({ outcome: 'done', error: '' })
    expect(await outputs(page, 'killed')).toEqual(wanted)
    expect(await leftOver(page)).toEqual([])
  })

  it('is not gone on with in a second tab while the first has it, and is once that was closed', async () => {
    await makeInputs(page, 'tabs')
    const id = await begin(page, { start: { flow: ordersFlow(paced), root: 'tabs', kind: 'private' } })
    await checkpointSeen(page)
    const second = await openHarness(context, site.url)
    expect(await interrupted(second)).toEqual([])
    expect(await refusal(second, id)).toBe('run.busy')
    expect(await discardRefusal(second, id)).toBe('run.busy')
    await page.close()
    await expect.poll(async () => (await interrupted(second)).length).toBe(1)
    await begin(second, { resume: id })
    expect(await hurried(second)).toMatchObject({ outcome: 'done' })
    expect(await outputs(second, 'tabs')).toEqual(wanted)
    await expect.poll(() => refusal(second, id)).toBe('run.none')
  })

  it('is refused in words if its files or its flow have changed, and leaves nothing once it is discarded', async () => {
    await makeInputs(page, 'changed')
    const flow = ordersFlow(paced)
    const id = await begin(page, { start: { flow, root: 'changed', kind: 'private' } })
    await checkpointSeen(page)
    await page.reload()
    await page.waitForFunction(() => 'harness' in globalThis)
    const other = ordersFlow({ ...paced, rows: 3 })
    expect(await refusal(page, id, other)).toBe('state.changed')
    await page.evaluate(async () => {
      const top = await (await navigator.storage.getDirectory()).getDirectoryHandle('changed')
      const handle = await (await top.getDirectoryHandle('data')).getFileHandle('0.csv')
      const writable = await handle.createWritable({ keepExistingData: true })
      await writable.write({ type: 'write', position: (await handle.getFile()).size, data: 'region-1,1,more\n' })
      await writable.close()
    })
    const why = await page.evaluate(
      async (id) =>
        (await harness.engine()).resume(id).then(
          () => '',
          (reason: unknown) => String(reason)
        ),
      id
    )
    expect(why).toContain("'data/0.csv' was changed after the run began")
    expect(await interrupted(page)).toHaveLength(1)
    await page.evaluate(async (id) => (await harness.engine()).discard(id), id)
    expect(await interrupted(page)).toEqual([])
    expect(await leftOver(page)).toEqual([])
    expect(await outputs(page, 'changed')).toEqual(['', ''])
  })

  it('goes on after a trap of the engine, but not after two at the same place', async () => {
    await makeInputs(page, 'trapped')
    const id = await begin(page, { start: { flow: ordersFlow(paced), root: 'trapped', kind: 'private' } }, true)
    await checkpointSeen(page)
    await page.evaluate(() => {
      watched.drain()
    })
    expect(await ended(page)).toMatchObject({ outcome: 'lost' })
    await expect
      .poll(async () => (await interrupted(page))[0]?.interruption)
      .toMatchObject({ code: 'bug.trap', traps: 1 })
    await begin(page, { resume: id }, true)
    await page.evaluate(() => {
      watched.drain()
    })
    expect(await ended(page)).toMatchObject({ outcome: 'lost' })
    await expect.poll(async () => (await interrupted(page))[0]?.interruption?.traps).toBe(2)
    expect(await refusal(page, id)).toBe('run.trapped')
    await begin(page, { resume: id, anyway: true })
    expect(await hurried(page)).toMatchObject({ outcome: 'done' })
    expect(await outputs(page, 'trapped')).toEqual(wanted)
  })

  it('R20: goes on without checkpoints while the browser has no room for them, loudly', async () => {
    await makeInputs(page, 'roomy')
    await begin(page, { start: { flow: sortedFlow(unpaced), root: 'roomy', kind: 'private' } })
    expect(await ended(page)).toMatchObject({ outcome: 'done', error: '' })
    // The browser remembers for a while how much room a site had: this one is new to it.
    const narrow = await browser.newContext()
    const tab = await openHarness(narrow, site.url)
    await makeInputs(tab, 'full')
    const used = await tab.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0)
    const session = await narrow.newCDPSession(tab)
    const { origin } = new URL(site.url)
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: used + 8_000_000 })
    await begin(tab, { start: { flow: sortedFlow(paced), root: 'full', kind: 'private' } })
    await leapUntil(tab, () => watched.problems.length > 0 || watched.outcome !== '')
    const seen = await tab.evaluate(() => JSON.parse(JSON.stringify(watched)) as Watched)
    expect(seen).toMatchObject({ outcome: '', error: '', problems: ['state.limit'] })
    // The limit goes with the session.
    await session.detach()
    expect(await hurried(tab)).toMatchObject({ outcome: 'done', error: '' })
    expect((await outputs(tab, 'full'))[0]).toBe((await outputs(page, 'roomy'))[0])
    await narrow.close()
  })

  it('R20: fails with the reason when an output has no room, and goes on once there is some', async () => {
    // A browser of its own: the files of the other tests take room as well.
    const own = await launch()
    const narrow = await own.newContext()
    const tab = await openHarness(narrow, site.url)
    await makeInputs(tab, 'wide')
    await begin(tab, { start: { flow: sortedFlow(unpaced), root: 'wide', kind: 'private' } })
    expect(await ended(tab)).toMatchObject({ outcome: 'done', error: '' })
    await makeInputs(tab, 'tight')
    const id = await begin(tab, { start: { flow: sortedFlow(paced), root: 'tight', kind: 'private' } })
    await checkpointSeen(tab)
    const session = await narrow.newCDPSession(tab)
    await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(site.url).origin, quotaSize: 1 })
    const failed = await hurried(tab)
    expect(failed.outcome).toBe('failed')
    expect(failed.error).toContain('files.disk_full')
    expect(await outputs(tab, 'tight')).toEqual(['', ''])
    await expect
      .poll(async () => (await interrupted(tab)).find((run) => run.id === id)?.interruption?.code)
      .toBe('files.disk_full')
    // The limit goes with the session.
    await session.detach()
    await begin(tab, { resume: id })
    expect(await hurried(tab)).toMatchObject({ outcome: 'done', error: '' })
    expect((await outputs(tab, 'tight'))[0]).toBe((await outputs(tab, 'wide'))[0])
    await own.close()
  })

  it('says at its start why it could not go on', async () => {
    const reasons = await page.evaluate(async (flow) => {
      const engine = await harness.engine()
      const file = new File(['region,amount,note\na,1,b\n'], '0.csv')
      const given = { kind: 'files' as const, files: [{ path: 'data/0.csv', file }] }
      const layers = [{ kind: 'private' as const, path: 'given' }, given]
      const found: string[][] = []
      for (const folders of [undefined, { project: { kind: 'layers' as const, layers } }]) {
        const run = await engine.run(flow, { keep: { note: 'given' }, ...(folders && { folders }) })
        if (!run.keeping.isKept) found.push(run.keeping.reasons)
        await run.result
      }
      return found
    }, ordersFlow(unpaced))
    expect(reasons[0]).toEqual([expect.stringContaining('in memory')])
    expect(reasons[1]).toEqual([expect.stringContaining("'data/0.csv' was given in a way that cannot be opened again")])
    for (const run of await interrupted(page)) expect(run.note).not.toBe('given')
  })
})
