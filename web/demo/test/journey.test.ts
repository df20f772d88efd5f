// A journey over the demo page: nothing that the policy refuses, readable in both themes, narrow and by keyboard.
import type axeCore from 'axe-core'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildDemo } from '../scripts/build.mjs'
import { launch, opened, pathOf, type Site } from './site.ts'

declare const axe: typeof axeCore
declare const violations: string[]

const isBuilt = existsSync(pathOf('../../../build/wasm/weir.wasm')) && existsSync('/usr/bin/chromium')
const TIMEOUT_MS = 180_000
const SHORT = ['revenue-by-region', 'errors-in-logs', 'failed-rows', 'paid-orders']

describe.skipIf(!isBuilt)('A journey over the demo page', { timeout: TIMEOUT_MS }, () => {
  let folder: string
  let site: Site
  let browser: Browser

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-journey-'))
    await buildDemo(folder, { isEndless: true })
    site = await opened(folder, {}, false)
    browser = await launch()
  }, TIMEOUT_MS)

  afterAll(async () => {
    await browser.close()
    site.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Every page collects what its policy refuses, from the first script on. */
  async function open(context: BrowserContext): Promise<Page> {
    const page = await context.newPage()
    page.setDefaultTimeout(120_000)
    await page.addInitScript(() => {
      const found: string[] = []
      Object.assign(globalThis, { violations: found })
      document.addEventListener('securitypolicyviolation', (event) =>
        found.push(`${event.violatedDirective} ${event.blockedURI}`)
      )
      new ReportingObserver((reports) => found.push(...reports.map((report) => report.type ?? '')), {
        buffered: true
      }).observe()
    })
    await page.goto(site.url)
    await page.waitForSelector('[data-fact=engine].good')
    await page.waitForSelector('[data-fact=shell].good')
    return page
  }

  async function run(page: Page, id: string): Promise<void> {
    await page.evaluate(() => document.getElementById('gallery')?.setAttribute('open', ''))
    await page.click(`[data-example=${id}]`)
    await page.waitForSelector('#state:is(.good, .warn, .bad)')
  }

  const overflow = (page: Page): Promise<number> =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

  it.each(['dark', 'light'] as const)('passes axe and breaks no rule of the policy, %s', async (colorScheme) => {
    const context = await browser.newContext({ colorScheme, viewport: { width: 1280, height: 900 } })
    const page = await open(context)
    for (const id of SHORT) {
      await run(page, id)
      await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'))
      const found = await page.evaluate(async () => {
        const results = await axe.run(document)
        return results.violations.map(
          (one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`
        )
      })
      expect(found, id).toEqual([])
      expect(await overflow(page), id).toBe(0)
    }
    expect(await page.evaluate(() => violations)).toEqual([])
    await context.close()
  })

  it('fits a phone, while it runs and when it has ended', async () => {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 }, reducedMotion: 'reduce' })
    const page = await open(context)
    expect(await overflow(page)).toBe(0)
    for (const id of SHORT) {
      await run(page, id)
      expect(await overflow(page), id).toBe(0)
    }
    const moving = await page.evaluate(() => document.getAnimations().length)
    expect(moving).toBe(0)
    await context.close()
  })

  it('does not jump while figures change', async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
    const page = await open(context)
    await page.click('[data-example=fast-line]')
    await page.waitForFunction(() => document.querySelector('#state')?.textContent === 'Running')
    await page.evaluate(() => {
      let sum = 0
      const seen = new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) sum += (entry as PerformanceEntry & { value: number }).value
        document.body.dataset.shift = String(sum)
      })
      document.body.dataset.shift = '0'
      seen.observe({ type: 'layout-shift' })
    })
    const rows = (): Promise<number> =>
      page.evaluate(() => Number(document.querySelector('.figure.rows dd')?.textContent.replace(/\D/g, '')))
    await expect.poll(rows, { timeout: 60_000 }).toBeGreaterThan(2_000_000)
    expect(Number(await page.evaluate(() => document.body.dataset.shift))).toBeLessThan(0.01)
    expect(await page.evaluate(() => violations)).toEqual([])
    await context.close()
  })

  it('is worked by keyboard: an example, its tabs, its end', async () => {
    const context = await browser.newContext()
    const page = await open(context)
    await page.focus('[data-example=failed-rows]')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#state.warn')
    expect(await page.getAttribute('#tab-aside', 'aria-selected')).toBe('true')
    await page.focus('#tab-aside')
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('tab-files')
    expect(await page.isVisible('#panel-files')).toBe(true)
    await page.keyboard.press('Home')
    expect(await page.isVisible('#metrics')).toBe(true)
    await context.close()
  })

  it('exports what is stored and takes it in again', async () => {
    const context = await browser.newContext({ acceptDownloads: true })
    const page = await open(context)
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('text=Export all')])
    const path = join(folder, '..', `weir-export-${process.pid}.zip`)
    await download.saveAs(path)
    expect(download.suggestedFilename()).toMatch(/^weir-export-.*\.zip$/)
    await page.setInputFiles('#import', path)
    await page.waitForFunction(() => document.querySelector('.answer')?.textContent.startsWith('✓ Taken in'))
    rmSync(path)
    await context.close()
  })

  it('takes a new version when asked for, after the run that goes on', async () => {
    const context = await browser.newContext()
    const page = await open(context)
    await page.click('[data-example=sine]')
    await page.waitForFunction(() => document.querySelector('#state')?.textContent === 'Running')
    await buildDemo(folder, { mark: 'next' })
    await page.evaluate(async () => (await navigator.serviceWorker.ready).update())
    await page.click('#update button')
    await page.waitForFunction(() => document.querySelector('#update')?.textContent.includes('after the run'))
    expect(await page.textContent('#state')).toBe('Running')
    await page.click('.button.stop')
    await page.waitForFunction(() => document.body.dataset.mark === 'next')
    await page.waitForSelector('[data-fact=engine].good')
    await context.close()
  })
})
