// How widgets behave in a real page over time: hidden tabs, slow readers, many runs, frames that misbehave.
import type { Browser, CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasBrowser, startBrowser } from './page/browser.ts'
import type { HiddenFigures } from './page/behaviour-scenes.ts'
import type { Scenes } from './page/scene.tsx'
import { hasModule, servePage, type PageServer } from './page/server.ts'

declare const scenes: Scenes

describe.skipIf(!hasBrowser || !hasModule)('widgets over time', { timeout: 180_000 }, () => {
  let browser: Browser
  let server: PageServer
  let page: Page
  let session: CDPSession
  const complaints: string[] = []

  beforeAll(async () => {
    server = await servePage()
    browser = await startBrowser()
    page = await browser.newPage({ viewport: { width: 1000, height: 800 } })
    page.setDefaultTimeout(120_000)
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
    session = await page.context().newCDPSession(page)
    await page.goto(server.url)
    await page.waitForFunction(() => 'scenes' in window)
  }, 120_000)

  afterAll(async () => {
    await browser.close()
    await server.close()
  })

  const figures = (): Promise<HiddenFigures> => page.evaluate(() => scenes.figures())

  /** As a browser tells a tab that another is in front of it; headless it never does so itself. */
  async function setHidden(hidden: boolean): Promise<void> {
    await page.evaluate((isHidden) => {
      Object.defineProperty(document, 'visibilityState', {
        configurable: true,
        get: () => (isHidden ? 'hidden' : 'visible')
      })
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => isHidden })
      document.dispatchEvent(new Event('visibilitychange'))
    }, hidden)
  }

  /** Bytes of JavaScript objects and buffers that are still held. */
  async function heapBytes(): Promise<number> {
    await session.send('HeapProfiler.collectGarbage')
    const { usedSize, backingStorageSize = 0 } = (await session.send('Runtime.getHeapUsage')) as {
      usedSize: number
      backingStorageSize?: number
    }
    return usedSize + backingStorageSize
  }

  const MB = 1 << 20

  it('slow the flow in a hidden tab, and go on when it is seen', async () => {
    await page.evaluate(() => scenes.startEndless('slow'))
    await expect.poll(async () => (await figures()).rows).toBeGreaterThan(200_000)
    await setHidden(true)
    await page.waitForTimeout(1500)
    const before = await figures()
    const heap = await heapBytes()
    await page.waitForTimeout(4000)
    const after = await figures()
    // One batch a second, and what was on its way.
    expect(after.rows - before.rows).toBeLessThanOrEqual(8 * 16_384)
    expect(after.given - before.given).toBeLessThan(2_000_000)
    expect((await heapBytes()) - heap).toBeLessThan(10 * MB)
    expect(after.shed).toBe(0)
    await setHidden(false)
    await expect.poll(async () => (await figures()).rows, { timeout: 60_000 }).toBeGreaterThan(after.rows + 500_000)
    expect((await figures()).drawnFrames).toBeGreaterThan(after.drawnFrames)
    expect(await page.evaluate(() => scenes.stopEndless())).toBe('cancelled')
  })

  it('shed in a hidden tab by policy: the flow goes on, all is counted, nothing grows', async () => {
    await page.evaluate(() => scenes.startEndless('shed'))
    await expect.poll(async () => (await figures()).rows).toBeGreaterThan(200_000)
    await setHidden(true)
    const before = await figures()
    const heap = await heapBytes()
    await expect.poll(async () => (await figures()).shed, { timeout: 60_000 }).toBeGreaterThan(3_000_000)
    expect((await heapBytes()) - heap).toBeLessThan(10 * MB)
    const after = await figures()
    expect(after.rows - before.rows).toBeGreaterThanOrEqual(after.shed - before.shed - 16_384)
    await setHidden(false)
    await expect.poll(async () => (await figures()).drawnFrames).toBeGreaterThan(after.drawnFrames)
    await page.waitForFunction(() => document.querySelector('.weir-lost')?.textContent.includes('without being shown'))
    const told = await figures()
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)))
    expect((await figures()).shed).toBe(told.shed)
    await page.evaluate(() => scenes.stopEndless())
  })

  it('that read slowly slow the source, in bounded memory', async () => {
    const heap = await heapBytes()
    const seen = await page.evaluate(() => scenes.slowReader(50, 4000))
    expect(seen.read).toBeGreaterThan(0)
    // What lies between: the window of the page, of the worker and of the port.
    expect(seen.given - seen.read).toBeLessThan(500_000)
    expect((await heapBytes()) - heap).toBeLessThan(20 * MB)
  })

  it('are drawn once a frame at most, however many batches come', async () => {
    const seen = await page.evaluate(() => scenes.drawsPerFrame(60))
    expect(seen.batches).toBeGreaterThan(0)
    expect(seen.draws).toBeGreaterThan(0)
    expect(seen.draws).toBeLessThanOrEqual(seen.frames + 1)
  })

  it('leave nothing behind after 200 runs', { timeout: 600_000 }, async () => {
    await page.evaluate(() => scenes.manyRuns(20))
    const before = await page.evaluate(() => scenes.manyRuns(1))
    const heap = await heapBytes()
    const { metrics: early } = await session
      .send('Performance.enable')
      .then(() => session.send('Performance.getMetrics'))
    const after = await page.evaluate(() => scenes.manyRuns(200))
    expect(after).toEqual(before)
    expect((await heapBytes()) - heap).toBeLessThan(6 * MB)
    const { metrics: late } = await session.send('Performance.getMetrics')
    const figure = (list: { name: string; value: number }[], name: string): number =>
      list.find((one) => one.name === name)?.value ?? NaN
    for (const name of ['Nodes', 'JSEventListeners']) {
      expect(figure(late, name) - figure(early, name), name).toBeLessThan(40)
    }
  })

  it('of other packages that flood the page with messages are closed, in words', async () => {
    const shown = await page.evaluate(() => scenes.foreign('floods', 20))
    expect(shown).toMatchObject({ status: 'failed' })
    expect(shown.text).toContain('floods the page with messages')
  })

  it('of other packages that load themselves again and again are closed, in words', async () => {
    const shown = await page.evaluate(() => scenes.foreign('reloads', 3))
    expect(shown).toMatchObject({ status: 'failed' })
    expect(shown.text).toContain('loads itself again and again')
  })

  it('break no rule of the policy and log no error', () => {
    expect(complaints).toEqual([])
  })
})
