// A flow in the editor against a real server: saved by itself, kept through a reload, a server that goes away, a second tab, rights.
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { publish, sharesFlow, whyNot, world, type World } from './world.ts'

const reason = whyNot()
if (reason !== '') console.warn(`journeys of the editor are skipped: ${reason}`)
const PICTURES = process.env.WEIR_PICTURES ?? ''
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

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

/** Changes what the flow says of itself, as a person would. */
async function describeFlow(page: Page, words: string): Promise<void> {
  await page.getByRole('button', { name: /^More about/ }).click()
  await page.getByRole('menuitem', { name: 'About this flow…' }).click()
  await page.getByLabel('What it does').fill(words)
  await page.getByRole('button', { name: 'Keep', exact: true }).click()
}

async function undo(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^More about/ }).click()
  await page.getByRole('menuitem', { name: 'Undo: Describe the flow' }).click()
}

const SAVED = 'all saved'

describe.skipIf(reason !== '')('the editor', () => {
  let here: World
  const kept = async (flow = 'shares') => {
    const { document } = (await here.api.ask('GET', `/flows/${flow}`)) as {
      document: { metadata?: { description?: string } }
    }
    return document.metadata?.description
  }
  const open = (page: Page, flow = 'shares') => page.goto(`${here.url}#/flows/${flow}/edit`)

  beforeAll(async () => {
    here = await world({ base: '/weir/' })
    await publish(here.api, sharesFlow())
    for (const id of ['away', 'tabs', 'versions', 'both']) await here.api.ask('POST', '/flows', { ...sharesFlow(), id })
  })
  afterAll(async () => {
    await here.end()
  })

  it('saves by itself, and undo outlives a reload', async () => {
    const page = await here.page('editor')
    await page.getByRole('link', { name: 'shares', exact: true }).click()
    await page.getByText(SAVED).waitFor()
    await describeFlow(page, 'Shares it all')
    await page.getByText('not saved yet').waitFor()
    await page.getByText(SAVED).waitFor()
    expect(await kept()).toBe('Shares it all')
    await page.reload()
    await page.getByText(SAVED).waitFor()
    await undo(page)
    await page.getByText('Undone: Describe the flow').first().waitFor()
    await expect.poll(() => kept(), { timeout: 10_000 }).toBe('Splits what is left')
    await page.context().close()
  })

  it('goes on while the server is away, also through a reload, and brings it there', async () => {
    const page = await here.page('editor')
    await open(page, 'away')
    await page.getByText(SAVED).waitFor()
    await page.route('**/api/v1/flows/away**', (route) => route.abort())
    await describeFlow(page, 'Made without a server')
    await page.getByText('The server does not answer. Work goes on in this browser').waitFor()
    await picture(page, 'editor-server-away')
    await page.reload()
    await page.getByText('The server does not answer. Work goes on in this browser').waitFor()
    expect(await kept('away')).toBe('Splits what is left')
    await page.unroute('**/api/v1/flows/away**')
    await page.getByText(SAVED).waitFor({ timeout: 20_000 })
    expect(await kept('away')).toBe('Made without a server')
    await page.context().close()
  })

  it('asks where two changed the same, with both values', async () => {
    const page = await here.page('editor')
    await open(page, 'both')
    await page.getByText(SAVED).waitFor()
    const theirs = { ...sharesFlow(), id: 'both', metadata: { description: 'Theirs', tags: ['nightly'] } }
    await here.api.ask('PUT', '/flows/both', theirs, { 'if-match': '*' })
    await describeFlow(page, 'Mine')
    await page.getByRole('button', { name: 'Choose…' }).click()
    const choice = page.getByRole('group', { name: 'metadata.description' })
    await choice.getByRole('button', { name: /Mine/ }).first().waitFor()
    await picture(page, 'editor-conflict')
    expect(await kept('both')).toBe('Theirs')
    await choice.getByRole('button', { name: /^Mine/ }).click()
    await page.getByRole('button', { name: 'Take these' }).click()
    await page.getByText(SAVED).waitFor()
    expect(await kept('both')).toBe('Mine')
    await page.context().close()
  })

  it('is followed in a second tab, which can take it over', async () => {
    const first = await here.page('editor')
    await open(first, 'tabs')
    await first.getByText(SAVED).waitFor()
    const second = await first.context().newPage()
    await open(second, 'tabs')
    await second.getByText('Another tab of this browser edits this flow').waitFor()
    await describeFlow(first, 'Seen in both')
    await first.getByText(SAVED).waitFor()
    await second.getByRole('button', { name: 'Edit here' }).click()
    await second.getByText(SAVED).waitFor()
    await first.getByText('Another tab of this browser edits this flow').waitFor()
    await undo(second)
    await expect.poll(() => kept('tabs'), { timeout: 10_000 }).toBe('Splits what is left')
    await first.context().close()
  })

  it('publishes what differs, and goes back to a version', async () => {
    const page = await here.page('admin')
    await open(page, 'versions')
    await page.getByText(SAVED).waitFor()
    await page.getByRole('button', { name: 'Publish…' }).click()
    await page.getByText('It is the first version that is published.').waitFor()
    await page.getByRole('button', { name: 'Publish', exact: true }).click()
    await page.getByText('Version 1 is published.').first().waitFor()
    await describeFlow(page, 'Another')
    await page.getByText('not saved yet').waitFor()
    await page.getByText(SAVED).waitFor()
    await page.getByRole('button', { name: 'Publish…' }).click()
    await page.getByRole('region', { name: 'What differs' }).getByText('metadata.description').waitFor()
    await picture(page, 'editor-publish')
    await page.getByRole('button', { name: 'Publish', exact: true }).click()
    await page.getByText('Version 2 is published.').first().waitFor()
    await page.getByRole('button', { name: /^More about/ }).click()
    await page.getByRole('menuitem', { name: 'History…' }).click()
    await page.getByRole('button', { name: /^Version 1/ }).click()
    await page.getByRole('button', { name: 'Go back to this' }).click()
    await expect.poll(() => kept('versions'), { timeout: 10_000 }).toBe('Splits what is left')
    await page.context().close()
  })

  it('shows those who may not edit nothing to edit with', async () => {
    const page = await here.page('viewer')
    await open(page)
    await page.getByText('You may look at flows of this folder, and not change them.').waitFor()
    expect(await page.getByRole('button', { name: 'Publish…' }).count()).toBe(0)
    await page.getByRole('button', { name: /^More about/ }).click()
    await page.getByRole('menuitem', { name: 'History…' }).waitFor()
    expect(await page.getByRole('menuitem').allTextContents()).toEqual([
      'History…',
      'Dashboards…',
      'Download',
      'Share as form…'
    ])
    await page.context().close()
  })

  it.each(['dark', 'light'] as const)('is clean for axe-core in %s, and nothing of it is refused', async (theme) => {
    const page = await here.page('editor', theme)
    const refused: string[] = []
    page.on('console', (message) => {
      if (/Content Security Policy|Refused to/.test(message.text())) refused.push(message.text())
    })
    page.on('pageerror', (error) => refused.push(error.message))
    await open(page)
    await page.getByText(SAVED).waitFor()
    expect(await findings(page)).toEqual([])
    await picture(page, `editor-${theme}`)
    await page.getByRole('button', { name: 'Publish…' }).click()
    await page.getByRole('dialog').waitFor()
    expect(await findings(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.setViewportSize({ width: 390, height: 800 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    expect(await findings(page)).toEqual([])
    await picture(page, `editor-${theme}-phone`)
    expect(refused).toEqual([])
    await page.context().close()
  })
})
