// The studio as a static site before Chromium, without a server: for journeys of one browser by itself.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { studioInto } from '../built-studio.ts'
import { serveStudio } from '../../scripts/serve.mjs'
import { CHROMIUM } from './world.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
export const SAVED = 'all saved'
/** A name that a browser holds to be this machine, and that is no site by https. */
export const INSECURE_HOST = 'studio.example'

export interface Look {
  theme?: 'dark' | 'light' | 'contrast'
  width?: number
  height?: number
}

export interface Site {
  url: string
  browser: Browser
  /** A page of its own context, gone nowhere yet. */
  page(look?: Look): Promise<Page>
  /** The web host goes away. */
  stop(): void
  end(): Promise<void>
}

/** Builds and serves the studio; `end` frees all of it. */
export async function startSite(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-site-'))
  await studioInto(folder)
  // Nothing listens there: what is asked of /api is answered as a host without one does.
  const host = await serveStudio({ folder, server: () => 'http://127.0.0.1:9', base: '/weir/' })
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', `--host-resolver-rules=MAP ${INSECURE_HOST} 127.0.0.1`]
  })
  return {
    url: host.url,
    browser,
    page: (look) => pageOf(browser, look),
    stop: () => {
      host.close()
    },
    end: async () => {
      await browser.close()
      host.close()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** A page with a look of its own; times are as in Berlin. */
export async function pageOf(
  browser: Browser,
  { theme = 'dark', width = 1400, height = 900 }: Look = {}
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme === 'light' ? 'light' : 'dark',
    contrast: theme === 'contrast' ? 'more' : 'no-preference',
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin'
  })
  context.setDefaultTimeout(60_000)
  return context.newPage()
}

/** What axe-core holds to be serious or worse, each with the element. */
export async function findings(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  return await page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> }
    }
    const { violations } = await axe.run()
    return violations
      .filter((one) => one.impact === 'serious' || one.impact === 'critical')
      .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html}`))
  })
}

/** What the policy refused and what was thrown on a page, as it comes. */
export function complaints(page: Page): string[] {
  const found: string[] = []
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) found.push(message.text())
  })
  page.on('pageerror', (error) => found.push(error.message))
  return found
}

/** Gives the start page the file of a flow; resolves when it is open, whether it can be read or not. */
export async function give(page: Page, name: string, document: object | string): Promise<void> {
  const text = typeof document === 'string' ? document : JSON.stringify(document)
  const choose = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: /^Choose (a file|files)…$/ }).click()
  await (await choose).setFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) })
  await page.waitForURL(/\/local\/.+\/edit/)
}

/** The same of a flow that can be read, as soon as it is kept. */
export async function openFlow(
  page: Page,
  url: string,
  document: { id: string; [part: string]: unknown }
): Promise<void> {
  await page.goto(url)
  await page.getByRole('heading', { name: 'Flows' }).waitFor()
  await give(page, `${document.id}.flow.json`, document)
  await page.getByText(SAVED).waitFor()
  await page.getByRole('button', { name: /^Run/ }).first().waitFor()
}

export function node(id: string, typeId: string, settings: object, x = 0, y = 0, more: object = {}): object {
  return { id, typeId, version: '1.0.0', settings, position: { x, y }, ...more }
}

/** `a.port` to `b`; both ports are `rows` unless said. */
export function edge(id: string, from: string, to: string): object {
  const [source = '', port = 'rows'] = from.split('.')
  return { id, source: { node: source, port }, target: { node: to, port: 'rows' } }
}

/** Orders by region: made here, the same at each run. */
export function ordersFlow(more: { rows?: number; rate?: number; net?: string } = {}): {
  id: string
  [part: string]: unknown
} {
  const { rows = 500, rate, net = 'row.price * double(row.quantity) * 0.93' } = more
  const pattern = {
    pattern: 'random',
    min: 20,
    max: 950,
    seed: 7,
    rows,
    batchRows: 50,
    ...(rate === undefined ? {} : { rate })
  }
  const columns = {
    region: '["north", "coast", "south", "east", "west"][row.id % 5]',
    quantity: '1 + row.id % 12',
    price: 'math.round(row.value * 100.0) / 100.0',
    paid: 'row.id % 4 != 0'
  }
  return {
    id: 'orders-by-region',
    version: '1.0.0',
    metadata: { description: 'What is paid, by region' },
    nodes: [
      node('orders', 'generate/pattern', pattern, 0, 80, { name: 'Orders' }),
      node('columns', 'logic/map', { set: columns }, 280, 80, { name: 'Columns' }),
      node('paid', 'logic/filter', { condition: 'row.paid && row.quantity > 1' }, 560, 80, { name: 'Paid orders' }),
      node('net', 'logic/map', { set: { net } }, 840, 40, { name: 'Net price' }),
      node('log', 'debug/log', { rows: 3 }, 1120, 40, { name: 'Log' }),
      node('open', 'debug/log', { rows: 3 }, 840, 220, { name: 'Still open' })
    ],
    edges: [
      edge('e1', 'orders', 'columns'),
      edge('e2', 'columns', 'paid'),
      edge('e3', 'paid.match', 'net'),
      edge('e4', 'net', 'log'),
      edge('e5', 'paid.rest', 'open')
    ]
  }
}
