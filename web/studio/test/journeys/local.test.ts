// The studio without a server: the first minute, work that is kept in this browser, documents that are broken, a backup.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { studioInto } from '../built-studio.ts'
import { serveStudio } from '../../scripts/serve.mjs'
import { CHROMIUM, whyNoBrowser } from './world.ts'

const reason = whyNoBrowser()
if (reason !== '') console.warn(`journeys without a server are skipped: ${reason}`)
const PICTURES = process.env.WEIR_PICTURES ?? ''
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const SAVED = 'all saved'

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

async function menu(page: Page, item: string): Promise<void> {
  await page.getByRole('button', { name: /^More about/ }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

describe.skipIf(reason !== '')('the studio without a server', () => {
  let folder = ''
  let browser: Browser
  let site: { url: string; close(): void }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-local-'))
    await studioInto(folder)
    // Nothing listens there: what is asked of /api is answered as a host without one does.
    site = await serveStudio({ folder, server: () => 'http://127.0.0.1:9', base: '/weir/' })
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] })
  })
  afterAll(async () => {
    await browser.close()
    site.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function pageIn(theme: 'dark' | 'light' = 'dark'): Promise<Page> {
    const context = await browser.newContext({
      viewport: { width: 1400, height: 900 },
      colorScheme: theme,
      reducedMotion: 'reduce'
    })
    context.setDefaultTimeout(15_000)
    const page = await context.newPage()
    await page.goto(site.url)
    await page.getByRole('heading', { name: 'Flows' }).waitFor()
    return page
  }

  it('begins without signing in, with an example that is kept and whose undo outlives a reload', async () => {
    const page = await pageIn()
    await page.getByRole('button', { name: /^Sine wave/ }).click()
    await page.getByText('in this browser only').waitFor()
    await page.getByText(SAVED).waitFor()
    await menu(page, 'About this flow…')
    await page.getByLabel('What it does').fill('Mine now')
    await page.getByRole('button', { name: 'Keep', exact: true }).click()
    await page.getByText('not saved yet').waitFor()
    await page.getByText(SAVED).waitFor()
    await page.reload()
    await page.getByText(SAVED).waitFor()
    await menu(page, 'Undo: Describe the flow')
    await page.getByText('not saved yet').waitFor()
    await page.getByText(SAVED).waitFor()
    await page.getByRole('button', { name: 'Save version…' }).click()
    await page.getByText('It is the first version.').waitFor()
    await page.getByRole('button', { name: 'Save the version' }).click()
    await page.getByText('Version 1 is saved.').first().waitFor()
    await menu(page, 'Delete…')
    await page.getByText('The flow with 4 nodes, 3 edges, 1 version goes into the bin').waitFor()
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByText(/^Drop (a folder or files|the file of a flow) here$/).waitFor()
    await page.context().close()
  })

  it('opens offline once it was there, with what was kept', async () => {
    const page = await pageIn()
    await page.getByRole('button', { name: /^Sine wave/ }).click()
    await page.getByText('Offline ready').waitFor()
    await page.getByText(SAVED).waitFor()
    await page.context().setOffline(true)
    await page.reload()
    await page.getByText(SAVED).waitFor()
    await page.getByRole('button', { name: 'To the flows' }).click()
    await page.getByRole('region', { name: 'Recent flows' }).waitFor()
    await page.context().close()
  })

  it('shows a document that is broken with the place, and takes it when it is mended', async () => {
    const page = await pageIn()
    const text = '{"id": "torn",\n "version": "1.0.0",\n "nodes": [,\n "edges": []}'
    const choose = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: /^Choose (a file|files)…$/ }).click()
    await (await choose).setFiles({ name: 'torn.flow.json', mimeType: 'application/json', buffer: Buffer.from(text) })
    await page.getByText('line 3, column 12').waitFor()
    await picture(page, 'local-broken')
    await page.getByLabel('The text of the flow').fill(text.replace('[,', '[],'))
    await page.getByText('It can be read now.').waitFor()
    await page.getByRole('button', { name: 'Keep and open' }).click()
    await page.getByText(SAVED).waitFor()
    await page.context().close()
  })

  it('takes in a backup in two clicks', async () => {
    const page = await pageIn()
    await page.getByRole('button', { name: /^High readings/ }).click()
    await page.getByText(SAVED).waitFor()
    await page.getByRole('button', { name: 'in this browser only' }).click()
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Back up everything of this browser' }).click()
    const file = await (await saved).path()
    const other = await pageIn()
    const choose = other.waitForEvent('filechooser')
    await other.getByRole('button', { name: 'Restore a backup…' }).click()
    await (await choose).setFiles(file)
    await other.getByRole('region', { name: 'Recent flows' }).getByText('sensor').first().waitFor()
    await page.context().close()
    await other.context().close()
  })

  it.each(['dark', 'light'] as const)('is clean for axe-core in %s, and can be read on a phone', async (theme) => {
    const page = await pageIn(theme)
    const refused: string[] = []
    page.on('console', (message) => {
      if (/Content Security Policy|Refused to/.test(message.text())) refused.push(message.text())
    })
    page.on('pageerror', (error) => refused.push(error.message))
    await page.getByRole('button', { name: /^Alarms first/ }).click()
    await page.getByText(SAVED).waitFor()
    expect(await findings(page)).toEqual([])
    await page.getByRole('button', { name: 'To the flows' }).click()
    await page.getByRole('region', { name: 'Recent flows' }).waitFor()
    expect(await findings(page)).toEqual([])
    await picture(page, `local-start-${theme}`)
    await page.setViewportSize({ width: 390, height: 800 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    expect(await findings(page)).toEqual([])
    await picture(page, `local-start-${theme}-phone`)
    expect(refused).toEqual([])
    await page.context().close()
  })
})
