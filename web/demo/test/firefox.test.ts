// A smoke journey in Debian's Firefox, over WebDriver BiDi: an example runs, its rows are seen, and it is there offline.
import { existsSync, mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import puppeteer, { type Browser, type ElementHandle, type Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildDemo } from '../scripts/build.mjs'
import { opened, pathOf, type Site } from './site.ts'

const FIREFOX = '/usr/bin/firefox-esr'
const isBuilt = existsSync(pathOf('../../../build/wasm/weir.wasm')) && existsSync(FIREFOX)
const TIMEOUT_MS = 240_000

describe.skipIf(!isBuilt)('The demo page in Firefox', { timeout: TIMEOUT_MS }, () => {
  let folder: string
  let site: Site
  let browser: Browser
  let page: Page
  const complaints: string[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-firefox-'))
    await buildDemo(join(folder, 'site'))
    site = await opened(join(folder, 'site'), {}, false)
    browser = await puppeteer.launch({ browser: 'firefox', executablePath: FIREFOX, headless: true, timeout: 120_000 })
    page = await browser.newPage()
    page.setDefaultTimeout(TIMEOUT_MS / 2)
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
  }, TIMEOUT_MS)

  afterAll(async () => {
    await browser.close()
    site.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function ready(): Promise<void> {
    await page.waitForSelector('[data-fact=shell].good')
    await page.waitForSelector('[data-fact=engine].good')
  }

  /** Runs an example to its end. */
  async function run(example: string): Promise<string> {
    await page.evaluate((id) => {
      document.querySelector<HTMLElement>(`[data-example=${id}]`)?.click()
    }, example)
    await page.waitForFunction(
      (id) =>
        document.querySelector('#stage h2')?.textContent ===
          document.querySelector(`[data-example=${id}]`)?.firstChild?.textContent &&
        document.querySelector('#state:is(.good, .warn, .bad)') !== null,
      {},
      example
    )
    expect(await page.$eval('#state', (state) => state.textContent)).toMatch(/^Done/)
    return page.$eval('#stage', (stage) => stage.textContent)
  }

  it('runs examples in the tab, whose rows are seen in the widgets', async () => {
    await page.goto(site.url)
    await ready()
    expect(await run('paid-orders')).toContain('Written: out/paid.csv')
    expect(await run('sensor-minutes')).toContain('attic')
  })

  it('reads a folder that was chosen, in place', async () => {
    const given = join(folder, 'given')
    mkdirSync(given)
    writeFileSync(join(given, 'a.csv'), 'city,amount\nUlm,2\nBonn,3\n')
    writeFileSync(join(given, 'b.csv'), 'city,amount\nUlm,5\n')
    const input = (await page.$('#files')) as ElementHandle<HTMLInputElement> | null
    await input?.uploadFile(join(given, 'a.csv'), join(given, 'b.csv'))
    await page.waitForFunction(() =>
      [...document.querySelectorAll('button')].some((one) => one.textContent === 'Run over the files')
    )
    await page.evaluate(() => {
      ;[...document.querySelectorAll('button')].find((one) => one.textContent === 'Run over the files')?.click()
    })
    await page.waitForFunction(() => document.querySelector('#state')?.textContent.startsWith('Done'))
    expect(await page.$eval('#stage', (stage) => stage.textContent)).toContain('city,rows,sum\nUlm,2,7\nBonn,1,3\n')
  })

  it('is there again after a reload without any network', async () => {
    await page.goto(site.url)
    await ready()
    const goneFor = await site.goAway()
    await page.reload()
    await ready()
    expect(await run('revenue-by-region')).toContain('Written: out/revenue.csv')
    await goneFor.comeBack()
  })

  it('was without errors', () => {
    expect(complaints).toEqual([])
  })
})
