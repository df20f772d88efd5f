// What a browser or a document may lack: newer and unknown documents, cycles, long names, no TLS, no storage, no service worker, offline.
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  complaints,
  edge,
  findings,
  give,
  INSECURE_HOST,
  node,
  openFlow,
  ordersFlow,
  SAVED,
  startSite,
  type Site
} from './site.ts'
import { whyNoBrowser } from './world.ts'

const reason = whyNoBrowser()
if (reason !== '') console.warn(`journeys of what may be lacking are skipped: ${reason}`)

/** What a browser does whose person allows no site to keep anything. */
function denyStorage(): void {
  const refuse = (): never => {
    throw new DOMException('Access is denied for this document.', 'SecurityError')
  }
  for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get: refuse })
  IDBFactory.prototype.open = refuse
  StorageManager.prototype.getDirectory = () => Promise.reject(new DOMException('denied', 'SecurityError'))
}

async function start(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.getByRole('heading', { name: 'Flows' }).waitFor()
}

/** Runs the flow and waits for its end. */
async function run(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Run/ }).first().click()
  await page.getByText('Test of draft').first().waitFor()
  await page.getByRole('tab', { name: 'Result', selected: true }).waitFor()
  await page.getByText('done, nothing lost').waitFor()
  await page.getByText('500 rows in').waitFor()
}

async function downloaded(page: Page): Promise<string> {
  await page.getByRole('tab', { name: 'Result' }).click()
  const file = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download CSV' }).first().click()
  return readFileSync(await (await file).path(), 'utf8')
}

describe.skipIf(reason !== '')('a document', { timeout: 600_000 }, () => {
  let site: Site
  beforeAll(async () => {
    site = await startSite()
  })
  afterAll(async () => {
    await site.end()
  })

  it('of a newer Weir is shown, not changed, and says so', async () => {
    const page = await site.page()
    const wrong = complaints(page)
    await start(page, site.url)
    await give(page, 'newer.flow.json', { ...ordersFlow(), id: 'newer', version: '99.0.0' })
    await page.getByText('It is shown, and cannot be changed here').first().waitFor()
    await page.getByText('read only').waitFor()
    expect(
      (await page.getByText('Net price').count()) + (await page.getByRole('button', { name: 'Outline' }).count())
    ).toBeGreaterThan(0)
    expect(wrong).toEqual([])
    await page.context().close()
  })

  it('with unknown nodes keeps their settings through changes and a download', async () => {
    const page = await site.page()
    const secret = { colour: 'green', deep: { list: [1, 2, { three: true }] } }
    const flow = ordersFlow()
    const nodes = [...(flow.nodes as object[]), node('odd', 'acme/weigh', secret, 280, 260, { name: 'Weigh' })]
    await openFlow(page, site.url, { ...flow, nodes })
    await page.getByRole('tab', { name: /^Problems/ }).click()
    await page.getByText('acme/weigh').first().waitFor()
    await page.getByRole('button', { name: /^More about/ }).click()
    await page.getByRole('menuitem', { name: 'About this flow…' }).click()
    await page.getByLabel('What it does').fill('Changed')
    await page.getByRole('button', { name: 'Keep', exact: true }).click()
    await page.getByText('not saved yet').waitFor()
    await page.getByText(SAVED).waitFor()
    const file = page.waitForEvent('download')
    await page.getByRole('button', { name: /^More about/ }).click()
    await page.getByRole('menuitem', { name: 'Download' }).click()
    const kept = JSON.parse(readFileSync(await (await file).path(), 'utf8')) as {
      metadata: { description: string }
      nodes: { id: string; settings: unknown }[]
    }
    expect(kept.metadata.description).toBe('Changed')
    expect(kept.nodes.find((one) => one.id === 'odd')?.settings).toEqual(secret)
    await page.context().close()
  })

  it('with a cycle opens, and the cycle is among the problems', async () => {
    const page = await site.page()
    const flow = ordersFlow()
    const edges = [...(flow.edges as object[]), edge('back', 'net', 'columns')]
    await openFlow(page, site.url, { ...flow, edges })
    await page.getByRole('tab', { name: /^Problems/ }).click()
    await page
      .getByText(/cycle|circle|loop/i)
      .first()
      .waitFor()
    await page.context().close()
  })

  it('with very long names keeps the page in its place', async () => {
    const page = await site.page({ width: 1000, height: 700 })
    const long = 'Revenue by region and month '.repeat(40)
    const flow = ordersFlow()
    const nodes = (flow.nodes as { name: string }[]).map((one) => ({ ...one, name: `${long} ${one.name}` }))
    await openFlow(page, site.url, { ...flow, id: 'a'.repeat(120), nodes })
    await page.getByRole('button', { name: /^Run/ }).first().click({ trial: true })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1000)
    expect(await findings(page)).toEqual([])
    await page.context().close()
  })
})

describe.skipIf(reason !== '')('a browser', { timeout: 600_000 }, () => {
  let site: Site
  beforeAll(async () => {
    site = await startSite()
  })
  afterAll(async () => {
    await site.end()
  })

  it('without TLS draws and runs, and says in one sentence what is missing', async () => {
    const page = await site.page()
    const wrong = complaints(page)
    const url = site.url.replace('127.0.0.1', INSECURE_HOST)
    await openFlow(page, url, ordersFlow())
    expect(await page.evaluate(() => window.isSecureContext)).toBe(false)
    await page.getByText('open it by https').waitFor()
    await run(page)
    expect(await downloaded(page)).toContain('region')
    await page.getByRole('button', { name: 'Copy as table' }).first().click()
    await page.getByRole('button', { name: 'Put this away' }).click()
    expect(await page.getByText('open it by https').count()).toBe(0)
    expect(wrong).toEqual([])
    await page.context().close()
  })

  it('that refuses the service worker works, and says so', async () => {
    const page = await site.page()
    await page.addInitScript(() => {
      ServiceWorkerContainer.prototype.register = () =>
        Promise.reject(new DOMException('An SSL certificate error occurred.', 'SecurityError'))
    })
    await start(page, site.url)
    await page.getByText('they do not open offline').waitFor()
    await page.getByRole('button', { name: /^Sine wave/ }).click()
    await page.getByText(SAVED).waitFor()
    await page.context().close()
  })

  it('that denies storage says what to do, and breaks nothing', async () => {
    const page = await site.page()
    const wrong = complaints(page)
    await page.addInitScript(denyStorage)
    await start(page, site.url)
    await page.getByText('allow this site to store data').first().waitFor()
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByLabel('Theme').selectOption('light')
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('light')
    expect(wrong).toEqual([])
    await page.context().close()
  })

  it('goes from nothing to a result without a network', async () => {
    const page = await site.page()
    await start(page, site.url)
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
    site.stop()
    await page.context().setOffline(true)
    await page.reload()
    await page.getByRole('heading', { name: 'Flows' }).waitFor()
    await give(page, 'orders.flow.json', ordersFlow())
    await page.getByText(SAVED).waitFor()
    await page.getByText('Offline', { exact: true }).waitFor()
    await page.getByRole('button', { name: /^More about/ }).click()
    await page.getByRole('menuitem', { name: 'About this flow…' }).click()
    await page.getByLabel('What it does').fill('Drawn on a train')
    await page.getByRole('button', { name: 'Keep', exact: true }).click()
    await run(page)
    const rows = (await downloaded(page)).trim().split('\r\n')
    expect(rows[0]).toContain('region')
    expect(rows.length).toBe(376)
    await page.reload()
    await page.getByText(SAVED).waitFor()
    await page.getByText('Drawn on a train').first().waitFor()
    await page.context().close()
  })
})
