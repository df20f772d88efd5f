// From a dropped folder to a downloaded summary without typing a formula, offline, in this browser; and the same by keyboard alone.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type Locator, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { studioInto } from '../built-studio.ts'
import { serveStudio } from '../../scripts/serve.mjs'
import { CHROMIUM, whyNoBrowser } from './world.ts'

const MODULE = fileURLToPath(new URL('../../../../build/wasm/weir.wasm', import.meta.url))
const reason = whyNoBrowser() !== '' ? whyNoBrowser() : existsSync(MODULE) ? '' : `there is no ${MODULE}`
if (reason !== '') console.warn(`journeys with files are skipped: ${reason}`)
const PICTURES = process.env.WEIR_PICTURES ?? ''
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const REGIONS = ['coast', 'east', 'north'] as const

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

/** Drops files of the disk onto a place of the page, as a hand would. */
async function drop(page: Page, onto: Locator, paths: readonly string[], at?: { x: number; y: number }): Promise<void> {
  const box = await onto.boundingBox()
  if (box === null) throw new Error('there is nothing to drop on')
  const x = at?.x ?? box.x + box.width / 2
  const y = at?.y ?? box.y + box.height / 2
  const line = await page.context().newCDPSession(page)
  const data = { items: [], files: [...paths], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await line.send('Input.dispatchDragEvent', { type, x, y, data })
  await line.detach()
}

/** Adds a node by its name, as the palette finds it. */
async function add(page: Page, words: string, name: RegExp): Promise<void> {
  await page.getByRole('application', { name: /^Canvas of/ }).focus()
  await page.keyboard.press('Space')
  await page.getByRole('combobox', { name: 'Find a node' }).fill(words)
  await page.getByRole('option', { name }).first().waitFor()
  await page.keyboard.press('Enter')
}

/** Goes on with Tab until what has the focus is called so. */
async function tabTo(page: Page, wanted: RegExp): Promise<void> {
  for (let i = 0; i < 150; ++i) {
    await page.keyboard.press('Tab')
    const names = await page.evaluate(() => {
      const at = document.activeElement
      const label = at instanceof HTMLInputElement ? at.labels?.[0]?.textContent : undefined
      return [label, at?.getAttribute('aria-label'), at?.textContent].map((text) => text?.trim() ?? '')
    })
    if (names.some((name) => wanted.test(name))) return
  }
  throw new Error(`Tab never comes to ${String(wanted)}`)
}

async function bytesOf(page: Page, act: () => Promise<void>): Promise<string> {
  const waiting = page.waitForEvent('download')
  await act()
  return readFileSync(await (await waiting).path(), 'utf8')
}

describe.skipIf(reason !== '')('files in the studio without a server', () => {
  let folder = ''
  let orders = ''
  let browser: Browser
  let site: { url: string; close(): void }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-files-'))
    orders = join(folder, 'orders')
    mkdirSync(join(orders, '2026'), { recursive: true })
    for (let file = 1; file <= 5; ++file) {
      const lines = REGIONS.map((region, at) => `${file * 10 + at},${region},${file}.5,${at + 1}`)
      writeFileSync(join(orders, '2026', `${file}.csv`), `id,region,price,quantity\n${lines.join('\n')}\n`)
    }
    writeFileSync(join(folder, 'more.csv'), 'id,region,price,quantity\n1,west,2.5,1\n')
    await studioInto(join(folder, 'site'))
    site = await serveStudio({ folder: join(folder, 'site'), server: () => 'http://127.0.0.1:9', base: '/weir/' })
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
    context.setDefaultTimeout(30_000)
    const page = await context.newPage()
    await page.goto(site.url)
    await page.getByText('Drop a folder or files here').waitFor()
    return page
  }

  it.each(['dark', 'light'] as const)('a folder becomes a summary that is downloaded, in %s', async (theme) => {
    const page = await pageIn(theme)
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
    await page.context().setOffline(true)
    await drop(page, page.getByRole('region', { name: 'Drop files' }), [orders])
    const read = page.getByRole('grid', { name: /^Rows of Read CSV/ })
    await read.getByText('north').first().waitFor()
    await page.getByText(/^sample, 3 of 5 files/).waitFor()
    await picture(page, `files-sample-${theme}`)
    await read.getByRole('columnheader').filter({ hasText: 'region' }).getByRole('button').first().click()
    await page.getByRole('button', { name: 'Summarise by region' }).click()
    await page
      .getByRole('grid', { name: /By region/ })
      .getByText('sum_price')
      .waitFor()
    await add(page, 'write csv', /Write CSV/)
    await page.getByRole('textbox', { name: /^File/ }).fill('summary.csv')
    await page.keyboard.press('Enter')
    for (const name of [/^By region/, /^Write CSV/]) {
      // As a screen reader chooses it.
      await page.getByRole('button', { name }).dispatchEvent('click')
      await page.getByRole('application', { name: /^Canvas of/ }).focus()
      await page.keyboard.press('c')
    }
    expect(await findings(page)).toEqual([])
    await page.getByRole('button', { name: /^Run/ }).first().click()
    await page.getByRole('button', { name: 'Run and write' }).click()
    await page.getByText('summary.csv, kept in this browser').waitFor()
    await picture(page, `files-result-${theme}`)
    expect(await findings(page)).toEqual([])
    const expected = [
      'region,count,sum_price,sum_quantity',
      ...REGIONS.map((name, at) => `${name},5,17.5,${(at + 1) * 5}`)
    ]
    const file = page.getByRole('group', { name: 'summary.csv' })
    expect(await bytesOf(page, () => file.getByRole('button', { name: 'Download', exact: true }).click())).toBe(
      `${expected.join('\n')}\n`
    )
    expect(await bytesOf(page, () => file.getByRole('button', { name: 'Download for Excel' }).click())).toBe(
      `\ufeff${expected.join('\r\n')}\r\n`
    )
    await file.getByRole('button', { name: 'Open' }).click()
    await page.getByRole('dialog', { name: 'summary.csv' }).getByText('coast,5,17.5,5').waitFor()
    await page.context().close()
  })

  it('files that are dropped on a reader are what it reads, and beside it they get one of their own', async () => {
    const page = await pageIn()
    await drop(page, page.getByRole('region', { name: 'Drop files' }), [orders])
    await page.getByText(/^sample, 3 of 5 files/).waitFor()
    const reader = page.getByRole('button', { name: /^Read CSV/ })
    await drop(page, reader, [join(folder, 'more.csv')])
    await page
      .getByRole('grid', { name: /^Rows of Read CSV/ })
      .getByText('west')
      .first()
      .waitFor()
    expect(await reader.count()).toBe(1)
    const canvas = page.getByRole('application', { name: /^Canvas of/ })
    const box = await canvas.boundingBox()
    await drop(page, canvas, [orders], { x: (box?.x ?? 0) + 150, y: (box?.y ?? 0) + 400 })
    await expect.poll(() => reader.count()).toBe(2)
    await page.context().close()
  })

  it('a canvas that is empty comes to a result by keyboard alone', async () => {
    const page = await pageIn()
    const put = async (words: string): Promise<void> => {
      await tabTo(page, /^Canvas of/)
      await page.keyboard.press('Space')
      await page.getByRole('combobox', { name: 'Find a node' }).waitFor()
      await page.keyboard.type(words)
      await page.keyboard.press('Enter')
    }
    await tabTo(page, /^New flow$/)
    await page.keyboard.press('Enter')
    await page.getByRole('application', { name: /^Canvas of/ }).waitFor()
    await put('pattern')
    await page.getByRole('button', { name: /^Pattern/ }).waitFor()
    await put('write csv')
    await page.getByRole('button', { name: /^Write CSV/ }).waitFor()
    await tabTo(page, /^Canvas of/)
    for (let i = 0; i < 20; ++i) await page.keyboard.press('Control+Shift+ArrowRight')
    for (const key of ['ArrowLeft', 'c', 'ArrowRight', 'c']) await page.keyboard.press(key)
    await tabTo(page, /^File( ?\*)?$/)
    await page.keyboard.type('rows.csv')
    await page.keyboard.press('Enter')
    await tabTo(page, /^▶ ?Run/)
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'This run writes' }).waitFor()
    await tabTo(page, /^Run and write$/)
    await page.keyboard.press('Enter')
    await page.getByText('rows.csv, kept in this browser').waitFor()
    await tabTo(page, /^Download$/)
    const lines = (await bytesOf(page, () => page.keyboard.press('Enter'))).split('\n')
    expect(lines[0]).toBe('ts,id,value')
    expect(lines).toHaveLength(1002)
    await page.context().close()
  })
})
