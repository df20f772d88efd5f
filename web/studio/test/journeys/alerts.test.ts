// Alerts as a person makes them: about a figure of a flow in this browser, seen to have been due, raised, muted; about runs of a server; an old log.
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { publish, sharesFlow, whyNot, world, type World } from './world.ts'

const reason = whyNot()
if (reason !== '') console.warn(`journeys of alerts are skipped: ${reason}`)
const PICTURES = process.env.WEIR_PICTURES ?? ''
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const PATIENT = { timeout: 60_000 }

/** In each theme. */
async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES === '') return
  mkdirSync(PICTURES, { recursive: true })
  for (const theme of ['dark', 'light']) {
    await page.evaluate((one) => {
      document.documentElement.dataset.theme = one
    }, theme)
    await page.screenshot({ path: `${PICTURES}/${name}-${theme}.png` })
  }
}

interface Found {
  html: string
  any: { message: string }[]
}

/** What axe finds that is serious, with its reason. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  return await page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: Found[] }[] }> }
    }
    const { violations } = await axe.run()
    return violations
      .filter((one) => one.impact === 'serious' || one.impact === 'critical')
      .flatMap((one) =>
        one.nodes.map((node) => `${one.id}: ${node.html}: ${node.any.map(({ message }) => message).join('; ')}`)
      )
  })
}

/** Gives 50 rows a second until it is stopped. */
const steady = {
  id: 'steady',
  version: '1.0.0',
  nodes: [
    { id: 'make', typeId: 'generate/pattern', version: '1.0.0', settings: { rows: 0, rate: 50, batchRows: 5 } },
    { id: 'half', typeId: 'logic/map', version: '1.0.0', settings: { set: { half: 'row.value / 2.0' } } },
    { id: 'show', typeId: 'debug/log', version: '1.0.0', settings: { rows: 3 } }
  ],
  edges: [
    { id: 'rows', source: { node: 'make', port: 'rows' }, target: { node: 'half', port: 'rows' } },
    { id: 'halves', source: { node: 'half', port: 'rows' }, target: { node: 'show', port: 'rows' } }
  ]
}

/** Keys count when the tools of the page are there, which is a little after the flow is seen; in the dialog the key means nothing. */
async function command(page: Page, words: string): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Commands' })
  await expect
    .poll(
      async () => {
        await page.keyboard.press('Control+k')
        return await dialog.isVisible()
      },
      { timeout: 30_000, interval: 1000 }
    )
    .toBe(true)
  await dialog.getByRole('combobox').fill(words)
  await dialog.getByRole('option', { selected: true }).filter({ hasText: words }).waitFor()
  await page.keyboard.press('Enter')
}

async function openFile(page: Page, document: object, name: string): Promise<void> {
  const choose = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: /^Choose (a file|files)…$/ }).click()
  await (
    await choose
  ).setFiles({
    name: `${name}.flow.json`,
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(document))
  })
  await page.getByText('all saved').waitFor(PATIENT)
}

describe.skipIf(reason !== '')('alerts', { timeout: 240_000 }, () => {
  let here: World

  beforeAll(async () => {
    here = await world()
    await publish(here.api, sharesFlow())
  }, 600_000)
  afterAll(async () => {
    await here.end()
  })

  it('are made about a figure, shown when they would have been raised, raised as news, muted and mended', async () => {
    const page = await here.page('editor')
    page.context().setDefaultTimeout(30_000)
    await page.goto(`${here.url}#/local`)
    await openFile(page, steady, 'steady')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByRole('button', { name: 'Stop' }).waitFor(PATIENT)
    await page.waitForTimeout(6000)
    await command(page, 'Alert me')
    const dialog = page.getByRole('dialog', { name: 'Alert me when…' })
    await dialog.getByLabel('Of', { exact: true }).selectOption('rows')
    await dialog.getByLabel('Figure', { exact: true }).selectOption('rowsPerSecond')
    const over = dialog.getByLabel('Over', { exact: true })
    await over.fill('many')
    await dialog.getByText("'many' is no number.").first().waitFor()
    await dialog.getByRole('button', { name: 'Add the alert' }).click()
    await dialog.getByRole('alert').waitFor()
    await over.fill('1000000')
    await dialog.getByText(/^It would not have been raised in/).waitFor()
    await over.fill('5')
    await dialog.getByText(/It would have been raised once in .* of Test of draft/).waitFor()
    await picture(page, 'alert-me')
    expect.soft(await findings(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Add the alert' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByRole('button', { name: 'Run', exact: true }).waitFor(PATIENT)
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    const news = page.getByRole('status').getByRole('listitem').filter({ hasText: 'make to half: rows a second' })
    await news.waitFor(PATIENT)
    await page.getByRole('button', { name: /1 problem/ }).waitFor()
    await page.getByText('▲ raised').waitFor()
    await picture(page, 'alert-raised')
    expect.soft(await findings(page)).toEqual([])
    await page.getByRole('button', { name: 'More about make to half: rows a second' }).click()
    await page.getByRole('menuitem', { name: 'Mute for 8 hours' }).click()
    await page.getByText(/muted until/).waitFor()
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByRole('button', { name: 'Run', exact: true }).waitFor(PATIENT)
    await page.keyboard.press('Control+z')
    await page.getByText('Undone: Mute an alert').first().waitFor()
    await page.context().close()
  })

  it('of a node that is gone say so, and are led to another', async () => {
    const page = await here.page('editor')
    page.context().setDefaultTimeout(30_000)
    await page.goto(`${here.url}#/local`)
    const alerts = [{ name: 'Slow', metric: 'gone.latencyMs', over: 5 }]
    await openFile(page, { ...steady, id: 'gone', alerts }, 'gone')
    await page.getByText("'latencyMs' is measured of a node, and 'gone' is none.").first().waitFor()
    await page.getByRole('button', { name: 'More about Slow' }).click()
    await page.getByRole('menuitem', { name: 'Change…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Change Slow' })
    await dialog.getByText("'gone' is not in this flow any more").waitFor()
    await picture(page, 'alert-gone')
    await dialog.getByLabel('Of', { exact: true }).selectOption('half')
    await dialog.getByRole('button', { name: 'Keep the alert' }).click()
    await page.getByText('half: time of a step (99 %) over 5 ms').waitFor()
    await page.context().close()
  })

  it('about failed and missed runs are rules of the server, and channels are complete', async () => {
    const page = await here.page('admin')
    page.context().setDefaultTimeout(30_000)
    await page.goto(`${here.url}#/flows/shares/edit`)
    await page.getByText('all saved').waitFor(PATIENT)
    await command(page, 'Alert me')
    await page
      .getByRole('dialog', { name: 'Alert me when…' })
      .getByLabel('Figure', { exact: true })
      .selectOption('missed')
    const dialog = page.getByRole('dialog', { name: 'New rule' })
    expect(await dialog.getByLabel('Only series with').inputValue()).toBe('flow=shares, outcome=done')
    await dialog.getByLabel('Only series with').fill('flow')
    await dialog.getByText('Write NAME=VALUE, with commas between.').waitFor()
    await dialog.getByLabel('Only series with').fill('flow=shares, outcome=done')
    await picture(page, 'alert-missed')
    await dialog.getByRole('button', { name: 'Keep the rule' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.goto(`${here.url}#/alerts?part=rules`)
    await page.getByText('no run of shares has ended well within 1 d 2 h').waitFor()
    await picture(page, 'alert-rules')
    await here.api.ended('shares')
    const metrics = await (await fetch(`${here.api.url}/metrics`)).text()
    expect(metrics).toContain('weir_flow_runs_ended_total{folder="",flow="shares",outcome="done"} 1')
    const root = await here.page('root')
    await root.goto(`${here.url}#/alerts?part=channels`)
    await root.getByText('This browser', { exact: true }).waitFor()
    await root.getByRole('button', { name: 'New channel' }).click()
    await root.getByLabel('Security').waitFor()
    await picture(root, 'alert-channel')
    await page.context().close()
    await root.context().close()
  })

  it('leave a log that is read back to its first line', async () => {
    const show = { typeId: 'debug/log', version: '1.0.0', settings: { rows: 1000 } }
    const flow = {
      id: 'lines',
      version: '1.0.0',
      nodes: [
        { id: 'make', typeId: 'generate/pattern', version: '1.0.0', settings: { rows: 600 } },
        { id: 'first', ...show },
        { id: 'second', ...show }
      ],
      edges: [
        { id: 'rows', source: { node: 'make', port: 'rows' }, target: { node: 'first', port: 'rows' } },
        { id: 'again', source: { node: 'first', port: 'rows' }, target: { node: 'second', port: 'rows' } }
      ]
    }
    await publish(here.api, flow)
    const run = await here.api.ended('lines')
    const { logs } = (await here.api.ask('GET', `/runs/${run}/logs?limit=1000`)) as { logs: unknown[] }
    expect(logs).toHaveLength(1000)
    const page = await here.page('editor')
    await page.goto(`${here.url}#/runs/${run}?tab=log`)
    await page.getByText('the newest 500 lines').waitFor(PATIENT)
    await page.getByRole('button', { name: 'Earlier lines' }).scrollIntoViewIfNeeded()
    await page.getByText('the newest 1,000 lines').waitFor(PATIENT)
    await page.getByRole('button', { name: 'Earlier lines' }).scrollIntoViewIfNeeded()
    await page.getByText(/^1,\d\d\d lines$/).waitFor(PATIENT)
    await page.context().close()
  })
})
