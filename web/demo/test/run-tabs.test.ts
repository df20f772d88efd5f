// Runs of all tabs: any tab lists, watches and stops them, also after the service worker was stopped.
import { appendFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bundle } from '../scripts/bundle.mjs'
import { counting, flowOf } from './flows.ts'
import type { Harness } from './harness.ts'
import { harnessSite, launch, openHarness, pathOf, type Site } from './site.ts'

declare const harness: Harness

const TIMEOUT_MS = 120_000
const isBuilt = existsSync(pathOf('../../../build/wasm/weir.wasm')) && existsSync('/usr/bin/chromium')

interface Seen {
  rows: number[]
  events: number[]
  ended: string
}
declare global {
  var seen: Seen
}

async function stopServiceWorkers(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('ServiceWorker.enable')
  await session.send('ServiceWorker.stopAllWorkers')
  await session.detach()
}

/** Another version takes over while the run goes on. */
async function updateServiceWorker(page: Page, site: Site): Promise<void> {
  appendFileSync(join(site.folder, 'service-worker.js'), '\n// the next version\n')
  await page.evaluate(async () => {
    const taken = new Promise((resolve) => {
      navigator.serviceWorker.addEventListener('controllerchange', resolve)
    })
    await (await navigator.serviceWorker.ready).update()
    await taken
  })
}

/** A run that gives 200 rows a second for ever, in this tab. */
function begin(page: Page): Promise<string> {
  return page.evaluate(
    async (flow) => {
      const engine = await harness.engine()
      const run = await engine.run(flow, { outlets: [{ node: 'odd', port: 'match' }] })
      return run.id
    },
    flowOf(
      [
        counting(2_000_000_000, { rate: 200, batchRows: 10 }),
        { id: 'odd', typeId: 'logic/filter', settings: { condition: 'row.id % 2 == 1' } }
      ],
      [['count', 'odd']]
    )
  )
}

/** A run that says of each checkpoint that it was taken. */
function beginKept(page: Page): Promise<string> {
  return page.evaluate(
    async (flow) => {
      const engine = await harness.engine()
      const folders = { project: { kind: 'private' as const, path: 'told' } }
      const run = await engine.run(flow, { folders, keep: { everyMs: 50 } })
      return run.id
    },
    flowOf(
      [
        counting(2_000_000_000, { rate: 200, batchRows: 10 }),
        { id: 'write', typeId: 'files/csv-write', settings: { path: 'out.csv' } }
      ],
      [['count', 'write']]
    )
  )
}

/** Watches a run of another tab from this one. */
function watch(page: Page, id: string): Promise<void> {
  return page.evaluate(async (id) => {
    const engine = await harness.engine()
    const run = await engine.watchRun(id, [{ node: 'odd', port: 'match' }])
    globalThis.seen = { rows: [], events: [], ended: '' }
    const watcher = run.watch()
    watcher.onMessage((message) => {
      if (message.type === 'event') globalThis.seen.events.push((message.data as { number: number }).number)
      if (message.type !== 'metrics') return
      const { nodes } = message.data as { nodes: { id: string; rowsOut: number }[] }
      globalThis.seen.rows.push(nodes.find((node) => node.id === 'count')?.rowsOut ?? 0)
    })
    await watcher.ask('subscribe', { kind: 'metrics' })
    run.result.then(
      (result) => {
        globalThis.seen.ended = result.outcome
      },
      (reason: unknown) => {
        globalThis.seen.ended = (reason as { code: string }).code
      }
    )
    const reader = run.rows('odd', 'match').getReader()
    const first = (await reader.read()).value as { id: number }
    if (first.id % 2 !== 1) throw new Error('the rows are not those of the port')
    void (async () => {
      while (!(await reader.read()).done);
    })().catch(() => undefined)
  }, id)
}

const moreRows = async (page: Page): Promise<void> => {
  const before = await page.evaluate(() => seen.rows.at(-1) ?? 0)
  await page.waitForFunction((least) => (seen.rows.at(-1) ?? 0) > least, before + 100)
}

describe.skipIf(!isBuilt)('Runs of all tabs', { timeout: TIMEOUT_MS }, () => {
  let site: Site
  let browser: Browser
  let context: BrowserContext
  let owner: Page
  let other: Page

  beforeAll(async () => {
    site = await harnessSite()
    await bundle({ 'service-worker': pathOf('run-service-worker.ts') }, site.folder)
    browser = await launch()
  }, TIMEOUT_MS)
  afterAll(async () => {
    await browser.close()
    site.close()
  })
  beforeEach(async () => {
    context = await browser.newContext()
    owner = await openHarness(context, site.url)
    await owner.evaluate(async () => {
      await harness.registerServiceWorker()
    })
    other = await openHarness(context, site.url)
    await other.waitForFunction(() => navigator.serviceWorker.controller !== null)
  })
  afterEach(async () => {
    await context.close()
  })

  it('are watched from another tab, with rows, on after a stop and an update of the service worker, and stopped there', async () => {
    const id = await begin(owner)
    await watch(other, id)
    await moreRows(other)
    await stopServiceWorkers(other)
    await moreRows(other)
    await updateServiceWorker(other, site)
    await moreRows(other)
    // A third one comes after the stop: the service worker starts again and finds the run anew.
    const third = await openHarness(context, site.url)
    // The port that is read already is not given twice; figures are.
    const refused = await third.evaluate(async (id) => {
      const run = await (await harness.engine()).watchRun(id, [{ node: 'odd', port: 'match' }])
      const why = await run
        .rows('odd', 'match')
        .getReader()
        .read()
        .then(
          () => '',
          (reason: unknown) => (reason as { code: string }).code
        )
      globalThis.seen = { rows: [], events: [], ended: '' }
      void run.result.then((result) => (globalThis.seen.ended = result.outcome))
      return why
    }, id)
    expect(refused).toBe('run.no_outlet')
    expect(await other.evaluate(async () => (await harness.engine()).runs())).toMatchObject([{ id, flow: 'test' }])
    await other.evaluate(async (id) => {
      ;(await harness.engine()).stopRun(id)
    }, id)
    await other.waitForFunction(() => seen.ended !== '')
    expect(await other.evaluate(() => seen.ended)).toBe('cancelled')
    await third.waitForFunction(() => seen.ended !== '')
    await expect.poll(() => other.evaluate(async () => (await harness.engine()).runs())).toEqual([])
  })

  it('say to who watches that their tab was closed', async () => {
    const id = await begin(owner)
    await watch(other, id)
    await moreRows(other)
    await owner.close()
    await other.waitForFunction(() => seen.ended !== '')
    expect(await other.evaluate(() => seen.ended)).toBe('run.ended')
    const none = await other.evaluate(async (id) => {
      const engine = await harness.engine()
      return engine.watchRun(id).then(
        () => '',
        (reason: unknown) => (reason as { code: string }).code
      )
    }, id)
    expect(none).toBe('run.none')
  })

  it('tell their events through the service worker, by number, and on from the last one after it was stopped', async () => {
    const id = await beginKept(owner)
    const read = (after: number, least: number): Promise<{ ids: number[]; status: number; type: string }> =>
      other.evaluate(
        async ({ id, after, least }) => {
          const leave = new AbortController()
          const response = await fetch(`/api/v1/runs/${id}/events`, {
            headers: { 'last-event-id': String(after) },
            signal: leave.signal
          })
          const ids: number[] = []
          const { status } = response
          const type = response.headers.get('content-type') ?? ''
          const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
          for (let text = ''; reader && ids.length < least;) {
            const { done, value } = await reader.read()
            if (done) break
            text += value
            ids.splice(0, ids.length, ...Array.from(text.matchAll(/^id: (\d+)$/gm), (match) => Number(match[1])))
          }
          leave.abort()
          return { ids, status, type }
        },
        { id, after, least }
      )
    const one = await other.evaluate(async (id) => (await fetch(`/api/v1/runs/${id}`)).json() as Promise<unknown>, id)
    expect(one).toMatchObject({ id, flow: 'test', isKept: true })
    const first = await read(0, 3)
    expect(first).toMatchObject({ status: 200, type: 'text/event-stream' })
    expect(first.ids.slice(0, 3)).toEqual([1, 2, 3])
    await stopServiceWorkers(other)
    const again = await read(2, 3)
    expect(again.ids.slice(0, 3)).toEqual([3, 4, 5])
    expect(await other.evaluate(async () => (await fetch('/api/v1/runs/nobody/events')).status)).toBe(404)
    await other.evaluate(async (id) => fetch(`/api/v1/runs/${id}`, { method: 'DELETE' }), id)
    await expect.poll(() => other.evaluate(async (id) => (await fetch(`/api/v1/runs/${id}`)).status, id)).toBe(404)
  })
})
