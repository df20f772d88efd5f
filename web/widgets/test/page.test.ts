// Widgets in a real page, under a strict Content-Security-Policy; pictures go to build/widgets.
import type axeCore from 'axe-core'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasBrowser, picturePath, startBrowser } from './page/browser.ts'
import type { Scenes } from './page/scene.tsx'
import { hasModule, servePage, type PageServer } from './page/server.ts'

declare const scenes: Scenes
declare const axe: typeof axeCore

describe.skipIf(!hasBrowser || !hasModule)('widgets in a page', { timeout: 180_000 }, () => {
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
    page.setDefaultTimeout(120_000)
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

  it('are read out and walked through without a mouse', async () => {
    const readout = (): Promise<string | undefined> =>
      page.evaluate(() => document.querySelector('.weir-readout')?.textContent)
    await page.focus('[data-widget=line] canvas[tabindex]')
    await page.keyboard.press('Home')
    await page.waitForFunction(() => document.querySelector('.weir-readout')?.textContent !== '')
    expect(await readout()).toMatch(/^2026-03-04 13:20:00\.000: load [\d.]+, queue [\d.]+, rest [\d.]+$/)
    await page.keyboard.press('End')
    await page.waitForFunction(() => document.querySelector('.weir-readout')?.textContent.includes('13:20:19.990'))
    await page.keyboard.press('Escape')
    await page.waitForFunction(() => document.querySelector('.weir-readout')?.textContent === '')
    // A table that goes along with rows as they come is at its end again with the next ones.
    await expect
      .poll(async () => {
        await page.focus('[data-widget=table] .weir-scroll')
        await page.keyboard.press('Control+Home')
        await page.keyboard.press('Home')
        return page.evaluate(() => document.querySelector('tr[aria-rowindex="2"]:not([hidden])') !== null)
      })
      .toBe(true)
  })

  it('pass the checks of axe in both themes', async () => {
    await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'))
    for (const theme of ['dark', 'light']) {
      const found = await page.evaluate(async (one) => {
        document.documentElement.dataset.theme = one
        const { passes, violations } = await axe.run('#board')
        if (passes.length < 10) return [`only ${passes.length} checks ran`]
        return violations.map(
          (violation) =>
            `${violation.id}: ${violation.nodes
              .map((node) => node.html)
              .join(' ')
              .slice(0, 300)}`
        )
      }, theme)
      expect(found).toEqual([])
    }
  })

  it('say why they are empty', async () => {
    await page.evaluate(() => scenes.states())
    await picture('states')
  })

  it('draw 800,000 points by WebGL and by Canvas 2D', async () => {
    expect(await page.evaluate(() => scenes.manyPoints('always'))).toBe('webgl')
    await picture('webgl')
    expect(await page.evaluate(() => scenes.loseContext())).toBe('canvas')
    expect(await page.evaluate(() => scenes.manyPoints('never'))).toBe('canvas')
    await picture('canvas')
  })

  it('of other packages see their rows in a frame, and nothing of the page', async () => {
    const shown = await page.evaluate(() => scenes.foreign('good', 50))
    expect(shown).toMatchObject({ shed: 0, status: 'ended' })
    const inside = page.frames().find((frame) => frame.url().endsWith('/foreign.html'))
    await inside?.waitForFunction(() => document.body.textContent.includes('ended'))
    const words = await inside?.evaluate(() => document.body.textContent.trim())
    expect(words).toBe('Depth: 5000 rows of ts, load, queue; reaches nothing; ended')
    await picture('foreign')
  })

  it('of other packages may refuse, in their own words', async () => {
    const shown = await page.evaluate(() => scenes.foreign('refuses', 3))
    expect(shown.text).toContain('this widget needs a column named depth')
    expect(shown.status).toBe('failed')
  })

  it('of other packages that do not answer do not hold the flow up, and what went by is counted', async () => {
    const shown = await page.evaluate(() => scenes.foreign('silent', 50))
    // Four are under way, and a fifth if the frame said that it is ready after patience had ended.
    expect([4500, 4600]).toContain(shown.shed)
    expect(shown.text).toContain(`${shown.shed.toLocaleString('en')} rows went by without being shown`)
  })

  it('are React components over a run of the engine', async () => {
    expect(await page.evaluate(() => scenes.react())).toBe('done')
    await page.waitForFunction(() => document.getElementById('mine')?.textContent.includes('Disconnected'))
    const mine = await page.evaluate(() => document.getElementById('mine')?.innerText)
    expect(mine).toMatch(/Status: Disconnected\nMessages: 20000\nLatency: \d+\.\dms\nKept: 1000/)
    const bars = await page.evaluate(() => document.querySelector('[data-widget=bar]')?.textContent)
    expect(bars).toContain('above')
    await picture('react')
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

  it('hear of messages that the page writes, through the engine in its worker', { timeout: 300_000 }, async () => {
    const times = await page.evaluate(() => scenes.latency(5000, 1000))
    times.sort((a, b) => a - b)
    const part = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(1)
    console.log(`write to widget at 1,000 messages/s: median ${part(0.5)} ms, p99 ${part(0.99)} ms`)
    expect(times).toHaveLength(5000)
  })

  it('break no rule of the policy and log no error', () => {
    expect(complaints).toEqual([])
  })
})
