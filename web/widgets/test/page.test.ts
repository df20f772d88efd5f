// Widgets in a real page, under a strict Content-Security-Policy; pictures go to build/widgets.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasBrowser, picturePath, startBrowser } from './page/browser.ts'
import type { Scenes } from './page/scene.tsx'
import { servePage, type PageServer } from './page/server.ts'

declare const scenes: Scenes

describe.skipIf(!hasBrowser)('widgets in a page', () => {
  let browser: Browser
  let server: PageServer
  let page: Page
  const complaints: string[] = []

  beforeAll(async () => {
    server = await servePage()
    browser = await startBrowser()
    page = await browser.newPage({
      viewport: { width: 1200, height: 1000 },
      timezoneId: 'Europe/Berlin',
      locale: 'en-GB'
    })
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(`${message.text()} ${message.location().url}`)
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
    await page.goto(server.url)
    await page.waitForFunction(() => 'scenes' in window)
  }, 120_000)

  afterAll(async () => {
    await browser.close()
    await server.close()
  })

  async function picture(name: string): Promise<void> {
    for (const theme of ['dark', 'light']) {
      await page.evaluate((one) => {
        document.documentElement.dataset.theme = one
      }, theme)
      await page.waitForTimeout(100)
      await page.screenshot({ path: picturePath(`${name}-${theme}.png`), fullPage: true })
    }
  }

  it('are drawn, each of them', async () => {
    await page.evaluate(() => scenes.gallery())
    await picture('gallery')
  })

  it('say why they are empty', async () => {
    await page.evaluate(() => scenes.states())
    await picture('states')
  })

  it('draw 800,000 points by WebGL and by Canvas 2D', async () => {
    expect(await page.evaluate(() => scenes.manyPoints('always'))).toBe('webgl')
    await picture('webgl')
    expect(await page.evaluate(() => scenes.manyPoints('never'))).toBe('canvas')
    await picture('canvas')
  })

  it('follow a million rows a second', { timeout: 300_000 }, async () => {
    const figures = await page.evaluate(() =>
      scenes.flood({ rowsPerSecond: 1_000_000, seconds: 5, webgl: 'auto', points: 1_000_000 })
    )
    const over = (times: number[], limit: number): number => times.filter((time) => time > limit).length
    const work = [...figures.work].sort((a, b) => a - b)
    const rate = figures.rows / figures.seconds
    console.log(
      `line chart, ${(rate / 1e6).toFixed(2)} M rows/s for ${figures.seconds.toFixed(1)} s, ${figures.renderer ?? ''}: ` +
        `${(figures.frames.length / figures.seconds).toFixed(1)} frames/s, ${over(figures.frames, 20)} of ${figures.frames.length} frames over 20 ms; ` +
        `work a frame: median ${(work[work.length >> 1] ?? 0).toFixed(1)} ms, p99 ${(work[Math.floor(work.length * 0.99)] ?? 0).toFixed(1)} ms, most ${(work.at(-1) ?? 0).toFixed(1)} ms`
    )
    expect(figures.rows).toBeGreaterThan(0)
    expect(figures.frames.length).toBeGreaterThan(0)
  })

  it('break no rule of the policy and log no error', () => {
    expect(complaints).toEqual([])
  })
})
