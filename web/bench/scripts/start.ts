// From the beginning of a page's load to an engine that is ready, with caches that earlier visits have filled.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { buildDemo } from '../../demo/scripts/build.mjs'
import { serve } from '../../demo/scripts/server.mjs'
import type { Started } from '../src/start.ts'
import type { Order } from './order.ts'
import { median, type Section } from './report.ts'
import { openPage } from './site.ts'

declare const started: Promise<Started>

/** Chromium keeps compiled code once a module has been loaded more than once. */
const WARM_VISITS = 4

async function visit(page: Page, url: string): Promise<Started> {
  await page.goto(url)
  await page.waitForFunction(() => 'started' in globalThis)
  return page.evaluate(() => started)
}

/** The demo page says when its engine is ready; what is measured is when it says so. */
async function visitDemo(page: Page, url: string): Promise<number> {
  await page.goto(url)
  const shown = await page.waitForFunction(() => (globalThis as { engineReadyMs?: number }).engineReadyMs)
  return (await shown.jsonValue()) ?? NaN
}

function watchForEngine(): void {
  const looking = new MutationObserver(() => {
    if (!document.querySelector('[data-fact=engine]')) return
    looking.disconnect()
    Object.assign(globalThis, { engineReadyMs: performance.now() })
  })
  looking.observe(document, { childList: true, subtree: true })
}

async function demoTimes(context: BrowserContext, folder: string, runs: number): Promise<number[]> {
  const demo = join(folder, 'demo')
  mkdirSync(demo, { recursive: true })
  await buildDemo(demo)
  const { url, server } = await serve(demo)
  const page = await openPage(context, url)
  await page.addInitScript(watchForEngine)
  await page.waitForFunction(() => navigator.serviceWorker.ready.then(() => true))
  for (let i = 0; i < WARM_VISITS; i++) await visitDemo(page, url)
  const times: number[] = []
  for (let i = 0; i < runs; i++) times.push(await visitDemo(page, url))
  await page.close()
  server.closeAllConnections()
  server.close()
  return times
}

export async function start(context: BrowserContext, url: string, folder: string, order: Order): Promise<Section> {
  const page = await openPage(context, 'about:blank')
  const cold = await visit(page, `${url}start.html`)
  for (let i = 0; i < WARM_VISITS; i++) await visit(page, `${url}start.html`)
  const warm: Started[] = []
  const visits = Math.max(order.runs, order.quick ? 2 : 9)
  for (let i = 0; i < visits; i++) warm.push(await visit(page, `${url}start.html`))
  await page.close()
  const demo = await demoTimes(context, folder, visits)
  const ready = median(warm.map((one) => one.readyMs))
  return {
    name: 'start',
    title: `from the page's load to the first worker ready, medians of ${visits}`,
    unit: 'ms',
    lines: [
      {
        label: 'a page, warm HTTP cache',
        value: ready,
        note: `longest ${Math.max(...warm.map((one) => one.readyMs)).toFixed(0)}`
      },
      { label: 'of it until its script began', value: median(warm.map((one) => one.scriptMs)) },
      {
        label: 'the demo page, from its service worker',
        value: median(demo),
        note: `longest ${Math.max(...demo).toFixed(0)}`
      },
      { label: 'a page, first visit', value: cold.readyMs }
    ],
    goals: [
      { goal: 'ms, warm HTTP cache', value: ready, wanted: 300, better: 'less' },
      { goal: 'ms, the demo page', value: median(demo), wanted: 300, better: 'less' }
    ]
  }
}
