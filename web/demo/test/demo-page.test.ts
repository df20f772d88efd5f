// The demo page: examples and dropped folders in the tab, offline, with a service worker that comes and goes.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { buildDemo } from '../scripts/build.mjs'
import { counting, flowOf } from './flows.ts'
import { launch, opened, pathOf, type Site } from './site.ts'

const isBuilt = existsSync(pathOf('../../../build/wasm/weir.wasm')) && existsSync('/usr/bin/chromium')
const TIMEOUT_MS = 120_000

interface Told {
  id: number
  event: string
  data: { type: string; data: unknown; metadata?: { node: string } }
}

function eventsIn(text: string): Told[] {
  return text
    .split('\n\n')
    .filter((part) => part !== '')
    .map((part) => {
      const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(part)?.[1] ?? ''
      return { id: Number(field('id')), event: field('event'), data: JSON.parse(field('data')) as Told['data'] }
    })
}

/** Stops every service worker of the browser, as the browser does when they are idle. */
async function stopServiceWorkers(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('ServiceWorker.enable')
  await session.send('ServiceWorker.stopAllWorkers')
  await session.detach()
}

describe.skipIf(!isBuilt)('The demo page in Chromium', { timeout: TIMEOUT_MS }, () => {
  let folder: string
  let site: Site
  let browser: Browser
  let context: BrowserContext
  const complaints: string[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-demo-'))
    await buildDemo(folder, { isEndless: true })
    site = await opened(folder, {}, false)
    browser = await launch()
    context = await browser.newContext()
  }, TIMEOUT_MS)

  afterAll(async () => {
    await browser.close()
    site.close()
    rmSync(folder, { recursive: true, force: true })
  })

  afterEach(async () => {
    for (const page of context.pages()) await page.close()
  })

  /** What the policy refuses, and what fails unseen, is told on the console. */
  async function open(): Promise<Page> {
    const page = await context.newPage()
    page.on('console', (message) => {
      if (/Content.Security|Refused|violat/i.test(message.text())) complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.goto(site.url)
    await page.waitForSelector('[data-fact=shell].good')
    await page.waitForSelector('[data-fact=engine].good')
    return page
  }

  async function run(page: Page, example: string): Promise<string> {
    await page.click(`[data-example=${example}]`)
    const title = await page.$eval(`[data-example=${example}]`, (choice) => choice.firstChild?.textContent)
    await page.waitForFunction(
      (shown) =>
        document.querySelector('#stage h2')?.textContent === shown &&
        document.querySelector('#state:is(.good, .warn, .bad)') !== null,
      title
    )
    return (await page.textContent('#stage')) ?? ''
  }

  it('runs every example that it lists, without a word from the policy', async () => {
    const page = await open()
    const ids = await page.$$eval('[data-example]', (all) =>
      all.map((one) => (one as HTMLElement).dataset.example ?? '')
    )
    expect(ids.length).toBeGreaterThanOrEqual(10)
    for (const id of ids) {
      // These go on for half a minute.
      if (id === 'sine' || id === 'fast-line') continue
      await run(page, id)
      expect(await page.textContent('#state'), id).toMatch(/^Done/)
    }
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true)
    expect(complaints).toEqual([])
    await page.close()
  })

  it('groups the files of a folder that was picked', async () => {
    const page = await open()
    const given = join(folder, '..', `weir-picked-${process.pid}`)
    const { mkdirSync, writeFileSync } = await import('node:fs')
    mkdirSync(given)
    writeFileSync(join(given, 'a.csv'), 'city,amount\nUlm,2\nBonn,3\n')
    writeFileSync(join(given, 'b.csv'), 'city,amount\nUlm,5\n')
    writeFileSync(join(given, 'notes.txt'), 'not a table')
    await page.setInputFiles('#folder', given)
    await page.click('text=Run over the files')
    await page.waitForFunction(() => document.querySelector('#state')?.textContent.startsWith('Done'))
    expect(await page.textContent('#stage')).toContain('city,rows,sum\nUlm,2,7\nBonn,1,3\n')
    rmSync(given, { recursive: true })
    await page.close()
  })

  it('starts and runs offline after one visit, and is there again after a reload', async () => {
    await (await open()).close()
    await context.setOffline(true)
    const goneFor = await site.goAway()
    const page = await open()
    expect(await run(page, 'paid-orders')).toContain('Written: out/paid.csv')
    await page.reload()
    await page.waitForSelector('[data-fact=engine].good')
    expect(await run(page, 'revenue-by-region')).toContain('Written: out/revenue.csv')
    expect(await page.textContent('[data-fact=network]')).toContain('Offline')
    await context.setOffline(false)
    await goneFor.comeBack()
    await page.close()
  })

  it('keeps a run going while the service worker is stopped', async () => {
    const page = await open()
    await page.click('[data-example=sine]')
    const rows = (): Promise<number> =>
      page.evaluate(() =>
        Number(document.querySelector('#metrics td.number:nth-of-type(4)')?.textContent.replace(/\D/g, ''))
      )
    await page.waitForFunction(() => document.querySelector('#state')?.textContent === 'Running')
    await stopServiceWorkers(page)
    const before = await rows()
    await page.waitForFunction(
      (least) =>
        Number(document.querySelector('#metrics td.number:nth-of-type(4)')?.textContent.replace(/\D/g, '')) > least,
      before + 300
    )
    expect(await page.textContent('#state')).toBe('Running')
    expect(await page.evaluate(async () => (await fetch('/api/v1/health')).json() as Promise<unknown>)).toMatchObject({
      status: 'ok'
    })
    await page.close()
  })

  it('answers the API from the service worker, offline too', async () => {
    const page = await open()
    await context.setOffline(true)
    const seen = await page.evaluate(async () => {
      const get = async (route: string): Promise<unknown> => (await fetch(`/api/v1/${route}`)).json()
      return {
        health: await get('health'),
        capabilities: await get('capabilities'),
        nodes: await get('nodes'),
        missing: (await fetch('/api/v1/elsewhere')).status
      }
    })
    await context.setOffline(false)
    expect(seen.health).toMatchObject({ status: 'ok', where: 'service worker' })
    const { supportedNodeTypes } = seen.capabilities as { supportedNodeTypes: string[] }
    expect(supportedNodeTypes).toContain('files/csv-read')
    expect(supportedNodeTypes).not.toContain('http/webhook')
    const { nodes } = seen.nodes as { nodes: { id: string }[] }
    expect(new Set(nodes.map((node) => node.id))).toEqual(new Set(supportedNodeTypes))
    expect(seen.missing).toBe(404)
    await page.close()
  })

  it('refuses what is no route, no run or no parameter with problem details', async () => {
    const page = await open()
    const seen = await page.evaluate(async () => {
      const ask = async (route: string, method = 'GET'): Promise<unknown[]> => {
        const response = await fetch(`/api/v1${route}`, { method })
        const { code } = (await response.json()) as { code: string }
        return [response.status, response.headers.get('content-type')?.split(';')[0], code]
      }
      const wrong = ['', '/', '/runs/nix', '/runs/%ff', '/runs?x=1', '/runs/nix/events?x=1']
      return { asked: await Promise.all(wrong.map((route) => ask(route))), stopped: await ask('/runs/nix', 'DELETE') }
    })
    const problem = 'application/problem+json'
    expect(seen.asked).toEqual([
      [404, problem, 'api.not_found'],
      [404, problem, 'api.not_found'],
      [404, problem, 'run.none'],
      [404, problem, 'run.none'],
      [400, problem, 'api.query'],
      [400, problem, 'api.query']
    ])
    expect(seen.stopped).toEqual([404, problem, 'run.none'])
    await page.close()
  })

  it('executes a short flow as numbered events, and tells those again that a reader has missed', async () => {
    const page = await open()
    const flow = flowOf(
      [counting(250), { id: 'odd', typeId: 'logic/filter', settings: { condition: 'row.id % 2 == 1' } }],
      [['count', 'odd']]
    )
    const { text, id, type } = await page.evaluate(async (body) => {
      const response = await fetch('/api/v1/execute', {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' }
      })
      const { headers } = response
      return { text: await response.text(), id: headers.get('x-execution-id'), type: headers.get('content-type') }
    }, flow)
    const events = eventsIn(text)
    expect(type).toBe('text/event-stream')
    expect(events.map((event) => event.id)).toEqual(events.map((_, i) => i + 1))
    const rows = events
      .filter((event) => event.event === 'node-output')
      .flatMap((event) => event.data.data as unknown[])
    expect(rows).toHaveLength(125)
    expect(events.at(-1)).toMatchObject({ event: 'execution-update', data: { data: { status: 'done' } } })

    const again = await page.evaluate(async (execution) => {
      const route = `/api/v1/executions/${execution ?? ''}/events`
      const missed = await fetch(route, { headers: { 'last-event-id': '2' } })
      const unknown = await fetch(route, { headers: { 'last-event-id': '9000' } })
      return { missed: await missed.text(), unknown: unknown.status }
    }, id)
    expect(eventsIn(again.missed)).toEqual(events.slice(2))
    expect(again.unknown).toBe(410)
    await page.close()
  })

  it('keeps flows in the database of the browser, for every tab and beyond the life of the service worker', async () => {
    const page = await open()
    const flow = { ...flowOf([counting(3)], []), id: 'kept-here' }
    const made = await page.evaluate(async (body) => {
      const headers = { 'content-type': 'application/json' }
      const response = await fetch('/api/v1/flows', { method: 'POST', body: JSON.stringify(body), headers })
      return { status: response.status, tag: response.headers.get('etag') }
    }, flow)
    expect(made.status).toBe(201)
    await stopServiceWorkers(page)
    const other = await open()
    const seen = await other.evaluate(async (tag) => {
      const body: unknown = await (await fetch('/api/v1/flows/kept-here')).json()
      const stale = await fetch('/api/v1/flows/kept-here', { method: 'DELETE', headers: { 'if-match': '"0"' } })
      const gone = await fetch('/api/v1/flows/kept-here', { method: 'DELETE', headers: { 'if-match': tag ?? '' } })
      const binned: unknown = await (await fetch('/api/v1/flows?bin=true')).json()
      return { body, stale: stale.status, gone: gone.status, binned }
    }, made.tag)
    expect(seen.body).toMatchObject({ id: 'kept-here', document: { nodes: [{ id: 'count' }] } })
    expect([seen.stale, seen.gone]).toEqual([412, 200])
    expect(seen.binned).toMatchObject({ flows: [{ id: 'kept-here' }] })
    await page.close()
    await other.close()
  })

  it('lists the runs of every tab, and stops one from another', async () => {
    const [owner, other] = [await open(), await open()]
    await owner.click('[data-example=sine]')
    await owner.waitForFunction(() => document.querySelector('#state')?.textContent === 'Running')
    await stopServiceWorkers(other)
    const list = (): Promise<{ runs: { id: string; flow: string }[] }> =>
      other.evaluate(
        async () => (await fetch('/api/v1/runs')).json() as Promise<{ runs: { id: string; flow: string }[] }>
      )
    const { runs } = await list()
    expect(runs).toMatchObject([{ flow: 'sine' }])
    await other.evaluate(async (id) => fetch(`/api/v1/runs/${id}`, { method: 'DELETE' }), runs[0]?.id ?? '')
    await owner.waitForFunction(() => document.querySelector('#state')?.textContent === 'the run was stopped')
    expect(await list()).toEqual({ runs: [] })
    await owner.close()
    await other.close()
  })

  it('refuses documents with all their problems, and cuts what goes on for more than 20 seconds', async () => {
    const page = await open()
    const post = (body: unknown): Promise<{ status: number; text: string }> =>
      page.evaluate(async (value) => {
        const response = await fetch('/api/v1/execute', {
          method: 'POST',
          body: JSON.stringify(value),
          headers: { 'content-type': 'application/json' }
        })
        return { status: response.status, text: await response.text() }
      }, body)
    const bad = await post(flowOf([{ id: 'x', typeId: 'logic/flter' }, counting(1)], [['count', 'nobody']]))
    expect(bad.status).toBe(422)
    expect((JSON.parse(bad.text) as { problems: unknown[] }).problems.length).toBeGreaterThanOrEqual(2)
    expect((await post({ hello: 1 })).status).toBe(400)
    const long = await post(flowOf([counting(1_000_000, { rate: 20 })], []))
    const events = eventsIn(long.text)
    expect(events.find((event) => event.event === 'error')?.data.data).toMatchObject({ code: 'run.too_long_here' })
    expect(events.at(-1)?.data.data).toMatchObject({ status: 'cut' })
    await page.close()
  })

  it('keeps the old version while a tab of it is open, and then takes the new one', async () => {
    const page = await open()
    await page.click('[data-example=sine]')
    await page.waitForFunction(() => document.querySelector('#state')?.textContent === 'Running')
    await buildDemo(folder, { mark: 'second' })
    await page.evaluate(async () => (await navigator.serviceWorker.ready).update())
    await page.waitForSelector('[data-fact=update]')
    expect(await page.textContent('#state')).toBe('Running')
    await page.close()
    // A reload does not do: the old page is still there when the new one begins.
    await expect
      .poll(
        async () => {
          const next = await context.newPage()
          await next.goto(site.url)
          const mark = await next.getAttribute('body', 'data-mark')
          await next.close()
          return mark
        },
        { timeout: 60_000, interval: 500 }
      )
      .toBe('second')
    expect(complaints).toEqual([])
  })
})
