// Dashboards as people use them: put there from the canvas, arranged by hand and by keys, looked at by who may not edit, on a phone.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type Locator, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { studioInto } from '../built-studio.ts'
import { serveStudio } from '../../scripts/serve.mjs'
import { CHROMIUM, publish, sharesFlow, whyNoBrowser, whyNot, world, type World } from './world.ts'

const PICTURES = process.env.WEIR_PICTURES ?? ''
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const KINDS = ['line', 'bar', 'histogram', 'heatmap', 'gauge', 'table', 'text', 'log']

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES === '') return
  mkdirSync(PICTURES, { recursive: true })
  await page.screenshot({ path: `${PICTURES}/${name}.png` })
}

async function findings(page: Page): Promise<string[]> {
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

/** What the page's policy refused, and what it threw. */
function complaints(page: Page): string[] {
  const heard: string[] = []
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) heard.push(message.text())
  })
  page.on('pageerror', (error) => heard.push(error.message))
  return heard
}

const tile = (page: Page, widget: string): Locator => page.locator(`[data-tile="${widget}"]`)

/** Chooses a node in the outline and asks for the dialog by the name of the command. */
async function putOnDashboard(page: Page, node: RegExp): Promise<void> {
  const item = page.getByRole('treeitem', { name: node }).first()
  if (!(await item.isVisible())) await page.getByRole('button', { name: 'Outline' }).click()
  await item.click()
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog', { name: 'Commands' }).getByRole('combobox').fill('put on a dash')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Put on a dashboard' }).waitFor()
}

/** Of each kind a widget on `node`, on one dashboard. */
function withBoard(flow: Record<string, unknown>, node: string): Record<string, unknown> {
  const settings: Record<string, object> = { heatmap: { x: 'id', y: 'value' }, bar: { show: 'count', category: 'id' } }
  const at = (i: number) => ({ x: (i % 3) * 4, y: Math.floor(i / 3) * 5, width: 4, height: 5 })
  return {
    ...flow,
    widgets: KINDS.map((type) => ({
      id: type,
      type,
      title: `As ${type}`,
      node,
      port: 'rows',
      settings: settings[type] ?? {}
    })),
    dashboards: [
      {
        id: 'all',
        name: 'All of them',
        widgets: [...KINDS, 'removed'].map((widget, i) => ({ widget, ...at(i) }))
      },
      {
        id: 'few',
        name: 'A few',
        widgets: ['table', 'text', 'removed'].map((widget, i) => ({ widget, ...at(i) }))
      }
    ]
  }
}

let folder = ''
beforeAll(async () => {
  if (whyNoBrowser() !== '') return
  folder = process.env.WEIR_STUDIO_SITE ?? mkdtempSync(join(tmpdir(), 'weir-boards-'))
  if (process.env.WEIR_STUDIO_SITE === undefined) await studioInto(folder)
})
afterAll(() => {
  if (process.env.WEIR_STUDIO_SITE === undefined && folder !== '') rmSync(folder, { recursive: true, force: true })
})

describe.skipIf(whyNoBrowser() !== '')('dashboards of this browser', () => {
  let browser: Browser
  let site: { url: string; close(): void }
  beforeAll(async () => {
    site = await serveStudio({ folder, server: () => 'http://127.0.0.1:9', base: '/weir/' })
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] })
  })
  afterAll(async () => {
    await browser.close()
    site.close()
  })

  it('are made on the canvas, show a run, and are arranged by hand and by keys', async () => {
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, reducedMotion: 'reduce' })
    context.setDefaultTimeout(30_000)
    const page = await context.newPage()
    const heard = complaints(page)
    await page.goto(site.url)
    await page.getByRole('button', { name: /^Sine wave/ }).click()
    await page.getByText('all saved').waitFor()
    await putOnDashboard(page, /Pattern/)
    await page.getByLabel('Name of the new dashboard').fill('My waves')
    await page.getByLabel('Shown as').selectOption('histogram')
    await page.getByLabel('Title').fill('Spread')
    await picture(page, 'dashboards-put')
    await page.getByRole('button', { name: 'Put there, and go there' }).click()
    await page.getByRole('heading', { name: 'My waves' }).waitFor()
    await expect.poll(() => tile(page, 'histogram').textContent()).toMatch(/\d values/)
    await page.getByRole('button', { name: 'Edit', exact: true }).click()
    await page.getByRole('button', { name: 'Add a widget…' }).click()
    await page.getByLabel('Shown as').selectOption('table')
    await page.getByLabel('Node', { exact: true }).selectOption('wave')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await tile(page, 'table').waitFor()
    const title = (id: string): Promise<string | null> => tile(page, id).getAttribute('aria-label')
    expect(await title('table')).toContain('column 7, row 1, 6 wide, 5 high')
    await tile(page, 'table').focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Shift+ArrowLeft')
    expect(await title('table')).toContain('column 7, row 2, 5 wide, 5 high')
    await page.keyboard.press('Control+z')
    expect(await title('table')).toContain('column 7, row 1, 6 wide, 5 high')
    const box = await tile(page, 'table').boundingBox()
    if (box === null) throw new Error('no tile')
    await page.mouse.move(box.x + 100, box.y + 100)
    await page.mouse.down()
    await page.mouse.move(box.x - 400, box.y + 110, { steps: 5 })
    await page.mouse.up()
    expect(await title('table')).toContain('column 2, row 1')
    expect(await title('histogram')).toContain('row 6')
    await picture(page, 'dashboards-edit')
    expect(await findings(page)).toEqual([])
    await page.getByText('all saved').waitFor()
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('button', { name: 'Edit', exact: true }).waitFor()
    await page.reload()
    await expect.poll(() => tile(page, 'table').textContent()).toMatch(/rows/)
    await page.getByRole('button', { name: 'To the dashboards' }).click()
    await page.getByRole('link', { name: /My waves/ }).waitFor()
    await picture(page, 'dashboards-list')
    expect(heard).toEqual([])
    await context.close()
  })
})

const reason = whyNot()
if (reason !== '') console.warn(`journeys of dashboards on a server are skipped: ${reason}`)

describe.skipIf(reason !== '')('dashboards of a server', () => {
  let here: World
  let run = ''
  beforeAll(async () => {
    here = await world({ base: '/weir/', site: folder })
    await publish(here.api, withBoard({ ...sharesFlow(1_000_000), id: 'live' }, 'make'))
    run = String((await here.api.ask('POST', '/flows/live/runs', {})).id)
  })
  afterAll(async () => {
    await here.end()
  })

  it.each(['dark', 'light'] as const)('show a viewer the rows of the run that goes on, in %s', async (theme) => {
    const page = await here.page('viewer', theme)
    const heard = complaints(page)
    page.context().setDefaultTimeout(30_000)
    await page.getByRole('link', { name: 'Dashboards' }).click()
    await page.getByRole('link', { name: /All of them/ }).click()
    await page.getByRole('heading', { name: 'All of them' }).waitFor()
    await expect.poll(() => tile(page, 'histogram').textContent(), { timeout: 30_000 }).toMatch(/\d values/)
    await expect.poll(() => tile(page, 'table').textContent(), { timeout: 30_000 }).toMatch(/rows/)
    expect(await tile(page, 'removed').textContent()).toContain('is not in the flow any more')
    expect(await page.getByRole('button', { name: 'Edit', exact: true }).count()).toBe(0)
    expect(await page.getByRole('button', { name: /^Run|^Stop/ }).count()).toBe(0)
    await picture(page, `dashboards-${theme}`)
    expect(await findings(page)).toEqual([])
    await page.setViewportSize({ width: 390, height: 800 })
    const boxes = await Promise.all(KINDS.map((kind) => tile(page, kind).boundingBox()))
    expect(new Set(boxes.map((box) => box?.x)).size).toBe(1)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    await picture(page, `dashboards-${theme}-phone`)
    expect(heard).toEqual([])
    await page.context().close()
  })

  it('follow what an editor changes, and say that the run has ended', async () => {
    const viewer = await here.page('viewer')
    viewer.context().setDefaultTimeout(30_000)
    await viewer.goto(`${here.url}#/flows/live/dashboards/few`)
    await tile(viewer, 'table').waitFor()
    const editor = await here.page('editor')
    editor.context().setDefaultTimeout(30_000)
    await editor.goto(`${here.url}#/flows/live/dashboards/few/edit`)
    await editor.getByRole('button', { name: /^Take removed off/ }).click()
    await editor.getByRole('button', { name: 'Take As text off the dashboard' }).click()
    await editor.getByText('all saved').waitFor()
    await tile(viewer, 'text').waitFor({ state: 'detached', timeout: 30_000 })
    await here.api.ask('POST', `/runs/${run}/stop`, {})
    await expect.poll(() => tile(viewer, 'table').textContent(), { timeout: 30_000 }).toMatch(/ended/)
    const late = viewer
    await late.reload()
    await expect.poll(() => tile(late, 'table').textContent(), { timeout: 30_000 }).toContain('Not run yet')
    await picture(late, 'dashboards-not-running')
    await late.goto(`${here.url}#/flows/live/dashboards/none`)
    await late.getByText('has no dashboard ‘none’').waitFor()
    for (const page of [viewer, editor]) await page.context().close()
  })
})
