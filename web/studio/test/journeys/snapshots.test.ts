// Pictures of the main pages beside those in test/snapshots, in both themes. WEIR_WRITE_SNAPSHOTS=1 renews them.
import { afterAll, beforeAll, describe, it } from 'vitest'
import type { Page } from 'playwright-core'
import { expectPicture } from './compare-pictures.ts'
import { edge, node, openFlow, ordersFlow, pageOf, SAVED, startSite, type Site } from './site.ts'
import { publish, sharesFlow, signIn, whyNot, world, type World } from './world.ts'

const reason = whyNot()
if (reason !== '') console.warn(`snapshots are not compared: ${reason}`)
const SIZE = { width: 1120, height: 700 }
const PHONE = { width: 390, height: 800 }

/** The same page in each theme, compared. */
async function inThemes(page: Page, name: string, themes: readonly string[] = ['dark', 'light']): Promise<void> {
  for (const theme of themes) {
    await page.emulateMedia({
      colorScheme: theme === 'light' ? 'light' : 'dark',
      contrast: theme === 'contrast' ? 'more' : 'no-preference',
      reducedMotion: 'reduce'
    })
    await page.waitForFunction((wanted) => document.documentElement.dataset.theme === wanted, theme)
    await expectPicture(page, `${name}-${theme}`)
  }
}

async function run(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Run/ }).first().click()
  await page.getByText('Test of draft').first().waitFor()
}

async function ended(page: Page): Promise<void> {
  await run(page)
  await page.getByRole('tab', { name: 'Result', selected: true }).waitFor()
  await page.getByRole('button', { name: /^Run/ }).first().waitFor()
}

/** Chooses a node by its name, as somebody would who cannot see the canvas. */
async function choose(page: Page, name: string): Promise<void> {
  const outline = page.getByRole('button', { name: 'Outline', exact: true, pressed: false })
  await outline.first().click()
  await page
    .getByRole('treeitem', { name: new RegExp(`^${name}`) })
    .first()
    .click()
  await page.getByRole('button', { name: 'Outline', exact: true, pressed: true }).first().click()
}

/** `count` nodes in rows, each row a chain. */
function manyFlow(count: number, columns: number): { id: string; [part: string]: unknown } {
  const at = (i: number) => [(i % columns) * 260, Math.floor(i / columns) * 130] as const
  const nodes = Array.from({ length: count }, (_, i) =>
    i % columns === 0
      ? node(`n${i}`, 'generate/pattern', { rows: 10 }, ...at(i), { name: `Orders ${i}` })
      : node(`n${i}`, 'logic/filter', { condition: 'row.id > 1' }, ...at(i), { name: `Step ${i}` })
  )
  const edges = Array.from({ length: count }, (_, i) => i)
    .filter((i) => i % columns > 0)
    .map((i) => edge(`e${i}`, i % columns === 1 ? `n${i - 1}` : `n${i - 1}.match`, `n${i}`))
  return { id: `many-${count}`, version: '1.0.0', nodes, edges }
}

/** Until the canvas is at so many percent. */
async function zoomTo(page: Page, percent: number): Promise<void> {
  const now = async (): Promise<number> => Number(/(\d+) %/.exec(await page.locator('footer').innerText())?.[1])
  await page.mouse.move(420, 200)
  await page.keyboard.down('Control')
  for (let i = 0; i < 60 && (await now()) !== percent; ++i) {
    await page.mouse.wheel(0, Math.sign((await now()) - percent) * 12)
    await page.waitForTimeout(60)
  }
  await page.keyboard.up('Control')
}

describe.skipIf(reason !== '')('without a server', { timeout: 600_000 }, () => {
  let site: Site
  beforeAll(async () => {
    site = await startSite()
  })
  afterAll(async () => {
    await site.end()
  })

  async function opened(document: { id: string; [part: string]: unknown }, size = SIZE): Promise<Page> {
    const page = await site.page(size)
    await page.clock.setFixedTime('2026-03-04T11:20:07Z')
    await openFlow(page, site.url, document)
    await page.getByText('Offline ready').waitFor({ state: 'attached' })
    return page
  }

  it('the start page with its drop zone', async () => {
    const page = await site.page(SIZE)
    await page.goto(site.url)
    await page.getByRole('button', { name: 'Choose a folder…' }).waitFor()
    await inThemes(page, 'start', ['dark', 'light', 'contrast'])
    await page.setViewportSize(PHONE)
    await inThemes(page, 'start-phone')
    await page.context().close()
  })

  it('a finished run', async () => {
    const page = await opened(ordersFlow())
    await ended(page)
    await page.getByText('done, nothing lost').waitFor()
    await page.getByText('500 rows in').waitFor()
    await inThemes(page, 'finished', ['dark', 'light', 'contrast'])
    await page.setViewportSize(PHONE)
    await inThemes(page, 'finished-phone')
    await page.context().close()
  })

  it('a failed run with its first cause', async () => {
    const flow = ordersFlow()
    const nodes = (flow.nodes as { id: string }[]).map((one) =>
      one.id === 'orders'
        ? node('orders', 'files/csv-read', { path: 'orders/2026.csv' }, 0, 80, { name: 'Orders' })
        : one
    )
    const page = await opened({ ...flow, nodes })
    await ended(page)
    await page.getByText('failed').first().waitFor()
    await inThemes(page, 'failed')
    await page.context().close()
  })

  it('the permission for a folder that is needed again', async () => {
    const flow = ordersFlow()
    const nodes = (flow.nodes as { id: string }[]).map((one) =>
      one.id === 'orders'
        ? node('orders', 'files/csv-read', { path: 'orders:**/*.csv' }, 0, 80, { name: 'Orders' })
        : one
    )
    const page = await site.page(SIZE)
    await page.addInitScript(() => {
      Object.assign(FileSystemHandle.prototype, { queryPermission: () => Promise.resolve('prompt') })
    })
    await page.goto(site.url)
    await page.evaluate(async () => {
      const handle = await (await navigator.storage.getDirectory()).getDirectoryHandle('orders', { create: true })
      await new Promise((resolve, reject) => {
        const request = indexedDB.open('weir-folders', 1)
        request.onupgradeneeded = () => request.result.createObjectStore('folders', { keyPath: 'name' })
        request.onerror = reject
        request.onsuccess = () => {
          const change = request.result.transaction('folders', 'readwrite')
          change.objectStore('folders').put({ name: 'orders', handle })
          change.oncomplete = () => {
            request.result.close()
            resolve(undefined)
          }
        }
      })
    })
    await openFlow(page, site.url, { ...flow, nodes })
    await page.getByRole('button', { name: 'Allow orders again' }).waitFor()
    await page.getByText('Offline ready').waitFor()
    await inThemes(page, 'folder')
    await page.context().close()
  })

  it('a run that is paused at a breakpoint, with the row open', async () => {
    // Slow enough that the breakpoint is there before its first row.
    const page = await opened(ordersFlow({ rate: 25 }))
    await choose(page, 'Net price')
    await page.getByRole('button', { name: /^Breakpoint/ }).click()
    await run(page)
    await page.getByRole('heading', { name: 'Row held' }).waitFor()
    await inThemes(page, 'held')
    await page.context().close()
  })

  it('200 nodes at 40 %, 5,000 at 10 %', async () => {
    for (const [count, columns, percent] of [
      [200, 10, 40],
      [5000, 50, 10]
    ] as const) {
      const page = await opened(manyFlow(count, columns))
      await zoomTo(page, percent)
      await inThemes(page, `nodes-${count}`)
      await page.context().close()
    }
  })

  it('a flood of 10,000 errors, by cause', async () => {
    const net = 'row.id % 3 == 0 ? 100 / (row.id - row.id) : int(row.region)'
    const page = await opened({ ...ordersFlow({ rows: 14_000, net }), config: { maxErrors: 20_000 } })
    await ended(page)
    await page.getByRole('tab', { name: /^Set aside/ }).click()
    await page.getByText(/rows/).first().waitFor()
    await inThemes(page, 'flood')
    await page.context().close()
  })

  it('names of 80 characters', async () => {
    const flow = ordersFlow()
    const nodes = (flow.nodes as { name: string }[]).map((one) => ({
      ...one,
      name: `${one.name} of all the regions and months that were ever reported to the head office`.slice(0, 80)
    }))
    const page = await opened({
      ...flow,
      id: 'revenue-by-region-and-month-of-all-the-orders-that-were-ever-paid-by-someone-here',
      nodes
    })
    await choose(page, 'Net price')
    await inThemes(page, 'long-names')
    await page.context().close()
  })
})

describe.skipIf(reason !== '')('with a server', { timeout: 600_000 }, () => {
  let here: World
  beforeAll(async () => {
    here = await world({ base: '/weir/' })
    await publish(here.api, sharesFlow())
    await here.api.ask('POST', '/flows', { ...ordersFlow(), id: 'away' })
  })
  afterAll(async () => {
    await here.end()
  })

  async function opened(flow: string): Promise<Page> {
    const page = await pageOf(here.browser, SIZE)
    await signIn(page, here.url, 'root')
    await page.goto(`${here.url}#/flows/${flow}/edit`)
    await page.getByText(SAVED).waitFor()
    await page.getByRole('button', { name: /^Run/ }).first().waitFor()
    return page
  }

  async function describeFlow(page: Page, words: string): Promise<void> {
    await page.getByRole('button', { name: /^More about/ }).click()
    await page.getByRole('menuitem', { name: 'About this flow…' }).click()
    await page.getByLabel('What it does').fill(words)
    await page.getByRole('button', { name: 'Keep', exact: true }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  }

  it('a server that is gone while work goes on', async () => {
    const page = await opened('away')
    await page.route('**/api/v1/flows/away**', (route) => route.abort())
    await describeFlow(page, 'Made without a server')
    await page.getByText('Work goes on in this browser').waitFor()
    await inThemes(page, 'server-gone')
    await page.context().close()
  })

  it('a draft that is newer than the version that runs', async () => {
    const page = await opened('shares')
    await page
      .getByRole('radio', { name: 'Server' })
      .or(page.getByRole('button', { name: 'Server', exact: true }))
      .first()
      .click()
    await here.api.ended('shares')
    await describeFlow(page, 'Not yet published')
    await page.getByText(SAVED).waitFor()
    await page.getByRole('button', { name: 'Publish…' }).click()
    await page.getByRole('region', { name: 'What differs' }).waitFor()
    await inThemes(page, 'stale-draft')
    await page.context().close()
  })
})
