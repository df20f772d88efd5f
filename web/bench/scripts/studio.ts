// The studio as a site without a server: what a visit loads and when it is seen, and memory while a run streams.
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { packZones } from '../../engine-client/scripts/pack-zones.mjs'
import { addEngine, buildStudio, sizesOf } from '../../studio/scripts/build.mjs'
import { serveStudio } from '../../studio/scripts/serve.mjs'
import type { Order } from './order.ts'
import { pathOf } from './places.ts'
import { median } from './report.ts'
import type { Section } from './report.ts'
import { CHROMIUM } from './site.ts'

const VIEW = { width: 1400, height: 900 }
const FLAGS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync']

/** Of one visit. */
interface Visit {
  /** Milliseconds from the beginning of the load to the largest paint. */
  largest: number
  /** Layout shift, a sum without unit. */
  shift: number
}

declare const seen: Visit

/** Before the page's own scripts: listens to what the browser says of paints and shifts. */
function watchPaints(): void {
  const found = { largest: NaN, shift: 0 }
  Object.assign(globalThis, { seen: found })
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) found.largest = entry.startTime
  }).observe({ type: 'largest-contentful-paint', buffered: true })
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
      if (!entry.hadRecentInput) found.shift += entry.value
    }
  }).observe({ type: 'layout-shift', buffered: true })
}

const settled = async (page: Page): Promise<Visit> => {
  await page.waitForLoadState('networkidle')
  await page.waitForTimeout(300)
  return page.evaluate(() => seen)
}

/** A browser's first visit of the start page, and its next one of a flow that it keeps. */
async function visits(browser: Browser, url: string): Promise<{ start: Visit; flow: Visit }> {
  const context = await browser.newContext({ viewport: VIEW })
  const page = await context.newPage()
  page.setDefaultTimeout(120_000)
  await page.addInitScript(watchPaints)
  await page.goto(url)
  await page.getByRole('heading', { name: 'Flows' }).waitFor()
  const start = await settled(page)
  await page.getByRole('button', { name: /^Sine wave/ }).click()
  await page.getByText('all saved').waitFor()
  await page.reload()
  await page.getByText('all saved').waitFor()
  const flow = await settled(page)
  await context.close()
  return { start, flow }
}

/** A flow that ends when it is stopped: ten thousand rows a second, through three nodes. */
const STREAM = {
  id: 'stream',
  version: '1.0.0',
  nodes: [
    node('wave', 'generate/pattern', { pattern: 'sine', rows: 0, rate: 10_000, batchRows: 100 }, 0),
    node('peaks', 'logic/filter', { condition: 'row.value > 0.2' }, 280),
    node('scale', 'logic/map', { set: { percent: 'math.round(row.value * 100.0)' } }, 560),
    node('show', 'debug/log', { rows: 3 }, 840)
  ],
  edges: [edge('wave.rows', 'peaks'), edge('peaks.match', 'scale'), edge('scale.rows', 'show')]
}

function node(id: string, typeId: string, settings: object, x: number): object {
  return { id, typeId, version: '1.0.0', settings, position: { x, y: 80 } }
}

function edge(from: string, to: string): object {
  const [source, port] = from.split('.')
  return { id: to, source: { node: source, port }, target: { node: to, port: 'rows' } }
}

/** Megabytes of the page's own heap, what is garbage collected, and of all processes that draw and run pages. */
async function memory(browser: Browser, page: Page): Promise<{ heap: number; processes: number }> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  await session.detach()
  const whole = await browser.newBrowserCDPSession()
  const { processInfo } = await whole.send('SystemInfo.getProcessInfo')
  await whole.detach()
  const pages = processInfo.filter(({ type }) => type === 'renderer')
  const processes = pages.reduce((sum, { id }) => sum + residentBytes(id), 0)
  return { heap: usedSize / 1e6, processes: processes / 1e6 }
}

function residentBytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes ?? NaN) * 1024
}

/** A run streams into an open editor; memory is looked at after a tenth of the time, and at its end. */
async function stream(browser: Browser, url: string, seconds: number): Promise<Section> {
  const context = await browser.newContext({ viewport: VIEW })
  const page = await context.newPage()
  page.setDefaultTimeout(120_000)
  await page.goto(url)
  await page.getByRole('heading', { name: 'Flows' }).waitFor()
  const choose = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: /^Choose (a file|files)…$/ }).click()
  const buffer = Buffer.from(JSON.stringify(STREAM))
  await (await choose).setFiles({ name: 'stream.flow.json', mimeType: 'application/json', buffer })
  await page.getByText('all saved').waitFor()
  await page.locator('[data-canvas]').focus()
  await page.keyboard.press('Control+Enter')
  await page.getByRole('button', { name: /^Stop/ }).waitFor()
  await page.waitForTimeout(100 * seconds)
  const early = await memory(browser, page)
  await page.waitForTimeout(900 * seconds)
  const late = await memory(browser, page)
  const isRunning = await page.getByRole('button', { name: /^Stop/ }).isVisible()
  if (!isRunning) throw new Error('the run ended by itself')
  await context.close()
  const grown = late.heap - early.heap
  return {
    name: 'studio-stream',
    title: `memory while a run streams 10,000 rows a second into the editor for ${seconds} s`,
    unit: 'MB',
    lines: [
      { label: `the page's heap after ${seconds / 10} s`, value: early.heap },
      { label: 'at the end', value: late.heap },
      { label: `processes of pages after ${seconds / 10} s`, value: early.processes },
      { label: 'at the end', value: late.processes }
    ],
    goals: [{ goal: 'MB that the heap has grown by', value: grown, wanted: 2, better: 'less' }]
  }
}

export async function studio(folder: string, order: Order): Promise<Section[]> {
  const at = join(folder, 'studio')
  mkdirSync(at, { recursive: true })
  await buildStudio(at, 'error')
  addEngine(at, readFileSync(pathOf('build/wasm/weir.wasm')), packZones())
  const { first, editor } = sizesOf(at)
  const site = await serveStudio({ folder: at, server: () => 'http://127.0.0.1:9' })
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
  try {
    const seenOnes: { start: Visit; flow: Visit }[] = []
    for (let run = 0; run < order.runs; ++run) seenOnes.push(await visits(browser, site.url))
    const of = (pick: (one: (typeof seenOnes)[number]) => number): number => median(seenOnes.map(pick))
    const [start, flow] = [of((one) => one.start.largest), of((one) => one.flow.largest)]
    const shift = Math.max(...seenOnes.map((one) => Math.max(one.start.shift, one.flow.shift)))
    const page: Section = {
      name: 'studio-page',
      title: `a visit of the studio without a server, medians of ${order.runs}`,
      unit: '',
      lines: [
        { label: 'largest paint of the start page, first visit, ms', value: start },
        { label: 'largest paint of a flow, next visit, ms', value: flow },
        { label: 'layout shift, the worst', value: shift },
        { label: 'JavaScript of the start page, gzip, KB', value: first / 1000 },
        { label: 'JavaScript of the editor, gzip, KB', value: editor / 1000 }
      ],
      goals: [
        { goal: 'largest paint of the start page in ms', value: start, wanted: 1500, better: 'less' },
        { goal: 'largest paint of a flow in ms', value: flow, wanted: 1500, better: 'less' },
        { goal: 'layout shift', value: shift, wanted: 0.01, better: 'less' },
        { goal: 'KB of JavaScript before the engine', value: editor / 1000, wanted: 400, better: 'less' }
      ]
    }
    return [page, await stream(browser, site.url, order.quick ? 5 : 600)]
  } finally {
    await browser.close()
    site.close()
  }
}
