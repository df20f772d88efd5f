// What journeys do in the editor as a person does: points on the canvas, wires, menus, the palette; and the document as it is downloaded.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type Locator, type Page } from 'playwright-core'
import { studioInto } from '../built-studio.ts'
import { serveStudio } from '../../scripts/serve.mjs'
import { CHROMIUM } from './world.ts'

export const SAVED = 'all saved'
const PICTURES = process.env.WEIR_PICTURES ?? ''

export interface LocalWorld {
  url: string
  browser: Browser
  /** A page of its own context, on the list of flows. What the page complained about is in `complaints`. */
  page(theme?: 'dark' | 'light'): Promise<Page>
  /** A page with the flow of a document, opened from its file. */
  flow(document: FlowFile): Promise<Page>
  complaints: string[]
  end(): Promise<void>
}

/** The built studio without a server, and Chromium before it. */
export async function localWorld(): Promise<LocalWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-local-'))
  await studioInto(folder)
  // Nothing listens there: what is asked of /api is answered as a host without one does.
  const site = await serveStudio({ folder, server: () => 'http://127.0.0.1:9', base: '/weir/' })
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] })
  const complaints: string[] = []
  const page = async (theme: 'dark' | 'light' = 'dark') => {
    const context = await browser.newContext({
      viewport: { width: 1400, height: 900 },
      colorScheme: theme,
      reducedMotion: 'reduce'
    })
    context.setDefaultTimeout(60_000)
    const opened = await context.newPage()
    opened.on('pageerror', (error) => complaints.push(error.message))
    await opened.goto(site.url)
    await opened.getByRole('heading', { name: 'Flows' }).waitFor()
    return opened
  }
  return {
    url: site.url,
    browser,
    complaints,
    page,
    flow: async (document) => {
      const opened = await page()
      await openFile(opened, document)
      return opened
    },
    end: async () => {
      await browser.close()
      site.close()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

export interface FlowFile {
  id: string
  version: string
  metadata?: Record<string, unknown>
  nodes: Record<string, unknown>[]
  edges: { id: string; source: { node: string; port: string }; target: { node: string; port: string } }[]
  groups?: Record<string, unknown>[]
  widgets?: Record<string, unknown>[]
}

/** A node where it can be reached by the mouse. */
export function nodeAt(id: string, typeId: string, settings: Record<string, unknown>, x: number, y: number) {
  return { id, typeId, version: '1.0.0', settings, position: { x, y } }
}

/** `make.rows` leads to `keep.rows`. */
export function edgeOf(id: string, from: string, to: string): FlowFile['edges'][number] {
  const end = (text: string) => {
    const [node = '', port = 'rows'] = text.split('.')
    return { node, port }
  }
  return { id, source: end(from), target: end(to) }
}

/** Opens the file of a flow on the page that lists flows. */
export async function openFile(page: Page, document: FlowFile): Promise<void> {
  const choose = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: /^Choose (a file|files)…$/ }).click()
  const buffer = Buffer.from(JSON.stringify(document))
  await (await choose).setFiles({ name: `${document.id}.flow.json`, mimeType: 'application/json', buffer })
  await page.getByText(SAVED).waitFor()
  const [first] = document.nodes
  if (first !== undefined) await nodeOf(page, String(first.id)).waitFor()
}

export async function menu(page: Page, item: string | RegExp): Promise<void> {
  await page.getByRole('button', { name: /^More about/ }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

/** The document as it is now: what a person gets by *Download*. */
export async function documentOf(page: Page): Promise<FlowFile> {
  const saved = page.waitForEvent('download')
  await menu(page, 'Download')
  return JSON.parse(readFileSync(await (await saved).path(), 'utf8')) as FlowFile
}

/** Its edges as `make.rows-keep.rows`, in order. */
export async function edgesOf(page: Page): Promise<string[]> {
  const { edges } = await documentOf(page)
  return edges.map(({ source, target }) => `${source.node}.${source.port}-${target.node}.${target.port}`).sort()
}

/** Its nodes, by id. */
export async function nodesOf(page: Page): Promise<string[]> {
  return (await documentOf(page)).nodes.map((node) => String(node.id)).sort()
}

export type At = [number, number]

export function nodeOf(page: Page, id: string): Locator {
  return page.locator(`[data-node="${id}"]`)
}

const NODE_WIDTH = 206
const NODE_HEAD = 36
const PORT_STEP = 20

async function boxOf(page: Page, id: string) {
  const box = await nodeOf(page, id).boundingBox()
  if (box === null) throw new Error(`the node ${id} is not in view`)
  return { ...box, zoom: box.width / NODE_WIDTH }
}

/** The middle of the head of a node. */
export async function headOf(page: Page, id: string): Promise<At> {
  const { x, y, width, zoom } = await boxOf(page, id)
  return [x + width / 2, y + 12 * zoom]
}

/** Where a wire meets a node. */
export async function portOf(page: Page, id: string, side: 'inputs' | 'outputs', index = 0): Promise<At> {
  const { x, y, width, zoom } = await boxOf(page, id)
  return [side === 'inputs' ? x : x + width, y + (NODE_HEAD + PORT_STEP / 2 + index * PORT_STEP) * zoom]
}

/** Halfway between two ports. */
export async function between(page: Page, from: string, to: string): Promise<At> {
  const [ax, ay] = await portOf(page, from, 'outputs')
  const [bx, by] = await portOf(page, to, 'inputs')
  return [(ax + bx) / 2, (ay + by) / 2]
}

/** Clicks a node on the canvas. */
export async function choose(page: Page, id: string): Promise<void> {
  await page.mouse.click(...(await headOf(page, id)))
  await page.waitForFunction(
    (node) => document.querySelector(`[data-node="${node}"]`)?.getAttribute('aria-pressed') === 'true',
    id
  )
}

/** Presses, moves and lets go; `held` is done before letting go. */
export async function drag(page: Page, from: At, to: At, held?: () => Promise<void>): Promise<void> {
  await page.mouse.move(...from)
  await page.mouse.down()
  await page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, { steps: 4 })
  await page.mouse.move(...to, { steps: 4 })
  await page.evaluate(() => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next))))
  await held?.()
  await page.mouse.up()
}

/** Types into the open palette and takes what is first. */
export async function take(page: Page, words: string): Promise<void> {
  const field = page.getByRole('combobox', { name: 'Find a node' })
  await field.fill(words)
  await page.getByRole('listbox', { name: 'Nodes' }).getByRole('option', { selected: true }).waitFor()
  await field.press('Enter')
  await field.waitFor({ state: 'detached' })
}

export async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES === '') return
  mkdirSync(PICTURES, { recursive: true })
  await page.screenshot({ path: `${PICTURES}/${name}.png` })
}
