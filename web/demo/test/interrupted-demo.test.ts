// The demo page offers to go on with a run that lost its page, and shows the runs of other tabs.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildDemo } from '../scripts/build.mjs'
import { launch, opened, pathOf, type Site } from './site.ts'

const TIMEOUT_MS = 180_000
const ROWS = 400_000
const isBuilt = existsSync(pathOf('../../../build/wasm/weir.wasm')) && existsSync('/usr/bin/chromium')

describe.skipIf(!isBuilt)('The demo page and runs that lost their page', { timeout: TIMEOUT_MS }, () => {
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
    // The picker of folders gives one of the private file system: nobody is there to choose.
    await context.addInitScript(() => {
      Object.assign(globalThis, {
        showDirectoryPicker: async () => (await navigator.storage.getDirectory()).getDirectoryHandle('given')
      })
    })
  }, TIMEOUT_MS)

  afterAll(async () => {
    await browser.close()
    site.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function open(): Promise<Page> {
    const page = await context.newPage()
    page.on('dialog', (dialog) => void dialog.accept())
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.goto(site.url)
    await page.waitForSelector('[data-fact=shell].good')
    await page.waitForSelector('[data-fact=engine].good')
    return page
  }

  const state = (page: Page, begins: string): Promise<unknown> =>
    page.waitForFunction((text) => document.querySelector('#state')?.textContent.startsWith(text) === true, begins, {
      timeout: 60_000
    })

  /** Starts the run over the folder, and comes back while it goes on. */
  async function begin(page: Page): Promise<void> {
    await page.click('#folder', { force: true })
    await page.click('text=Run over the files')
    await page.waitForFunction(() => document.querySelector('#keeping')?.textContent.startsWith('A reload') === true)
  }

  it('go on at a click, with the result of a run that nobody disturbed', async () => {
    const page = await open()
    await page.evaluate(async (rows) => {
      const given = await (await navigator.storage.getDirectory()).getDirectoryHandle('given', { create: true })
      const writable = await (await given.getFileHandle('a.csv', { create: true })).createWritable()
      const note = 'y'.repeat(400)
      await writable.write('city,amount,note\n')
      for (let row = 0; row < rows; row += 1000) {
        const lines = Array.from({ length: 1000 }, (_, i) => `${(row + i) % 2 === 0 ? 'Ulm' : 'Bonn'},2,${note}\n`)
        await writable.write(lines.join(''))
      }
      await writable.close()
    }, ROWS)
    await begin(page)
    await page.reload()
    await page.waitForSelector('[data-interrupted]')
    const notice = (await page.textContent('[data-interrupted]')) ?? ''
    expect(notice).toContain('“Sums of your tables” was interrupted')
    await page.click('[data-interrupted] >> text=Continue')
    await state(page, 'Done')
    expect(await page.textContent('#stage')).toContain(`Bonn,${ROWS / 2},${ROWS}`)
    await page.waitForFunction(() => document.querySelector('[data-interrupted]') === null)
    // In the history it is one run.
    await page.waitForSelector('#recent-runs [data-outcome=done]')
    expect(await page.$$('#recent-runs li')).toHaveLength(1)

    await begin(page)
    await page.reload()
    await page.waitForSelector('[data-interrupted]')
    await page.click('[data-interrupted] >> text=Discard')
    await page.waitForFunction(() => document.querySelector('[data-interrupted]') === null)
    await page.close()
    expect(complaints).toEqual([])
  })

  it('are watched and stopped from another tab', async () => {
    const [owner, other] = [await open(), await open()]
    await owner.click('[data-example=sine]')
    await state(owner, 'Running')
    expect(await owner.textContent('#keeping')).toContain('If this page is closed, the run is lost')
    await other.waitForSelector('[data-elsewhere]')
    await other.click('[data-elsewhere] >> text=Watch')
    await other.waitForFunction(() =>
      /[1-9].* rows so far/.test(document.querySelector('[data-elsewhere]')?.textContent ?? '')
    )
    await other.click('[data-elsewhere] >> text=Stop')
    await other.waitForFunction(() => document.querySelector('[data-elsewhere]') === null)
    await state(owner, 'the run was stopped')
    await owner.close()
    await other.close()
    expect(complaints).toEqual([])
  })
})
