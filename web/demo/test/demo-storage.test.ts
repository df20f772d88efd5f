// The demo page keeps the history of its runs, and says what is wrong with what it stores.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildDemo } from '../scripts/build.mjs'
import { launch, opened, pathOf, type Site } from './site.ts'

const TIMEOUT_MS = 180_000
const isBuilt = existsSync(pathOf('../../../build/wasm/weir.wasm')) && existsSync('/usr/bin/chromium')

describe.skipIf(!isBuilt)('The demo page and what it stores', { timeout: TIMEOUT_MS }, () => {
  let folder: string
  let site: Site
  let browser: Browser
  let context: BrowserContext
  let complaints: string[]

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-demo-'))
    await buildDemo(folder, { isEndless: true })
    site = await opened(folder, {}, false)
    browser = await launch()
  }, TIMEOUT_MS)
  afterAll(async () => {
    await browser.close()
    site.close()
    rmSync(folder, { recursive: true, force: true })
  })
  beforeEach(async () => {
    context = await browser.newContext()
    context.setDefaultTimeout(120_000)
    complaints = []
  })
  afterEach(async () => {
    await context.close()
    expect(complaints).toEqual([])
  })

  async function open(): Promise<Page> {
    const page = await context.newPage()
    page.on('dialog', (dialog) => void dialog.accept())
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      if (/Content.Security|Refused|violat/i.test(message.text())) complaints.push(message.text())
    })
    await page.goto(site.url)
    await ready(page)
    return page
  }

  async function ready(page: Page): Promise<void> {
    await page.waitForSelector('[data-fact=shell].good')
    await page.waitForSelector('[data-fact=engine].good')
  }

  /** A page of the site without the app: nothing of it is open. */
  async function bare(): Promise<Page> {
    const page = await context.newPage()
    await page.goto(`${site.url}icon.svg`)
    return page
  }

  it('lists the runs of every tab with how they ended, also after a reload, until they are forgotten', async () => {
    const [page, other] = [await open(), await open()]
    expect(await page.textContent('#recent-runs')).toContain('None yet.')
    await page.click('[data-example=failed-rows]')
    await page.waitForSelector('#recent-runs [data-outcome=done]')
    expect(await page.textContent('#recent-runs li')).toMatch(
      /Failed rows.*Done · \d+ rows · \d+ set aside · [\d.]+ s$/
    )
    // Each run is one of its own, also of the same example.
    await page.click('.run-head >> text=Run')
    await page.waitForFunction(() => document.querySelectorAll('#recent-runs [data-outcome=done]').length === 2)
    await page.click('[data-example=sine]')
    // The other tab is told.
    await other.waitForSelector('#recent-runs [data-outcome=running]')
    await other.reload()
    await ready(other)
    // A run whose tab lives is not called interrupted.
    await other.waitForSelector('#recent-runs [data-outcome=running]')
    await page.reload()
    await page.waitForSelector('#recent-runs [data-outcome=interrupted]')
    expect(await page.textContent('#recent-runs li')).toMatch(/Sine wave.*Interrupted/)
    await page.click('text=Forget them')
    await page.waitForFunction(() => document.querySelector('#recent-runs')?.textContent.includes('None yet.'))
    await other.waitForFunction(() => document.querySelector('#recent-runs li') === null)
  })

  it('measures anew what a run over given files has written, and calls that run by its title', async () => {
    const page = await open()
    const given = join(folder, '..', `weir-given-${process.pid}.csv`)
    writeFileSync(given, 'city,amount\nUlm,2\nBonn,3\n')
    await page.setInputFiles('#files', given)
    await page.click('text=Run over the files')
    await page.waitForSelector('#recent-runs [data-outcome=done]')
    expect(await page.textContent('#recent-runs li')).toContain('Sums of your tables')
    await page.waitForFunction(() => document.querySelector('.parts')?.textContent.includes('written file'))
    await page.reload()
    await page.waitForFunction(() =>
      document.querySelector('#recent-runs li')?.textContent.includes('Sums of your tables')
    )
    rmSync(given)
  })

  it('says which records were damaged until somebody has read it', async () => {
    const page = await open()
    await page.evaluate(async () => {
      const db = await new Promise<IDBDatabase>((done) => {
        const request = indexedDB.open('weir')
        request.onsuccess = () => {
          done(request.result)
        }
      })
      const transaction = db.transaction('flows', 'readwrite')
      transaction.objectStore('flows').put({ id: 'orders', revision: 'no number' })
      await new Promise((done) => (transaction.oncomplete = done))
      db.close()
    })
    await page.reload()
    await page.waitForSelector('#notices [id^=rescue-]')
    expect(await page.textContent('#notices')).toContain('Lost: flow "orders"')
    // What was moved aside is not counted.
    await page.waitForFunction(() => document.querySelector('.parts')?.textContent.includes('1 flow') === false)
    await page.reload()
    await page.click('#notices >> text=Understood')
    await page.waitForFunction(() => document.querySelector('#notices')?.childElementCount === 0)
    await page.reload()
    await page.waitForFunction(() => document.querySelector('#recent-runs')?.textContent.includes('None yet.'))
    expect(await page.$$('#notices .notice')).toEqual([])
  })

  it('tells what the service worker found damaged', async () => {
    const page = await open()
    await page.waitForFunction(() => document.querySelector('#recent-runs')?.textContent.includes('None yet.'))
    const status = await page.evaluate(async () => {
      const settled = (request: IDBOpenDBRequest): Promise<void> =>
        new Promise((done) => {
          request.onsuccess = () => {
            done()
          }
        })
      // Whoever has it open lets go; then there is one that lacks nearly everything.
      await settled(indexedDB.deleteDatabase('weir'))
      const request = indexedDB.open('weir', 2)
      request.onupgradeneeded = () => request.result.createObjectStore('documents')
      await settled(request)
      request.result.close()
      return (await fetch('/api/v1/flows')).status
    })
    expect(status).toBe(200)
    await page.waitForSelector('#notices [id^=rescue-]')
    expect(await page.textContent('#notices')).toContain('the rest is kept as “weir”')
  })

  it('says that a newer page took the storage over, and offers to reload', async () => {
    const page = await open()
    await page.waitForFunction(() => document.querySelector('#recent-runs')?.textContent.includes('None yet.'))
    const newer = await bare()
    await newer.evaluate(
      () =>
        new Promise((done) => {
          const request = indexedDB.open('weir', 99)
          request.onsuccess = () => {
            request.result.close()
            done(undefined)
          }
        })
    )
    await page.waitForSelector('#outdated')
    expect(await page.textContent('#outdated')).toContain('can store nothing any more')
    await page.click('#outdated button')
    // It is this version that was loaded again: what is wrong is said in words.
    await page.waitForSelector('#no-storage')
    expect(await page.textContent('#no-storage')).toContain('newer version of this page')
    // The engine runs all the same.
    await page.click('[data-example=paid-orders]')
    await page.waitForFunction(() => document.querySelector('#state')?.textContent.startsWith('Done') === true)
  })

  it('says that an older page holds the storage, until that one lets go', async () => {
    const older = await bare()
    await older.evaluate(
      () =>
        new Promise((done) => {
          const request = indexedDB.open('weir', 1)
          request.onsuccess = () => {
            done(undefined)
          }
        })
    )
    const page = await context.newPage()
    await page.goto(site.url)
    await page.waitForSelector('#blocked')
    expect(await page.textContent('#blocked')).toContain('Another tab has an older version')
    await older.close()
    await page.waitForFunction(() => document.querySelector('#blocked') === null)
    await page.waitForFunction(() => document.querySelector('#recent-runs')?.textContent.includes('None yet.'))
  })
})
