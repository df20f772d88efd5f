// Rows: what a condition changes while it is typed, where a row goes and what stopped it, and the rows behind a total.
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
if (reason !== '') console.warn(`journeys of rows are skipped: ${reason}`)
const PICTURES = process.env.WEIR_PICTURES ?? ''
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const REGIONS = ['north', 'east', 'south', 'west']

/** 1,200 orders: every fourth is open, quantities go from 0 to 4. */
function orders(): Buffer {
  const rows = Array.from({ length: 1200 }, (_, i) => {
    return `${4700 + i},${i % 4 === 3 ? 'open' : 'paid'},${REGIONS[(i * 7) % 4] ?? ''},${i % 5}`
  })
  return Buffer.from(['id,status,region,quantity', ...rows].join('\n'))
}

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

/** Asks for a row in the Trace tab. */
async function ask(page: Page, text: string): Promise<void> {
  await page.getByLabel('Where is the row with').fill(text)
  await page.getByRole('button', { name: 'Find the row' }).click()
}

describe.skipIf(reason !== '')('rows', () => {
  let folder = ''
  let browser: Browser
  let site: { url: string; close(): void }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-rows-'))
    await studioInto(folder)
    site = await serveStudio({ folder, server: () => 'http://127.0.0.1:9', base: '/weir/' })
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] })
  })
  afterAll(async () => {
    await browser.close()
    site.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** A flow that reads the orders, with those that are paid behind it. */
  async function paidOrders(theme: 'dark' | 'light'): Promise<Page> {
    const context = await browser.newContext({
      viewport: { width: 1400, height: 900 },
      colorScheme: theme,
      reducedMotion: 'reduce'
    })
    context.setDefaultTimeout(60_000)
    const page = await context.newPage()
    await page.goto(site.url)
    const choose = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: /^Choose (a file|files)…$/ }).click()
    await (await choose).setFiles({ name: 'orders.csv', mimeType: 'text/csv', buffer: orders() })
    await page.getByRole('gridcell', { name: 'paid' }).first().click()
    await page.getByRole('button', { name: 'Keep only paid' }).click()
    await page.getByText(/750 kept/).waitFor()
    return page
  }

  it.each(['dark', 'light'] as const)('are told by their fate, their way and what they made, in %s', async (theme) => {
    const page = await paidOrders(theme)
    const refused: string[] = []
    page.on('console', (message) => {
      if (/Content Security Policy|Refused to/.test(message.text())) refused.push(message.text())
    })
    page.on('pageerror', (error) => refused.push(error.message))

    // A condition as it is typed: the rows that it loses stand in front.
    await page.getByRole('button', { name: 'as formula' }).click()
    const formula = page.locator('[data-formula-text] .cm-content')
    await formula.click()
    await page.keyboard.press('End')
    await page.keyboard.type(' && row.quantity > 2')
    await page.getByText('450 fewer than before').waitFor()
    const changed = page.getByRole('table', { name: 'Rows with another fate' })
    expect(await changed.getByRole('img', { name: 'kept before, dropped now' }).count()).toBe(6)
    await page.getByText('showing 6 of 450: show more').click()
    expect(await changed.getByRole('img', { name: 'kept before, dropped now' }).count()).toBe(106)
    await page.getByText('of the 1,000 rows of the sample').waitFor()
    await picture(page, `rows-fate-${theme}`)
    // One that does not parse says so, and nothing of fates.
    await formula.click()
    await page.keyboard.press('End')
    await page.keyboard.type(' &&')
    await page.locator('[data-fates]').waitFor({ state: 'detached' })
    for (let i = 0; i < 3; ++i) await page.keyboard.press('Backspace')
    await page.getByText('450 fewer than before').waitFor()

    // Where is my row? By a value, over all that the flow reads.
    await page.keyboard.press('Control+k')
    await page.keyboard.type('where is my row')
    await page.keyboard.press('Enter')
    await ask(page, '4703')
    await page.getByText('Only paid stopped it').waitFor()
    await page.getByText('read from').waitFor()
    await page.getByText('orders.csv, line 5', { exact: false }).waitFor()
    const way = page.getByRole('list', { name: 'The way of the row' })
    expect(await way.innerText()).toContain('row.status == "paid" is false')
    await picture(page, `rows-way-${theme}`)
    expect(await findings(page)).toEqual([])

    // What is not there, many that are, and what is no formula.
    await ask(page, '470')
    await page.getByText('No cell is exactly').waitFor()
    await page.getByRole('button', { name: 'Look for cells that have it in them' }).click()
    await page.getByText('11 rows fit:').waitFor()
    await ask(page, 'open')
    await page.getByText('The first 20 rows that fit, there may be more:').waitFor()
    await page.getByText('Only paid stopped it').waitFor()
    await page.getByRole('group', { name: 'Rows that fit' }).getByRole('button').nth(1).click()
    await way.getByText('4707').waitFor()
    await ask(page, 'row.id ==')
    await page.getByText('It could not be followed').waitFor()

    // A total, and the rows that made it.
    await page.getByRole('tab', { name: 'Data' }).click()
    await page
      .getByRole('columnheader', { name: /region/ })
      .getByRole('button')
      .first()
      .click()
    await page.getByRole('button', { name: 'Summarise by region' }).click()
    await page.getByRole('columnheader', { name: /sum_quantity/ }).waitFor()
    await page.getByRole('gridcell', { name: 'north' }).click({ button: 'right' })
    await picture(page, `rows-menu-${theme}`)
    await page.getByRole('menuitem', { name: 'Rows behind it' }).click()
    await page.getByText('made of: region is north').waitFor()
    await page.getByText(/showing [\d,]+ of [\d,]+ matches in [\d,]+ kept/).waitFor()
    await picture(page, `rows-behind-${theme}`)
    expect(await findings(page)).toEqual([])
    await page.getByRole('button', { name: 'Leave the rows behind the total' }).click()
    expect(refused).toEqual([])
    await page.context().close()
  })
})
